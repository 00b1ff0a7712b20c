package io.tidemark.row;

import com.fasterxml.jackson.core.io.NumberOutput;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.YearMonth;

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

  private static final int MICROS_PER_SECOND = 1_000_000;
  private static final int SECONDS_PER_DAY = 86_400;
  private static final int MAX_YEAR_DIGITS = 9;

  /** The longest timestamp, with a year of a sign and ten digits. */
  private static final int MAX_CHARS = 40;

  private static final int DAYS_PER_ERA = 146_097;
  private static final int DAYS_FROM_MARCH_0_TO_1970 = 719_468;

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
    byte[] room = out.room(MAX_CHARS);
    out.advance(putDate(room, out.length(), days));
  }

  /** Writes the timestamp that is {@code micros} microseconds after 1970-01-01T00:00:00Z. */
  static void putTimestamp(ByteSink out, long micros) {
    byte[] room = out.room(MAX_CHARS);
    long seconds = Math.floorDiv(micros, (long) MICROS_PER_SECOND);
    int secondOfDay = Math.floorMod(seconds, SECONDS_PER_DAY);
    int fraction = Math.floorMod(micros, MICROS_PER_SECOND);
    int at = putDate(room, out.length(), Math.floorDiv(seconds, (long) SECONDS_PER_DAY));
    room[at] = 'T';
    putTwoDigits(room, at + 1, secondOfDay / 3600);
    room[at + 3] = ':';
    putTwoDigits(room, at + 4, secondOfDay / 60 % 60);
    room[at + 6] = ':';
    putTwoDigits(room, at + 7, secondOfDay % 60);
    at += 9;
    if (fraction != 0) {
      room[at] = '.';
      putTwoDigits(room, at + 1, fraction / 10_000);
      putTwoDigits(room, at + 3, fraction / 100 % 100);
      putTwoDigits(room, at + 5, fraction % 100);
      at += 7;
    }
    room[at++] = 'Z';
    out.advance(at);
  }

  /**
   * Writes a date and returns where it ends. The year is counted from March on in eras of 400
   * years, which all have the same days, so that a leap day is the last of its year.
   */
  private static int putDate(byte[] to, int from, long days) {
    long sinceMarch0 = days + DAYS_FROM_MARCH_0_TO_1970;
    long era = Math.floorDiv(sinceMarch0, (long) DAYS_PER_ERA);
    int dayOfEra = Math.floorMod(sinceMarch0, DAYS_PER_ERA);
    int yearOfEra =
        (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / (DAYS_PER_ERA - 1)) / 365;
    int dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
    int monthFromMarch = (5 * dayOfYear + 2) / 153;
    int month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
    int at = putYear(to, from, era * 400 + yearOfEra + (month <= 2 ? 1 : 0));
    to[at] = '-';
    putTwoDigits(to, at + 1, month);
    to[at + 3] = '-';
    putTwoDigits(to, at + 4, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1);
    return at + 6;
  }

  private static int putYear(byte[] to, int from, long year) {
    int at = from;
    if (year < 0 || year > 9999) {
      to[at++] = (byte) (year < 0 ? '-' : '+');
    }
    int size = (int) Math.abs(year);
    if (size > 9999) {
      return NumberOutput.outputInt(size, to, at);
    }
    putTwoDigits(to, at, size / 100);
    putTwoDigits(to, at + 2, size % 100);
    return at + 4;
  }

  private static void putTwoDigits(byte[] to, int at, int value) {
    to[at] = (byte) ('0' + value / 10);
    to[at + 1] = (byte) ('0' + value % 10);
  }

  /** Days since 1970-01-01; the day is one of its month. */
  private static long epochDay(long year, int month, int day) {
    long marchYear = month <= 2 ? year - 1 : year;
    long era = Math.floorDiv(marchYear, 400L);
    int yearOfEra = Math.floorMod(marchYear, 400);
    int dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    int dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
    return era * DAYS_PER_ERA + dayOfEra - DAYS_FROM_MARCH_0_TO_1970;
  }

  /**
   * Reads a date, as days after 1970-01-01.
   *
   * @throws DateTimeException if the text is none
   */
  static long date(char[] text, int from, int length) {
    Cursor in = new Cursor(text, from, length);
    long days = in.epochDay();
    in.expectEnd();
    return days;
  }

  /**
   * Reads a timestamp, as microseconds after 1970-01-01T00:00:00Z.
   *
   * @throws DateTimeException if the text is none, has no offset, or is finer than a microsecond
   */
  static long timestamp(char[] text, int from, int length) {
    Cursor in = new Cursor(text, from, length);
    long seconds = in.epochDay() * SECONDS_PER_DAY;
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
    private final char[] text;
    private final int from;
    private final int end;
    private int at;

    Cursor(char[] text, int from, int length) {
      this.text = text;
      this.from = from;
      this.end = from + length;
      this.at = from;
    }

    long epochDay() {
      int sign = accept('-') ? -1 : accept('+') ? 1 : 0;
      int first = at;
      int year = number(4, 9999);
      while (sign != 0 && at - first < MAX_YEAR_DIGITS && digit() >= 0) {
        year = year * 10 + digit();
        at++;
      }
      year = sign < 0 ? -year : year;
      expect('-');
      int month = number(2, 12);
      expect('-');
      int day = number(2, 31);
      if (month == 0 || day == 0 || (day > 28 && day > YearMonth.of(year, month).lengthOfMonth())) {
        throw new DateTimeException("there is no such day");
      }
      return IsoTime.epochDay(year, month, day);
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
      int digit = at < end ? text[at] - '0' : -1;
      return digit > 9 ? -1 : digit;
    }

    boolean accept(char c) {
      boolean there = at < end && text[at] == c;
      at += there ? 1 : 0;
      return there;
    }

    void expect(char c) {
      if (!accept(c)) {
        throw unexpected();
      }
    }

    boolean atEnd() {
      return at == end;
    }

    void expectEnd() {
      if (!atEnd()) {
        throw unexpected();
      }
    }

    DateTimeException unexpected() {
      return new DateTimeException(
          atEnd() ? "it ends too early" : "it goes wrong at character " + (at - from + 1));
    }
  }
}
