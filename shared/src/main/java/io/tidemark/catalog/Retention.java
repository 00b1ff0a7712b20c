package io.tidemark.catalog;

import com.fasterxml.jackson.annotation.JsonValue;
import io.tidemark.protocol.FailureCode;
import io.tidemark.protocol.Mode;
import io.tidemark.protocol.RefusedException;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How far behind the upper a collection stays readable.
 *
 * @param distance in the unit of the collection's times: milliseconds in ingest mode; at least 1,
 *     so that the newest complete time can always be read
 */
public record Retention(@JsonValue long distance) {

  /** No time ever becomes unreadable. */
  public static final Retention FOREVER = new Retention(Long.MAX_VALUE);

  private static final String FOREVER_TEXT = "forever";

  private static final Pattern NUMBER = Pattern.compile("\\d{1,19}");

  private static final Pattern SPAN = Pattern.compile("(\\d{1,18})(ms|s|m|h|d)");

  private static final List<String> UNITS = List.of("ms", "s", "m", "h", "d");

  public Retention {
    if (distance < 1) {
      throw new IllegalArgumentException("a retention of " + distance);
    }
  }

  /**
   * What a user asks for: {@code "forever"}; a number; in ingest mode a span of time, such as
   * {@code "7d"} or {@code "P7D"}. A text without a unit is refused there: what a slip would let go
   * does not come back.
   *
   * @throws RefusedException with {@link FailureCode#INVALID_ROW}
   */
  public static Retention parse(@Nullable Object value, Mode mode) {
    try {
      if (value instanceof Integer || value instanceof Long) {
        return new Retention(((Number) value).longValue());
      }
      if (value instanceof String text) {
        return parse(text, mode);
      }
    } catch (IllegalArgumentException | ArithmeticException | DateTimeParseException e) {
      // said below
    }
    throw invalid(value, mode);
  }

  private static Retention parse(String text, Mode mode) {
    if (text.equals(FOREVER_TEXT)) {
      return FOREVER;
    }
    if (mode == Mode.SOURCE) {
      if (NUMBER.matcher(text).matches()) {
        return new Retention(Long.parseLong(text));
      }
      throw invalid(text, mode);
    }
    Matcher span = SPAN.matcher(text);
    return new Retention(
        span.matches()
            ? Math.multiplyExact(Long.parseLong(span.group(1)), millis(span.group(2)))
            : Duration.parse(text).toMillis());
  }

  private static long millis(String unit) {
    Duration duration =
        switch (unit) {
          case "ms" -> Duration.ofMillis(1);
          case "s" -> Duration.ofSeconds(1);
          case "m" -> Duration.ofMinutes(1);
          case "h" -> Duration.ofHours(1);
          default -> Duration.ofDays(1);
        };
    return duration.toMillis();
  }

  private static RefusedException invalid(@Nullable Object value, Mode mode) {
    return new RefusedException(
        FailureCode.INVALID_ROW,
        "\"retention\" is '"
            + value
            + (mode == Mode.INGEST
                ? "': use a span of time of at least a millisecond, such as 7d, 12h, 90s or P7D,"
                    + " or forever"
                : "': use a whole number from 1, in the unit of the source's times, or forever"));
  }

  /** As it is shown in JSON, and understood again: a number, or {@code "forever"}. */
  public Object json() {
    return equals(FOREVER) ? FOREVER_TEXT : (Object) distance;
  }

  /** For people, and understood again by {@link #parse}: in ingest mode in the largest unit. */
  public String text(Mode mode) {
    if (equals(FOREVER)) {
      return FOREVER_TEXT;
    }
    if (mode == Mode.SOURCE) {
      return Long.toString(distance);
    }
    String unit = "ms";
    for (String larger : UNITS) {
      unit = distance % millis(larger) == 0 ? larger : unit;
    }
    return distance / millis(unit) + unit;
  }
}
