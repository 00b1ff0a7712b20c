package io.tidemark.row;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.CRC32C;

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

  /** The vectors of the largest block, and what the format adds: null bits and flags. */
  private static final int MAX_BODY_BYTES = 2 * UpdateBlockBuilder.MAX_BYTES;

  /** Zstd's best: 128 KiB out of a block of 4 bytes. What claims more is damaged, or an attack. */
  private static final long MAX_RATIO = (128 << 10) / 4;

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
   * The block that the bytes hold. It may lack the last columns of the schema, if these are
   * nullable: it was written before they were added.
   *
   * @throws InvalidRowException if they are damaged, or hold what does not fit the schema
   */
  public static UpdateBlock decode(Schema schema, byte[] encoded) {
    try {
      return new BlockDecoder(schema, opened(encoded)).block();
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
    int length = BlockDecoder.varint(in);
    if (length > MAX_BODY_BYTES || length > in.remaining() * MAX_RATIO) {
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
}
