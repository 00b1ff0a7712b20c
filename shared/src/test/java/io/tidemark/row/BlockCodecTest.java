package io.tidemark.row;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.luben.zstd.Zstd;
import com.sun.management.ThreadMXBean;
import io.tidemark.Seeds;
import java.lang.management.ManagementFactory;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

/**
 * Blocks as bytes: what is written is read back, and what is damaged, cut short or forged is
 * refused or holds as a block.
 */
class BlockCodecTest {

  private static final int CRC_BYTES = 4;
  private static final long MAX_TAKEN_BYTES = 64 << 20;
  private static final byte PLAIN = 1;
  private static final byte ZSTD = 2;

  @Test
  void shouldReadBackWhatWasWritten() {
    Seeds.forEach(
        400,
        seed -> {
          UpdateBlock block = new RandomBlocks(seed).block();
          byte[] encoded = BlockCodec.encode(block);
          UpdateBlock decoded = BlockCodec.decode(block.schema(), encoded);
          Update.assertSame(block, decoded);
          assertArrayEquals(encoded, BlockCodec.encode(decoded));
        });
  }

  @Test
  void shouldReadBackEveryTypeInALargeBlock() {
    Schema schema = RandomBlocks.everyType();
    UpdateBlock block = new RandomBlocks(7).block(schema, 2000);
    byte[] encoded = BlockCodec.encode(block);
    assertEquals(ZSTD, encoded[0]);
    Update.assertSame(block, BlockCodec.decode(schema, encoded));
  }

  @Test
  void shouldKeepWhatTimesAndErrorsAreMadeOf() {
    UpdateBlock block = new RandomBlocks(3).block(RandomBlocks.everyType(), 0);
    UpdateBlock decoded = BlockCodec.decode(block.schema(), BlockCodec.encode(block));
    assertTrue(decoded.isEmpty() && decoded.times().isConstant() && decoded.errors() == null);
  }

  @Test
  void shouldWriteUpdatesThatShareTheirVectorsWithAnother() {
    UpdateBlock block = new RandomBlocks(5).block(RandomBlocks.everyType(), 50);
    UpdateBlock later = block.at(77);
    UpdateBlock decoded = BlockCodec.decode(block.schema(), BlockCodec.encode(later));
    Update.assertSame(later, decoded);
  }

  @Test
  void shouldRefuseEveryTruncation() {
    forSmallBlocks(
        (schema, encoded) -> {
          for (int length = 0; length < encoded.length; length++) {
            byte[] cut = Arrays.copyOf(encoded, length);
            assertThrows(InvalidRowException.class, () -> BlockCodec.decode(schema, cut));
            byte[] sealed = Arrays.copyOf(encoded, length);
            if (length > CRC_BYTES && length < encoded.length - CRC_BYTES) {
              byte[] resealed = sealed(Arrays.copyOf(sealed, length + CRC_BYTES));
              assertThrows(InvalidRowException.class, () -> BlockCodec.decode(schema, resealed));
            }
          }
        });
  }

  @Test
  void shouldRefuseEveryFlippedBit() {
    forSmallBlocks(
        (schema, encoded) -> {
          for (int bit = 0; bit < encoded.length * 8; bit++) {
            byte[] damaged = flipped(encoded, bit);
            assertThrows(InvalidRowException.class, () -> BlockCodec.decode(schema, damaged));
          }
        });
  }

  /** Either way without taking more memory than so few bytes can account for. */
  @Test
  void shouldRefuseOrHoldWhatWasForgedWithARightChecksum() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    int[] held = {0};
    forSmallBlocks(
        (schema, encoded) -> {
          for (int bit = 0; bit < (encoded.length - CRC_BYTES) * 8; bit++) {
            byte[] forged = sealed(flipped(encoded, bit));
            long before = threads.getCurrentThreadAllocatedBytes();
            held[0] += decodesToABlock(schema, forged) ? 1 : 0;
            long taken = threads.getCurrentThreadAllocatedBytes() - before;
            assertTrue(taken < MAX_TAKEN_BYTES, "bit " + bit + " took " + taken + " bytes");
          }
        });
    assertTrue(held[0] > 0 || Seeds.replayed() != null, "some flips only change a value");
  }

  @Test
  void shouldRefuseOrHoldABlockOfAnotherSchema() {
    Seeds.forEach(
        300,
        seed -> {
          RandomBlocks random = new RandomBlocks(seed);
          byte[] encoded = BlockCodec.encode(random.block());
          boolean unused = decodesToABlock(random.schema(), encoded);
        });
  }

  @Test
  void shouldRefuseOrHoldAnyBytesWithARightChecksum() {
    Seeds.forEach(
        2000,
        seed -> {
          RandomBlocks random = new RandomBlocks(seed);
          byte[] bytes = new byte[5 + random.random().nextInt(60)];
          random.random().nextBytes(bytes);
          bytes[0] = random.random().nextBoolean() ? PLAIN : ZSTD;
          bytes[1] &= 0x0f;
          bytes[2] = 1;
          boolean unused = decodesToABlock(random.schema(), sealed(bytes));
        });
  }

  @Test
  void shouldRefuseAFrameThatClaimsMoreThanZstdCanPack() {
    byte[] frame = Zstd.compress(new byte[16 << 20]);
    byte[] packed = Arrays.copyOf(frame, 100);
    ByteSink out = new ByteSink(200);
    out.putByte(ZSTD);
    out.putVarint(16 << 20);
    out.putBytes(packed, 0, packed.length);
    out.putInt(0);
    Schema schema = Schema.of(Column.required("b", ColumnType.BOOL));
    InvalidRowException e =
        assertThrows(
            InvalidRowException.class, () -> BlockCodec.decode(schema, sealed(out.toArray())));
    assertTrue(e.getMessage().contains("too many"), e.getMessage());
  }

  @Test
  void shouldRefuseBytesBehindTheLastColumn() {
    forSmallBlocks(
        (schema, encoded) -> {
          if (encoded[0] == PLAIN) {
            byte[] longer = sealed(Arrays.copyOf(encoded, encoded.length + 1));
            assertThrows(InvalidRowException.class, () -> BlockCodec.decode(schema, longer));
          }
        });
  }

  @Test
  void shouldNotMakeRoomForValuesThatAreNotThere() {
    ByteSink out = new ByteSink(100);
    out.putByte(PLAIN);
    out.putVarint(7);
    out.putVarint(1);
    for (int constant = 0; constant < 2; constant++) {
      out.putByte(1);
      out.putLong(1);
    }
    out.putByte(0);
    out.putByte(0);
    for (int i = 0; i < 7; i++) {
      out.putVarint(UpdateBlockBuilder.MAX_VALUE_BYTES);
    }
    out.putInt(out.crc32c());
    Schema schema = Schema.of(Column.required("b", ColumnType.BYTES));
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    assertThrows(InvalidRowException.class, () -> BlockCodec.decode(schema, out.toArray()));
    assertTrue(threads.getCurrentThreadAllocatedBytes() - before < MAX_TAKEN_BYTES);
  }

  @Test
  void shouldRefuseFormatsOfTheFuture() {
    Schema schema = Schema.of(Column.required("b", ColumnType.BOOL));
    byte[] encoded = BlockCodec.encode(new UpdateBlockBuilder(schema).build());
    encoded[0] = 3;
    InvalidRowException e =
        assertThrows(InvalidRowException.class, () -> BlockCodec.decode(schema, sealed(encoded)));
    assertTrue(e.getMessage().contains("format 3"), e.getMessage());
  }

  /** Small blocks of every type, plain and compressed. */
  private static void forSmallBlocks(SmallBlockTest test) {
    Seeds.forEach(
        20,
        seed -> {
          RandomBlocks random = new RandomBlocks(seed);
          Schema schema = random.schema();
          UpdateBlock block = random.block(schema, random.random().nextInt(6));
          byte[] encoded = BlockCodec.encode(block);
          test.run(schema, encoded);
          if (encoded[0] == PLAIN) {
            test.run(schema, compressed(encoded));
          }
        });
  }

  private interface SmallBlockTest {
    void run(Schema schema, byte[] encoded);
  }

  /** The same block as if it had been worth compressing. */
  private static byte[] compressed(byte[] plain) {
    byte[] body = Arrays.copyOfRange(plain, 1, plain.length - CRC_BYTES);
    byte[] frame = Zstd.compress(body);
    ByteSink out = new ByteSink(frame.length + 10);
    out.putByte(ZSTD);
    out.putVarint(body.length);
    out.putBytes(frame, 0, frame.length);
    out.putInt(out.crc32c());
    return out.toArray();
  }

  private static byte[] flipped(byte[] bytes, int bit) {
    byte[] copy = bytes.clone();
    copy[bit / 8] ^= (byte) (1 << (bit % 8));
    return copy;
  }

  /** With the checksum that its bytes should have. */
  private static byte[] sealed(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, bytes.length - CRC_BYTES);
    ByteBuffer.wrap(bytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(bytes.length - CRC_BYTES, (int) crc.getValue());
    return bytes;
  }

  /** True if the bytes hold a block, which then is as good as any; false if they are refused. */
  private static boolean decodesToABlock(Schema schema, byte[] bytes) {
    UpdateBlock block;
    try {
      block = BlockCodec.decode(schema, bytes);
    } catch (InvalidRowException e) {
      return false;
    }
    UpdateBlock again = BlockCodec.decode(schema, BlockCodec.encode(block));
    Update.assertSame(block, again);
    UpdateBlockBuilder copied = new UpdateBlockBuilder(schema);
    for (int i = 0; i < block.size(); i++) {
      copied.copy(block, i);
    }
    assertArrayEquals(BlockCodec.encode(copied.build()), BlockCodec.encode(rebuilt(block)));
    return true;
  }

  /** The block again, each value through its setter. */
  private static UpdateBlock rebuilt(UpdateBlock block) {
    UpdateBlockBuilder builder = new UpdateBlockBuilder(block.schema());
    for (int i = 0; i < block.size(); i++) {
      String error = block.error(i);
      if (error != null) {
        builder.error(error, block.times().get(i), block.diffs().get(i));
        continue;
      }
      for (int c = 0; c < block.schema().size(); c++) {
        Object value = block.value(c, i);
        if (value != null) {
          set(builder, c, value);
        }
      }
      builder.row(block.times().get(i), block.diffs().get(i));
    }
    return builder.build();
  }

  private static void set(UpdateBlockBuilder builder, int c, Object value) {
    switch (builder.schema().column(c).type().kind()) {
      case BOOL -> builder.bool(c, (Boolean) value);
      case INT32 -> builder.int32(c, (Integer) value);
      case INT64 -> builder.int64(c, (Long) value);
      case FLOAT64 -> builder.float64(c, (Double) value);
      case DECIMAL -> builder.decimal(c, (BigDecimal) value);
      case STRING -> builder.string(c, (String) value);
      case BYTES -> builder.bytes(c, (byte[]) value);
      case DATE -> builder.date(c, (LocalDate) value);
      case TIMESTAMP -> builder.timestamp(c, (Instant) value);
      case JSON -> builder.json(c, (String) value);
    }
  }
}
