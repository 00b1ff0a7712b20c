package io.tidemark.row;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;

/**
 * Dates and timestamps as ISO-8601 text, read and written by hand because rows are full of them.
 *
 * <pre>
 *   date       year-MM-dd
 *   timestamp  date 'T' HH:mm[:ss[.fraction]] offset      offset  'Z' or +HH:mm or -HH:mm
 *   year       four digits; a sign and four to nine digits outside 0000 to 9999
 * </pre>
 *
 * What is written is in UTC, with a fraction of six digits iff it is not zero. What is read may
 * have a blank for the {@code T}, and an offset without its colon or its minutes, as other systems
 * write them.
 */
final class IsoTime {

  static final String EXAMPLE_DATE = "2024-02-29";
  static final String EXAMPLE_TIMESTAMP = "2024-02-29T12:30:00.25Z";

  private static final int MICROS_PER_SECOND = 1_000_000;
  private static final int SECONDS_PER_DAY = 86_400;
  private static final int MAX_YEAR_DIGITS = 9;

  private IsoTime() {}

  /** The instant that is {@code micros} microseconds after 1970-01-01T00:00:00Z. */
  static Instant instant(long micros) {
    long seconds = Math.floorDiv(micros, (long) MICROS_PER_SECOND);
    return Instant.ofEpochSecond(seconds, Math.floorMod(micros, MICROS_PER_SECOND) * 1000L);
  }

  /**
   * The microseconds from 1970-01-01T00:00:00Z to an instant.
   *
   * @throws DateTimeException if it is finer than a microsecond, or more than 64 bits hold
   */
  static long micros(Instant instant) {
    return micros(instant.getEpochSecond(), instant.getNano());
  }

  private static long micros(long seconds, int nanos) {
    if (nanos % 1000 != 0) {
      throw new DateTimeException(
          "a timestamp has at most six digits after the second: truncate it to microseconds");
    }
    try {
      // A negative second is counted from its end, or the lowest instant would not fit in between.
      long whole = seconds < 0 ? seconds + 1 : seconds;
      int rest = nanos / 1000 - (seconds < 0 ? MICROS_PER_SECOND : 0);
      return Math.addExact(Math.multiplyExact(whole, (long) MICROS_PER_SECOND), rest);
    } catch (ArithmeticException e) {
      throw new DateTimeException("the timestamp is out of range", e);
    }
  }

  /** Writes the date that is {@code days} days after 1970-01-01. */
  static void putDate(ByteSink out, long days) {
    LocalDate date = LocalDate.ofEpochDay(days);
    int year = date.getYear();
    if (year < 0 || year > 9999) {
      out.putByte(year < 0 ? '-' : '+');
    }
    int size = Math.abs(year);
    if (size > 9999) {
      out.putDecimal(size);
    } else {
      putTwoDigits(out, size / 100);
      putTwoDigits(out, size % 100);
    }
    out.putByte('-');
    putTwoDigits(out, date.getMonthValue());
    out.putByte('-');
    putTwoDigits(out, date.getDayOfMonth());
  }

  /** Writes the timestamp that is {@code micros} microseconds after 1970-01-01T00:00:00Z. */
  static void putTimestamp(ByteSink out, long micros) {
    long seconds = Math.floorDiv(micros, (long) MICROS_PER_SECOND);
    int secondOfDay = Math.floorMod(seconds, SECONDS_PER_DAY);
    putDate(out, Math.floorDiv(seconds, (long) SECONDS_PER_DAY));
    out.putByte('T');
    putTwoDigits(out, secondOfDay / 3600);
    out.putByte(':');
    putTwoDigits(out, secondOfDay / 60 % 60);
    out.putByte(':');
    putTwoDigits(out, secondOfDay % 60);
    int fraction = Math.floorMod(micros, MICROS_PER_SECOND);
    if (fraction != 0) {
      out.putByte('.');
      putTwoDigits(out, fraction / 10_000);
      putTwoDigits(out, fraction / 100 % 100);
      putTwoDigits(out, fraction % 100);
    }
    out.putByte('Z');
  }

  private static void putTwoDigits(ByteSink out, int value) {
    out.putByte('0' + value / 10);
    out.putByte('0' + value % 10);
  }

  /**
   * Reads a date.
   *
   * @throws DateTimeException if the text is none
   */
  static LocalDate date(String text) {
    Cursor in = new Cursor(text);
    LocalDate date = in.date();
    in.expectEnd();
    return date;
  }

  /**
   * Reads a timestamp, as microseconds after 1970-01-01T00:00:00Z.
   *
   * @throws DateTimeException if the text is none, has no offset, or is finer than a microsecond
   */
  static long timestamp(String text) {
    Cursor in = new Cursor(text);
    long seconds = in.date().toEpochDay() * SECONDS_PER_DAY;
    if (!in.accept('T') && !in.accept('t') && !in.accept(' ')) {
      throw in.unexpected();
    }
    seconds += in.number(2, 23) * 3600L;
    in.expect(':');
    seconds += in.number(2, 59) * 60L;
    int nanos = 0;
    if (in.accept(':')) {
      seconds += in.number(2, 59);
      nanos = in.accept('.') || in.accept(',') ? in.fraction() : 0;
    }
    if (in.atEnd()) {
      throw new DateTimeException(
          "a timestamp without an offset is no point in time: end it with Z or, say, +02:00");
    }
    seconds -= in.offsetSeconds();
    in.expectEnd();
    return micros(seconds, nanos);
  }

  /** Walks over a text. */
  private static final class Cursor {
    private final String text;
    private int at;

    Cursor(String text) {
      this.text = text;
    }

    LocalDate date() {
      int sign = accept('-') ? -1 : accept('+') ? 1 : 0;
      int from = at;
      int year = number(4, 9999);
      while (sign != 0 && at - from < MAX_YEAR_DIGITS && digit() >= 0) {
        year = year * 10 + digit();
        at++;
      }
      expect('-');
      int month = number(2, 12);
      expect('-');
      return LocalDate.of(sign < 0 ? -year : year, month, number(2, 31));
    }

    int offsetSeconds() {
      if (accept('Z') || accept('z')) {
        return 0;
      }
      int sign = accept('-') ? -1 : 1;
      if (sign > 0) {
        expect('+');
      }
      int seconds = number(2, 23) * 3600;
      if (!atEnd()) {
        boolean colon = accept(':');
        seconds += colon || digit() >= 0 ? number(2, 59) * 60 : 0;
      }
      return sign * seconds;
    }

    /** One to nine digits, as nanoseconds. */
    int fraction() {
      int nanos = number(1, 9);
      for (int digits = 1; digits < 9; digits++) {
        int digit = digit();
        nanos = nanos * 10 + Math.max(digit, 0);
        at += digit >= 0 ? 1 : 0;
      }
      return nanos;
    }

    /** A number of exactly this many digits. */
    int number(int digits, int max) {
      int value = 0;
      for (int i = 0; i < digits; i++) {
        int digit = digit();
        if (digit < 0) {
          throw unexpected();
        }
        value = value * 10 + digit;
        at++;
      }
      if (value > max) {
        throw new DateTimeException(value + " is past " + max);
      }
      return value;
    }

    private int digit() {
      int digit = at < text.length() ? text.charAt(at) - '0' : -1;
      return digit > 9 ? -1 : digit;
    }

    boolean accept(char c) {
      boolean there = at < text.length() && text.charAt(at) == c;
      at += there ? 1 : 0;
      return there;
    }

    void expect(char c) {
      if (!accept(c)) {
        throw unexpected();
      }
    }

    boolean atEnd() {
      return at == text.length();
    }

    void expectEnd() {
      if (!atEnd()) {
        throw unexpected();
      }
    }

    DateTimeException unexpected() {
      return new DateTimeException(
          atEnd() ? "it ends too early" : "it goes wrong at character " + (at + 1));
    }
  }
}
