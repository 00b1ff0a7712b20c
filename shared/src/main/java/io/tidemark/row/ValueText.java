package io.tidemark.row;

import com.fasterxml.jackson.core.io.NumberOutput;
import java.math.BigDecimal;
import java.util.Base64;

/** Values as plain text, as JSON and CSV share it; what they quote, and how, is their own. */
final class ValueText {

  private static final int MILLION = 1_000_000;
  private static final double MAX_UNIQUE = 1e15;

  private ValueText() {}

  /** Writes value {@code i}, which is not null, of a column of this type. */
  static void put(ByteSink out, ColumnType type, Vector vector, int i) {
    switch (type.kind()) {
      case BOOL -> out.putAscii(((Vector.Booleans) vector).get(i) ? "true" : "false");
      case INT32 -> out.putDecimal(((Vector.Ints) vector).get(i));
      case INT64 -> out.putDecimal(((Vector.Longs) vector).get(i));
      case FLOAT64 -> putReal(out, ((Vector.Doubles) vector).get(i));
      case DECIMAL -> out.putAscii(decimal((Vector.Decimals) vector, i, type.scale()));
      case DATE -> IsoTime.putDate(out, ((Vector.Ints) vector).get(i));
      case TIMESTAMP -> IsoTime.putTimestamp(out, ((Vector.Longs) vector).get(i));
      case BYTES -> {
        byte[] base64 = Base64.getEncoder().encode(((Vector.Bytes) vector).get(i));
        out.putBytes(base64, 0, base64.length);
      }
      case STRING, JSON -> {
        Vector.Bytes values = (Vector.Bytes) vector;
        out.putBytes(values.data(), values.offset(i), values.length(i));
      }
    }
  }

  /** The shortest digits that read as the same number; NaN, Infinity or -Infinity. */
  private static void putReal(ByteSink out, double value) {
    double millionths = Math.rint(value * MILLION);
    if (Math.abs(millionths) < MAX_UNIQUE && millionths / MILLION == value) {
      putMillionths(out, (long) millionths);
    } else if (Double.isFinite(value)) {
      out.putAscii(NumberOutput.toString(value, true));
    } else {
      out.putAscii(Double.toString(value));
    }
  }

  /**
   * Most numbers that people have are short, and need no search for the shortest digits: a division
   * is rounded right, so it gives the number that the digits read as; and two numbers of at most 15
   * digits never read as the same, so no shorter digits do.
   */
  private static void putMillionths(ByteSink out, long millionths) {
    if (millionths < 0) {
      out.putByte('-');
    }
    long size = Math.abs(millionths);
    out.putDecimal(size / MILLION);
    out.putByte('.');
    int rest = (int) (size % MILLION);
    int unit = MILLION;
    do {
      unit /= 10;
      out.putByte('0' + rest / unit);
      rest %= unit;
    } while (rest > 0);
  }

  private static String decimal(Vector.Decimals values, int i, int scale) {
    return new BigDecimal(Decimal128.unscaled(values.high(i), values.low(i)), scale)
        .toPlainString();
  }
}
