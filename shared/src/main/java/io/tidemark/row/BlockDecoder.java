package io.tidemark.row;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the body of one block, in the format of {@link BlockCodec}, and checks as the builder would
 * have. Throws {@link InvalidRowException}, or {@link BufferUnderflowException} if the body is cut
 * short; takes no more memory than the body accounts for.
 */
final class BlockDecoder {

  private final Schema schema;
  private final ByteBuffer in;
  private final int size;

  /** How many columns the body has: fewer than the schema if it was written before some came. */
  private final int stored;

  /** What the builder would count for the updates. */
  private long bytes;

  BlockDecoder(Schema schema, ByteBuffer in) {
    this.schema = schema;
    this.in = in;
    this.size = varint(in);
    if (size > UpdateBlockBuilder.MAX_UPDATES) {
      throw new InvalidRowException(
          "a message holds at most " + UpdateBlockBuilder.MAX_UPDATES + " rows, not " + size);
    }
    count(size * schema.rowBytes());
    this.stored = varint(in);
    if (stored > schema.size()) {
      throw InvalidRowException.ofOtherSchema(
          "a block has "
              + stored
              + " columns, the collection "
              + schema.size()
              + ": open again to learn the schema");
    }
  }

  UpdateBlock block() {
    Vector.Longs times = longs();
    Vector.Longs diffs = longs();
    checkEnds(times, diffs);
    Vector.Bytes errors = flag() ? utf8(Schema.ERROR, bytes(nulls())) : null;
    for (int i = 0; errors != null && i < size; i++) {
      count(errors.isNull(i) ? 0 : ErrorsBuilder.ERROR_BYTES);
    }
    List<Vector> columns = new ArrayList<>(schema.size());
    for (Column column : schema.columns()) {
      Vector vector =
          columns.size() < stored
              ? vector(column)
              : Vector.nulls(column.type().kind().storage(), size);
      checkNulls(column, vector, errors);
      columns.add(vector);
    }
    if (in.hasRemaining()) {
      throw new InvalidRowException("a block of updates is damaged: bytes are left over");
    }
    return new UpdateBlock(schema, columns, times, diffs, errors);
  }

  private void count(long more) {
    bytes += more;
    if (bytes > UpdateBlockBuilder.MAX_BYTES) {
      throw new InvalidRowException(
          "a message holds at most " + UpdateBlockBuilder.MAX_BYTES + " bytes of rows");
    }
  }

  private void checkEnds(Vector.Longs times, Vector.Longs diffs) {
    for (int i = 0; i < size; i++) {
      if (times.get(i) < 0 || times.get(i) == Long.MAX_VALUE || diffs.get(i) == 0) {
        throw new InvalidRowException(
            "update "
                + i
                + " of a block has time "
                + times.get(i)
                + " and diff "
                + diffs.get(i)
                + ": a time is never negative, a diff never 0");
      }
    }
  }

  /** A null is right where the column is nullable, and needed where the update is an error. */
  private void checkNulls(Column column, Vector vector, Vector.@Nullable Bytes errors) {
    if (errors == null && (column.nullable() || !vector.hasNulls())) {
      return;
    }
    for (int i = 0; i < size; i++) {
      boolean error = errors != null && !errors.isNull(i);
      if (error != vector.isNull(i) && (error || !column.nullable())) {
        throw error
            ? new InvalidRowException("an error carried as data has no columns")
            : InvalidRowException.ofOtherSchema(
                "column '" + column.name() + "' is missing: it is not nullable");
      }
    }
  }

  private Vector vector(Column column) {
    long[] nulls = nulls();
    return switch (column.type().kind().storage()) {
      case BOOLEAN -> {
        boolean[] values = new boolean[need(1)];
        for (int i = 0; i < size; i++) {
          values[i] = in.get() != 0;
        }
        yield new Vector.Booleans(size, values, nulls);
      }
      case INT -> {
        int[] values = new int[need(4)];
        in.asIntBuffer().get(values);
        skip(4);
        yield new Vector.Ints(size, values, nulls);
      }
      case LONG -> new Vector.Longs(size, int64s(), nulls);
      case DOUBLE -> new Vector.Doubles(size, doubles(), nulls);
      case DECIMAL -> decimals(column, nulls);
      case BYTES ->
          column.type().kind() == ColumnType.Kind.BYTES ? bytes(nulls) : text(column, bytes(nulls));
    };
  }

  private long[] int64s() {
    long[] values = new long[need(8)];
    in.asLongBuffer().get(values);
    skip(8);
    return values;
  }

  private double[] doubles() {
    double[] values = new double[need(8)];
    in.asDoubleBuffer().get(values);
    skip(8);
    for (int i = 0; i < size; i++) {
      values[i] = UpdateBlockBuilder.canonical(values[i]);
    }
    return values;
  }

  private Vector.Decimals decimals(Column column, long @Nullable [] nulls) {
    long[] halves = new long[2 * need(16)];
    in.asLongBuffer().get(halves);
    skip(16);
    Vector.Decimals values = new Vector.Decimals(size, halves, nulls);
    for (int i = 0; i < size; i++) {
      if (!Decimal128.fits(values.high(i), values.low(i), column.type().precision())) {
        throw new InvalidRowException(
            "column '" + column.name() + "': a number does not fit in " + column.type());
      }
    }
    return values;
  }

  private Vector.Bytes text(Column column, Vector.Bytes values) {
    Vector.Bytes text = utf8(column.name(), values);
    if (column.type().kind() == ColumnType.Kind.JSON) {
      CanonicalJson canonical = new CanonicalJson();
      for (int i = 0; i < size; i++) {
        if (!text.isNull(i) && !isCanonical(canonical, text, i)) {
          throw new InvalidRowException(
              "column '" + column.name() + "': the JSON text is not canonical");
        }
      }
    }
    return text;
  }

  private static boolean isCanonical(CanonicalJson canonical, Vector.Bytes text, int i) {
    int from = text.offset(i);
    canonical.write(text.data(), from, text.length(i));
    ByteSink out = canonical.text();
    return Arrays.equals(text.data(), from, from + text.length(i), out.data(), 0, out.length());
  }

  private Vector.Bytes utf8(String name, Vector.Bytes values) {
    for (int i = 0; i < size; i++) {
      if (!Utf8.isValid(values.data(), values.offset(i), values.length(i))) {
        throw new InvalidRowException("column '" + name + "': the text is not valid UTF-8");
      }
    }
    return values;
  }

  private Vector.Bytes bytes(long @Nullable [] nulls) {
    int[] offsets = new int[need(1) + 1];
    for (int i = 0; i < size; i++) {
      int length = varint(in);
      if (length > UpdateBlockBuilder.MAX_VALUE_BYTES) {
        throw new InvalidRowException(
            "a value is at most " + UpdateBlockBuilder.MAX_VALUE_BYTES + " bytes");
      }
      offsets[i + 1] = Math.toIntExact(Math.min(offsets[i] + (long) length, Integer.MAX_VALUE));
    }
    if (offsets[size] > in.remaining()) {
      throw new BufferUnderflowException();
    }
    count(offsets[size]);
    byte[] data = new byte[offsets[size]];
    in.get(data);
    return new Vector.Bytes(size, data, offsets, nulls);
  }

  private Vector.Longs longs() {
    if (flag()) {
      return Vector.Longs.constant(size, in.getLong());
    }
    return new Vector.Longs(size, int64s(), null);
  }

  private long @Nullable [] nulls() {
    if (!flag()) {
      return null;
    }
    long[] nulls = new long[VectorBuilder.words(size)];
    for (int b = 0; b < (size + 7) / 8; b++) {
      nulls[b >> 3] |= (in.get() & 0xffL) << (8 * (b & 7));
    }
    if ((size & 63) != 0 && nulls.length > 0) {
      nulls[nulls.length - 1] &= (1L << size) - 1;
    }
    return nulls;
  }

  private boolean flag() {
    byte flag = in.get();
    if (flag < 0 || flag > 1) {
      throw new InvalidRowException("a block of updates is damaged: a flag is neither 0 nor 1");
    }
    return flag == 1;
  }

  /** The number of values, once it is sure that the buffer holds as many of {@code width}. */
  private int need(int width) {
    if ((long) size * width > in.remaining()) {
      throw new BufferUnderflowException();
    }
    return size;
  }

  private void skip(int width) {
    in.position(in.position() + size * width);
  }

  /** An unsigned number of at most 31 bits, seven to a byte, least first. */
  static int varint(ByteBuffer in) {
    int value = 0;
    for (int shift = 0; shift < 35; shift += 7) {
      byte next = in.get();
      value |= (next & 0x7f) << shift;
      if (next >= 0) {
        if (value < 0) {
          break;
        }
        return value;
      }
    }
    throw new InvalidRowException("a block of updates is damaged: a number is too long");
  }
}
