package io.tidemark.row;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The type of a column, with its text form ({@code int64}, {@code decimal(18,2)}).
 *
 * @param kind which type
 * @param precision digits in all, for {@link Kind#DECIMAL}; 0 for the others
 * @param scale digits after the point, for {@link Kind#DECIMAL}; 0 for the others
 */
public record ColumnType(Kind kind, int precision, int scale) {

  /** The most digits that a decimal may have: what fits in 16 bytes. */
  public static final int MAX_PRECISION = 38;

  public static final ColumnType BOOL = new ColumnType(Kind.BOOL, 0, 0);
  public static final ColumnType INT32 = new ColumnType(Kind.INT32, 0, 0);
  public static final ColumnType INT64 = new ColumnType(Kind.INT64, 0, 0);
  public static final ColumnType FLOAT64 = new ColumnType(Kind.FLOAT64, 0, 0);
  public static final ColumnType STRING = new ColumnType(Kind.STRING, 0, 0);
  public static final ColumnType BYTES = new ColumnType(Kind.BYTES, 0, 0);
  public static final ColumnType DATE = new ColumnType(Kind.DATE, 0, 0);
  public static final ColumnType TIMESTAMP = new ColumnType(Kind.TIMESTAMP, 0, 0);
  public static final ColumnType JSON = new ColumnType(Kind.JSON, 0, 0);

  private static final Pattern DECIMAL =
      Pattern.compile("decimal\\(\\s*(\\d{1,3})\\s*,\\s*(\\d{1,3})\\s*\\)");

  public ColumnType {
    if (kind == Kind.DECIMAL) {
      if (precision < 1 || precision > MAX_PRECISION || scale < 0 || scale > precision) {
        throw new InvalidRowException(
            "decimal("
                + precision
                + ","
                + scale
                + ") is out of range: give 1 <= precision <= "
                + MAX_PRECISION
                + " and 0 <= scale <= precision");
      }
    } else if (precision != 0 || scale != 0) {
      throw new InvalidRowException("only a decimal has a precision and a scale");
    }
  }

  /** What values of a column are, and how one is held in memory. */
  public enum Kind {
    BOOL(Storage.BOOLEAN),
    INT32(Storage.INT),
    INT64(Storage.LONG),
    FLOAT64(Storage.DOUBLE),
    /** An exact number: a signed 128-bit unscaled value, and the scale of the type. */
    DECIMAL(Storage.DECIMAL),
    /** UTF-8 text. */
    STRING(Storage.BYTES),
    BYTES(Storage.BYTES),
    /** Days since 1970-01-01. */
    DATE(Storage.INT),
    /** Microseconds since 1970-01-01T00:00:00Z. */
    TIMESTAMP(Storage.LONG),
    /** A JSON value as canonical UTF-8 text: no white space, members ordered by name. */
    JSON(Storage.BYTES);

    private final Storage storage;

    Kind(Storage storage) {
      this.storage = storage;
    }

    /** The vector that holds values of this kind. */
    public Storage storage() {
      return storage;
    }
  }

  /** The kinds of vector. */
  public enum Storage {
    BOOLEAN,
    INT,
    LONG,
    DOUBLE,
    DECIMAL,
    BYTES
  }

  /** A decimal of {@code precision} digits, {@code scale} of them after the point. */
  public static ColumnType decimal(int precision, int scale) {
    return new ColumnType(Kind.DECIMAL, precision, scale);
  }

  /**
   * Reads the text form.
   *
   * @throws InvalidRowException if the text names no type
   */
  public static ColumnType parse(String text) {
    Matcher decimal = DECIMAL.matcher(text);
    if (decimal.matches()) {
      return decimal(Integer.parseInt(decimal.group(1)), Integer.parseInt(decimal.group(2)));
    }
    for (Kind kind : Kind.values()) {
      if (kind != Kind.DECIMAL && kind.name().toLowerCase(Locale.ROOT).equals(text)) {
        return new ColumnType(kind, 0, 0);
      }
    }
    throw new InvalidRowException(
        "'"
            + text
            + "' is no column type: use bool, int32, int64, float64, decimal(p,s), string,"
            + " bytes, date, timestamp or json");
  }

  @Override
  public String toString() {
    String name = kind.name().toLowerCase(Locale.ROOT);
    return kind == Kind.DECIMAL ? name + "(" + precision + "," + scale + ")" : name;
  }
}
