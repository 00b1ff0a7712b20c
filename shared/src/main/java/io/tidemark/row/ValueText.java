package io.tidemark.row;

import com.fasterxml.jackson.core.io.NumberOutput;
import java.math.BigDecimal;
import java.util.Base64;

/** Values as plain text, as JSON and CSV share it; what they quote, and how, is their own. */
final class ValueText {

  private ValueText() {}

  /** Writes value {@code i}, which is not null, of a column of this type. */
  static void put(ByteSink out, ColumnType type, Vector vector, int i) {
    switch (type.kind()) {
      case BOOL -> out.putAscii(((Vector.Booleans) vector).get(i) ? "true" : "false");
      case INT32 -> out.putDecimal(((Vector.Ints) vector).get(i));
      case INT64 -> out.putDecimal(((Vector.Longs) vector).get(i));
      case FLOAT64 -> out.putAscii(real(((Vector.Doubles) vector).get(i)));
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

  /** The shortest text that reads as the same number; NaN, Infinity or -Infinity. */
  private static String real(double value) {
    return Double.isFinite(value) ? NumberOutput.toString(value, true) : Double.toString(value);
  }

  private static String decimal(Vector.Decimals values, int i, int scale) {
    return new BigDecimal(Decimal128.unscaled(values.high(i), values.low(i)), scale)
        .toPlainString();
  }
}
