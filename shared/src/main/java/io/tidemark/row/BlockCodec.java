package io.tidemark.row;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import java.math.BigInteger;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Blocks as bytes, for the wire and for inline parts. Little-endian:
 *
 * <pre>
 *   byte     format: 1 plain, 2 zstd (then: varint length of the plain body, zstd frame)
 *   body:
 *     varint   updates                       varint   columns
 *     longs    times                         longs    diffs
 *     byte     1 if any update is an error, then: bytes errors
 *     per column, by the type of the schema:  nulls, then booleans (a byte each), ints, longs (8 each),
 *              doubles, decimals (high, low half) or bytes
 *   int32    CRC-32C of everything before it
 *
 *   longs    byte 1, int64 if all are equal; byte 0, int64 each if not
 *   nulls    byte 0 if there is none; byte 1, then a bit each, least first, in whole bytes
 *   bytes    nulls, varint length each, then all of them end to end
 * </pre>
 *
 * {@link #decode} trusts nothing: whatever it returns would also have been accepted by the builder.
 */
public final class BlockCodec {

  private static final byte PLAIN = 1;
  private static final byte ZSTD = 2;
  private static final int ZSTD_LEVEL = 1;

  /** Bodies below this many bytes are not worth compressing. */
  private static final int MIN_COMPRESSED = 512;

  private static final int MAX_VARINT_BYTES = 5;
  private static final int CRC_BYTES = 4;

  private BlockCodec() {}

  /** The bytes of a block, compressed if that makes them fewer. */
  public static byte[] encode(UpdateBlock block) {
    ByteSink body = new ByteSink((int) Math.min(block.bytes() + 64, 1 << 30));
    putBlock(body, block);
    if (body.length() >= MIN_COMPRESSED) {
      byte[] frame = compressed(body);
      if (frame.length + MAX_VARINT_BYTES < body.length()) {
        ByteSink out = new ByteSink(1 + MAX_VARINT_BYTES + frame.length + CRC_BYTES);
        out.putByte(ZSTD);
        out.putVarint(body.length());
        return sealed(out, frame, frame.length);
      }
    }
    ByteSink out = new ByteSink(1 + body.length() + CRC_BYTES);
    out.putByte(PLAIN);
    return sealed(out, body.data(), body.length());
  }

  private static byte[] sealed(ByteSink out, byte[] content, int length) {
    out.putBytes(content, 0, length);
    out.putInt(out.crc32c());
    return out.toArray();
  }

  private static byte[] compressed(ByteSink body) {
    byte[] frame = new byte[Math.toIntExact(Zstd.compressBound(body.length()))];
    long length =
        Zstd.compressByteArray(frame, 0, frame.length, body.data(), 0, body.length(), ZSTD_LEVEL);
    if (Zstd.isError(length)) {
      throw new IllegalStateException("zstd failed: " + Zstd.getErrorName(length));
    }
    return Arrays.copyOf(frame, (int) length);
  }

  /**
   * The block that the bytes hold.
   *
   * @throws InvalidRowException if they are damaged, or hold what does not fit the schema
   */
  public static UpdateBlock decode(Schema schema, byte[] encoded) {
    try {
      return new Decoder(schema, opened(encoded)).block();
    } catch (BufferUnderflowException | IndexOutOfBoundsException e) {
      throw new InvalidRowException("a block of updates is cut short", e);
    }
  }

  private static ByteBuffer opened(byte[] encoded) {
    if (encoded.length < 1 + CRC_BYTES) {
      throw new InvalidRowException("a block of updates is cut short");
    }
    ByteBuffer in = ByteBuffer.wrap(encoded).order(ByteOrder.LITTLE_ENDIAN);
    int end = encoded.length - CRC_BYTES;
    if (crc(encoded, end) != in.getInt(end)) {
      throw new InvalidRowException("a block of updates is damaged: its checksum does not match");
    }
    in.limit(end);
    byte format = in.get();
    if (format == PLAIN) {
      return in;
    }
    if (format != ZSTD) {
      throw new InvalidRowException(
          "a block of updates has format " + format + ", which this version does not know");
    }
    int length = varint(in);
    if (length > UpdateBlockBuilder.MAX_BYTES * 2L) {
      throw new InvalidRowException("a block of updates claims " + length + " bytes: too many");
    }
    byte[] frame = new byte[in.remaining()];
    in.get(frame);
    if (Zstd.getFrameContentSize(frame) != length) {
      throw new InvalidRowException("a block of updates is damaged: its length does not match");
    }
    try {
      byte[] body = Zstd.decompress(frame, length);
      return ByteBuffer.wrap(body).order(ByteOrder.LITTLE_ENDIAN);
    } catch (ZstdException e) {
      throw new InvalidRowException("a block of updates is damaged: it does not decompress", e);
    }
  }

  private static void putBlock(ByteSink out, UpdateBlock block) {
    out.putVarint(block.size());
    out.putVarint(block.schema().size());
    putLongs(out, block.times());
    putLongs(out, block.diffs());
    Vector.Bytes errors = block.errors();
    out.putByte(errors == null ? 0 : 1);
    if (errors != null) {
      putNulls(out, errors);
      putBytes(out, errors);
    }
    for (int c = 0; c < block.schema().size(); c++) {
      putNulls(out, block.column(c));
      putValues(out, block.column(c));
    }
  }

  private static void putValues(ByteSink out, Vector vector) {
    int size = vector.size();
    switch (vector.storage()) {
      case BOOLEAN -> {
        Vector.Booleans values = (Vector.Booleans) vector;
        for (int i = 0; i < size; i++) {
          out.putByte(values.get(i) ? 1 : 0);
        }
      }
      case INT -> {
        Vector.Ints values = (Vector.Ints) vector;
        for (int i = 0; i < size; i++) {
          out.putInt(values.get(i));
        }
      }
      case LONG -> {
        Vector.Longs values = (Vector.Longs) vector;
        for (int i = 0; i < size; i++) {
          out.putLong(values.get(i));
        }
      }
      case DOUBLE -> {
        Vector.Doubles values = (Vector.Doubles) vector;
        for (int i = 0; i < size; i++) {
          out.putLong(Double.doubleToRawLongBits(values.get(i)));
        }
      }
      case DECIMAL -> {
        Vector.Decimals values = (Vector.Decimals) vector;
        for (int i = 0; i < size; i++) {
          out.putLong(values.high(i));
          out.putLong(values.low(i));
        }
      }
      case BYTES -> putBytes(out, (Vector.Bytes) vector);
    }
  }

  private static void putBytes(ByteSink out, Vector.Bytes values) {
    int size = values.size();
    for (int i = 0; i < size; i++) {
      out.putVarint(values.length(i));
    }
    out.putBytes(values.data(), values.offset(0), values.offset(size) - values.offset(0));
  }

  private static void putLongs(ByteSink out, Vector.Longs values) {
    out.putByte(values.isConstant() ? 1 : 0);
    int stored = values.isConstant() ? 1 : values.size();
    for (int i = 0; i < stored; i++) {
      out.putLong(values.get(i));
    }
  }

  private static void putNulls(ByteSink out, Vector vector) {
    long[] nulls = vector.nulls();
    out.putByte(nulls == null ? 0 : 1);
    if (nulls != null) {
      for (int b = 0; b < (vector.size() + 7) / 8; b++) {
        out.putByte((int) (nulls[b >> 3] >>> (8 * (b & 7))));
      }
    }
  }

  private static int crc(byte[] data, int length) {
    CRC32C crc = new CRC32C();
    crc.update(data, 0, length);
    return (int) crc.getValue();
  }

  private static int varint(ByteBuffer in) {
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

  /** Reads one body, checking as the builder would. */
  private static final class Decoder {
    private final Schema schema;
    private final ByteBuffer in;
    private final int size;

    Decoder(Schema schema, ByteBuffer in) {
      this.schema = schema;
      this.in = in;
      this.size = varint(in);
      if (size > UpdateBlockBuilder.MAX_UPDATES) {
        throw new InvalidRowException(
            "a message holds at most " + UpdateBlockBuilder.MAX_UPDATES + " rows, not " + size);
      }
      int columns = varint(in);
      if (columns != schema.size()) {
        throw new InvalidRowException(
            "a block has "
                + columns
                + " columns, the collection "
                + schema.size()
                + ": open again to learn the schema");
      }
    }

    UpdateBlock block() {
      Vector.Longs times = longs();
      Vector.Longs diffs = longs();
      checkEnds(times, diffs);
      Vector.Bytes errors = in.get() == 0 ? null : utf8("_error", bytes(nulls()));
      List<Vector> columns = new ArrayList<>(schema.size());
      for (Column column : schema.columns()) {
        Vector vector = vector(column);
        checkNulls(column, vector, errors);
        columns.add(vector);
      }
      if (in.hasRemaining()) {
        throw new InvalidRowException("a block of updates is damaged: bytes are left over");
      }
      return new UpdateBlock(schema, columns, times, diffs, errors);
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
          throw new InvalidRowException(
              error
                  ? "an error carried as data has no columns"
                  : "column '" + column.name() + "' is missing: it is not nullable");
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
            column.type().kind() == ColumnType.Kind.BYTES
                ? bytes(nulls)
                : text(column, bytes(nulls));
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
        values[i] = Double.isNaN(values[i]) ? Double.NaN : values[i];
      }
      return values;
    }

    private Vector.Decimals decimals(Column column, long @Nullable [] nulls) {
      long[] halves = new long[2 * need(16)];
      in.asLongBuffer().get(halves);
      skip(16);
      BigInteger bound = BigInteger.TEN.pow(column.type().precision());
      Vector.Decimals values = new Vector.Decimals(size, halves, nulls);
      for (int i = 0; i < size; i++) {
        if (Decimal128.unscaled(values.high(i), values.low(i)).abs().compareTo(bound) >= 0) {
          throw new InvalidRowException(
              "column '" + column.name() + "': a number does not fit in " + column.type());
        }
      }
      return values;
    }

    private Vector.Bytes text(Column column, Vector.Bytes values) {
      Vector.Bytes text = utf8(column.name(), values);
      if (column.type().kind() == ColumnType.Kind.JSON) {
        for (int i = 0; i < size; i++) {
          String json = new String(text.get(i), StandardCharsets.UTF_8);
          if (!text.isNull(i) && !JsonText.canonical(json).equals(json)) {
            throw new InvalidRowException(
                "column '" + column.name() + "': the JSON text is not canonical");
          }
        }
      }
      return text;
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
      byte[] data = new byte[offsets[size]];
      in.get(data);
      return new Vector.Bytes(size, data, offsets, nulls);
    }

    private Vector.Longs longs() {
      if (in.get() == 1) {
        return Vector.Longs.constant(size, in.getLong());
      }
      return new Vector.Longs(size, int64s(), null);
    }

    private long @Nullable [] nulls() {
      if (in.get() == 0) {
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
  }
}
