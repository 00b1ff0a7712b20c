package io.tidemark.persist.consolidate;

import io.tidemark.row.ColumnType;
import io.tidemark.row.ColumnType.Storage;
import io.tidemark.row.Decimal128;
import io.tidemark.row.Schema;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;

/**
 * A row (or error) and the sum of its diffs as one record, in memory and in spill files. A record
 * starts at a multiple of 8 bytes and takes a multiple of 8. Little-endian:
 *
 * <pre>
 *   int32    bytes of the key, without the padding
 *   int32    sum of the diffs: bits 64 to 95
 *   int64    sum of the diffs: bits 0 to 63
 *   key:
 *     fixed part, the same for all rows of a schema
 *       int64    per column of longs; the bits of a double (one NaN, one zero); two for a decimal: high, low
 *       int32    per column of ints; the length of a string, json or bytes value
 *       int32    per 32 columns: null bits, least first; the bit after the last column marks an error
 *       byte     per column of booleans
 *     the bytes of the variable values end to end, or the text of the error
 *   zeros up to a multiple of 8 bytes
 * </pre>
 *
 * Nulls are zeros of the fixed part, so two rows are the same iff their keys are: equal lengths and
 * equal words.
 */
final class RowLayout {

  static final int KEY_LENGTH = 0;
  static final int SUM_HIGH = 4;
  static final int SUM_LOW = 8;
  static final int KEY = 16;

  private static final int MAX_SHOWN_BYTES = 60;

  private final Schema schema;
  private final int[] offsets;
  private final int nulls;
  private final int nullWords;
  private final int variable;

  RowLayout(Schema schema) {
    this.schema = schema;
    this.offsets = new int[schema.size()];
    int at = KEY;
    at = place(at, 16, Storage.DECIMAL, Storage.DECIMAL);
    at = place(at, 8, Storage.LONG, Storage.DOUBLE);
    at = place(at, 4, Storage.INT, Storage.BYTES);
    this.nulls = at;
    this.nullWords = schema.size() / 32 + 1;
    this.variable = place(at + 4 * nullWords, 1, Storage.BOOLEAN, Storage.BOOLEAN);
  }

  private int place(int from, int width, Storage one, Storage other) {
    int at = from;
    for (int c = 0; c < offsets.length; c++) {
      Storage storage = storage(c);
      if (storage == one || storage == other) {
        offsets[c] = at;
        at += width;
      }
    }
    return at;
  }

  Schema schema() {
    return schema;
  }

  Storage storage(int column) {
    return schema.column(column).type().kind().storage();
  }

  /** Where, from the start of a record, the fixed part of a column is. */
  int offset(int column) {
    return offsets[column];
  }

  /** Where the null bits begin. */
  int nulls() {
    return nulls;
  }

  /** How many int32 the null bits take. */
  int nullWords() {
    return nullWords;
  }

  /** The number of the bit that marks an error. */
  int errorBit() {
    return offsets.length;
  }

  /** Where the variable part begins. */
  int variable() {
    return variable;
  }

  /** The bytes that a record with a key of this length takes. */
  static int recordBytes(int keyLength) {
    return KEY + ((keyLength + 7) & -8);
  }

  /** The bytes that the record at {@code at} takes. */
  static int recordBytes(byte[] data, int at) {
    return recordBytes(Words.intAt(data, at + KEY_LENGTH));
  }

  static boolean sumIsZero(byte[] data, int at) {
    return (Words.longAt(data, at + SUM_LOW) | Words.intAt(data, at + SUM_HIGH)) == 0;
  }

  /** The sum of the diffs of the record at {@code at}. */
  static BigInteger sum(byte[] data, int at) {
    return BigInteger.valueOf(Words.intAt(data, at + SUM_HIGH))
        .shiftLeft(64)
        .add(new BigInteger(Long.toUnsignedString(Words.longAt(data, at + SUM_LOW))));
  }

  /** Names the record at {@code at} by its first column, or by its text if it is an error. */
  String describe(byte[] data, int at) {
    if (isSet(data, at, errorBit())) {
      return "the error " + text(data, at + variable, keyEnd(data, at) - at - variable);
    }
    String name = "the row with '" + schema.column(0).name() + "' = ";
    return name + (isSet(data, at, 0) ? "null" : firstValue(data, at));
  }

  private String firstValue(byte[] data, int at) {
    int from = at + offsets[0];
    ColumnType type = schema.column(0).type();
    return switch (storage(0)) {
      case BOOLEAN -> Boolean.toString(data[from] != 0);
      case INT -> Integer.toString(Words.intAt(data, from));
      case LONG -> Long.toString(Words.longAt(data, from));
      case DOUBLE -> Double.toString(Double.longBitsToDouble(Words.longAt(data, from)));
      case DECIMAL -> {
        BigInteger unscaled =
            Decimal128.unscaled(Words.longAt(data, from), Words.longAt(data, from + 8));
        yield new BigDecimal(unscaled, type.scale()).toPlainString();
      }
      case BYTES -> text(data, at + variable, Words.intAt(data, from));
    };
  }

  private static String text(byte[] data, int from, int length) {
    int shown = Math.min(length, MAX_SHOWN_BYTES);
    String text = new String(data, from, shown, StandardCharsets.UTF_8);
    return "'" + text + (shown < length ? "…'" : "'");
  }

  private static int keyEnd(byte[] data, int at) {
    return at + KEY + Words.intAt(data, at + KEY_LENGTH);
  }

  private boolean isSet(byte[] data, int at, int bit) {
    return (Words.intAt(data, at + nulls + 4 * (bit >> 5)) & (1 << bit)) != 0;
  }
}
