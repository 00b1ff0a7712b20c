package io.tidemark.row;

import java.time.DateTimeException;
import java.time.Instant;

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

  private static final long MICROS_PER_SECOND = 1_000_000;

  private IsoTime() {}

  /** The instant that is {@code micros} microseconds after 1970-01-01T00:00:00Z. */
  static Instant instant(long micros) {
    long seconds = Math.floorDiv(micros, MICROS_PER_SECOND);
    return Instant.ofEpochSecond(seconds, Math.floorMod(micros, MICROS_PER_SECOND) * 1000);
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
      long rest = nanos / 1000 - (seconds < 0 ? MICROS_PER_SECOND : 0);
      return Math.addExact(Math.multiplyExact(whole, MICROS_PER_SECOND), rest);
    } catch (ArithmeticException e) {
      throw new DateTimeException("the timestamp is out of range", e);
    }
  }
}
