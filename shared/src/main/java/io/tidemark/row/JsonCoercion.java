package io.tidemark.row;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The rules by which JSON values become values of columns; what does not fit is refused, never
 * rounded or guessed.
 *
 * <ul>
 *   <li>{@code bool}: true and false
 *   <li>{@code int32}, {@code int64}: whole numbers in range. With a fraction or exponent (1.0,
 *       1e3: many writers of JSON know only floats) up to 2<sup>53</sup> - 1, since past it such a
 *       number may already have been rounded on its way. {@code int64} also as text
 *   <li>{@code float64}: numbers in range, and the texts NaN, Infinity and -Infinity
 *   <li>{@code decimal}: numbers and texts with no more digits than the type
 *   <li>{@code string}: texts
 *   <li>{@code bytes}: base64 text, in the standard alphabet or the one safe for URLs (which is
 *       Vert.x's), with or without padding
 *   <li>{@code date}, {@code timestamp}: the texts of {@link IsoTime}; a timestamp with its offset
 *   <li>{@code json}: any value but null
 * </ul>
 *
 * Of what a {@code JsonObject} may hold besides, {@code byte[]} and {@code Buffer} are bytes, an
 * {@code Instant} is a timestamp, and an enum constant is its name. Null is no value: the column is
 * null.
 */
final class JsonCoercion {

  /** The largest whole number that every reader and writer of JSON keeps. */
  static final long MAX_SAFE_INTEGER = (1L << 53) - 1;

  static final String WANTED_INT64 =
      "a whole number from -2^63 to 2^63 - 1, beyond 2^53 best as text";

  private static final BigInteger MAX_SAFE = BigInteger.valueOf(MAX_SAFE_INTEGER);
  private static final ColumnType WHOLE = ColumnType.decimal(19, 0);
  private static final Pattern INTEGER = Pattern.compile("-?[0-9]{1,40}");
  private static final Pattern DECIMAL =
      Pattern.compile("-?[0-9]{1,1000}(\\.[0-9]{1,1000})?([eE][-+]?[0-9]{1,9})?");

  /** How much of a value an error's text shows. */
  private static final int MAX_SHOWN_CHARS = 40;

  private final Schema schema;

  JsonCoercion(Schema schema) {
    this.schema = schema;
  }

  /**
   * Sets a column to a value that is not null.
   *
   * @throws InvalidRowException if the value does not fit the column
   */
  void set(UpdateBlockBuilder into, int c, Object value) {
    switch (schema.column(c).type().kind()) {
      case BOOL -> into.bool(c, fitting(c, value, value instanceof Boolean b ? b : null));
      case INT32 -> into.int32(c, fitting(c, value, int32(value)));
      case INT64 -> into.int64(c, fitting(c, value, int64(value)));
      case FLOAT64 -> into.float64(c, fitting(c, value, float64(value)));
      case DECIMAL -> into.decimal(c, fitting(c, value, decimal(value)));
      case STRING -> into.string(c, fitting(c, value, text(value)));
      case BYTES -> into.bytes(c, fitting(c, value, bytes(value)));
      case DATE -> date(into, c, fitting(c, value, text(value)));
      case TIMESTAMP -> timestamp(into, c, value);
      case JSON -> json(into, c, value);
    }
  }

  private <T> T fitting(int c, Object given, @Nullable T value) {
    if (value == null) {
      throw misfit(c, shown(given));
    }
    return value;
  }

  /** What to answer to a value, as it is shown, that does not fit the column. */
  InvalidRowException misfit(int c, String shown) {
    Column column = schema.column(c);
    return new InvalidRowException(
        "column '" + column.name() + "' takes " + wanted(column.type()) + ", not " + shown);
  }

  private static @Nullable Integer int32(Object value) {
    Long whole = value instanceof CharSequence ? null : int64(value);
    return whole == null || whole != whole.intValue() ? null : Integer.valueOf(whole.intValue());
  }

  /** The value of an {@code int64}, or of {@code _time} or {@code _diff}; null if it is none. */
  static @Nullable Long int64(Object value) {
    if (value instanceof Long || value instanceof Integer) {
      return ((Number) value).longValue();
    } else if (value instanceof Short || value instanceof Byte) {
      return ((Number) value).longValue();
    } else if (value instanceof BigInteger whole) {
      return whole.bitLength() < Long.SIZE ? (Long) whole.longValue() : null;
    } else if (value instanceof CharSequence text) {
      return INTEGER.matcher(text).matches() ? int64(new BigInteger(text.toString())) : null;
    } else if (isFinite(value)) {
      BigInteger whole = Decimal128.unscaled(CanonicalJson.decimal((Number) value), WHOLE);
      if (whole != null && whole.abs().compareTo(MAX_SAFE) <= 0) {
        return whole.longValue();
      }
    }
    return null;
  }

  private static @Nullable Double float64(Object value) {
    if (value instanceof Double number) {
      return number;
    } else if (value instanceof Float number) {
      // As it would arrive from another node: 0.1f is sent as 0.1.
      return Double.valueOf(number.toString());
    } else if (value instanceof CharSequence text) {
      return switch (text.toString()) {
        case "NaN" -> Double.NaN;
        case "Infinity" -> Double.POSITIVE_INFINITY;
        case "-Infinity" -> Double.NEGATIVE_INFINITY;
        default -> null;
      };
    } else if (value instanceof Number number) {
      double real = number.doubleValue();
      return Double.isFinite(real) ? (Double) real : null;
    }
    return null;
  }

  private static @Nullable BigDecimal decimal(Object value) {
    if (value instanceof Long || value instanceof Integer) {
      return BigDecimal.valueOf(((Number) value).longValue());
    } else if (isFinite(value)) {
      return CanonicalJson.decimal((Number) value);
    } else if (value instanceof CharSequence text && DECIMAL.matcher(text).matches()) {
      return new BigDecimal(text.toString());
    }
    return null;
  }

  /** True iff it is a number that {@link CanonicalJson#decimal(Number)} takes. */
  private static boolean isFinite(Object value) {
    return value instanceof BigDecimal
        || value instanceof BigInteger
        || (value instanceof Double real && Double.isFinite(real))
        || (value instanceof Float real && Float.isFinite(real));
  }

  private static @Nullable String text(Object value) {
    if (value instanceof Enum<?> constant) {
      return constant.name();
    }
    return value instanceof CharSequence text ? text.toString() : null;
  }

  private static byte @Nullable [] bytes(Object value) {
    if (value instanceof byte[] bytes) {
      return bytes;
    } else if (value instanceof Buffer buffer) {
      return buffer.getBytes();
    } else if (!(value instanceof CharSequence)) {
      return null;
    }
    String text = value.toString();
    boolean urlSafe = text.indexOf('-') >= 0 || text.indexOf('_') >= 0;
    try {
      return (urlSafe ? Base64.getUrlDecoder() : Base64.getDecoder()).decode(text);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  private void date(UpdateBlockBuilder into, int c, String text) {
    try {
      into.dateDays(c, IsoTime.date(text.toCharArray(), 0, text.length()));
    } catch (DateTimeException e) {
      throw unreadable(c, text, e);
    }
  }

  private void timestamp(UpdateBlockBuilder into, int c, Object value) {
    if (value instanceof Instant instant) {
      into.timestamp(c, instant);
      return;
    }
    String text = fitting(c, value, text(value));
    timestamp(into, c, text.toCharArray(), 0, text.length());
  }

  /** As {@link #set} for a text, in part of an array. */
  void timestamp(UpdateBlockBuilder into, int c, char[] text, int from, int length) {
    try {
      into.timestampMicros(c, IsoTime.timestamp(text, from, length));
    } catch (DateTimeException e) {
      throw unreadable(c, new String(text, from, length), e);
    }
  }

  private InvalidRowException unreadable(int c, String text, DateTimeException e) {
    return misfit(c, shown(text) + ": " + e.getMessage());
  }

  private void json(UpdateBlockBuilder into, int c, Object value) {
    CanonicalJson json = new CanonicalJson();
    try {
      json.write(value);
    } catch (InvalidRowException e) {
      throw new InvalidRowException(
          "column '" + schema.column(c).name() + "': " + e.getMessage(), e);
    }
    into.json(c, json);
  }

  /** What a column of this type takes, as the end of a sentence. */
  private static String wanted(ColumnType type) {
    return switch (type.kind()) {
      case BOOL -> "true or false";
      case INT32 -> "a whole number from " + Integer.MIN_VALUE + " to " + Integer.MAX_VALUE;
      case INT64 -> WANTED_INT64;
      case FLOAT64 -> "a number, or one of the texts NaN, Infinity and -Infinity";
      case DECIMAL -> "a number, or text of a number such as '12.5', for a " + type;
      case STRING -> "a text";
      case BYTES -> "base64 text";
      case DATE -> "a date such as '2024-02-29'";
      case TIMESTAMP -> "a timestamp such as '2024-02-29T12:30:00.25Z'";
      case JSON -> "a JSON value";
    };
  }

  /** A value for an error's text: short, whatever it is. */
  static String shown(Object value) {
    if (value instanceof Map || value instanceof JsonObject) {
      return "an object";
    } else if (value instanceof List || value instanceof JsonArray) {
      return "an array";
    } else if (value instanceof CharSequence text) {
      return "the text " + quoted(text.toString());
    } else if (value instanceof BigInteger || value instanceof BigDecimal) {
      return shownNumber((Number) value);
    } else if (value instanceof Number || value instanceof Boolean) {
      return value.toString();
    }
    return "a " + value.getClass().getSimpleName();
  }

  /** Its digits, unless just finding them out would be work. */
  private static String shownNumber(Number number) {
    BigInteger digits =
        number instanceof BigDecimal decimal ? decimal.unscaledValue() : (BigInteger) number;
    return digits.bitLength() > 4 * MAX_SHOWN_CHARS ? "a number so long" : number.toString();
  }

  static String quoted(String text) {
    boolean whole = text.length() <= MAX_SHOWN_CHARS;
    return "'" + (whole ? text : text.substring(0, MAX_SHOWN_CHARS) + "…") + "'";
  }
}
