package io.tidemark.row;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.Seeds;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** The builder: what it takes, what it refuses, and that a refusal leaves nothing behind. */
class UpdateBlockBuilderTest {

  private static final int ID = 0;
  private static final int NAME = 1;
  private static final int PRICE = 2;
  private static final int BLOB = 3;
  private static final int DOC = 4;
  private static final int DAY = 5;
  private static final int AT = 6;

  private static final Schema SCHEMA =
      Schema.of(
          Column.required("id", ColumnType.INT64),
          Column.nullable("name", ColumnType.STRING),
          Column.nullable("price", ColumnType.decimal(9, 2)),
          Column.nullable("blob", ColumnType.BYTES),
          Column.nullable("doc", ColumnType.JSON),
          Column.nullable("day", ColumnType.DATE),
          Column.nullable("at", ColumnType.TIMESTAMP));

  private static Map<String, Consumer<UpdateBlockBuilder>> refusals() {
    Map<String, Consumer<UpdateBlockBuilder>> refusals = new LinkedHashMap<>();
    String loneSurrogate = "a\ud800b";
    refusals.put("'_diff' is 0", b -> b.row(1, 0));
    refusals.put("'_time' is -1", b -> b.row(-1, 1));
    refusals.put("'_time' is 9223372036854775807", b -> b.row(Long.MAX_VALUE, 1));
    refusals.put("an error carried as data has no columns", b -> b.error("x", 1, 1));
    refusals.put("column 'name': is given twice", b -> b.string(NAME, "b"));
    refusals.put("column 'id': holds values of type int64", b -> b.string(ID, "b"));
    refusals.put("column 'day': holds values of type date", b -> b.int32(DAY, 1));
    refusals.put("column 'at': holds values of type timestamp", b -> b.int64(AT, 1));
    refusals.put("column 'blob': holds values of type bytes", b -> b.json(BLOB, "1"));
    refusals.put("column 'price': a number", b -> b.decimal(PRICE, new BigDecimal("0.001")));
    refusals.put("column 'doc': the text is not JSON", b -> b.json(DOC, "{"));
    refusals.put("column 'doc': a text is not valid", b -> b.json(DOC, '"' + loneSurrogate + '"'));
    refusals.put("column 'day': the date", b -> b.date(DAY, LocalDate.MAX));
    refusals.put(
        "column 'at': the timestamp", b -> b.timestamp(AT, Instant.ofEpochSecond(1L << 50)));
    refusals.put("column 'at': a timestamp", b -> b.timestamp(AT, Instant.ofEpochSecond(0, 1)));
    refusals.put(
        "column 'blob': a value is at most",
        b -> b.bytes(BLOB, new byte[UpdateBlockBuilder.MAX_VALUE_BYTES + 1]));
    return refusals;
  }

  @Test
  void shouldStandAsBeforeAfterEveryRefusal() {
    UpdateBlockBuilder expected = new UpdateBlockBuilder(SCHEMA);
    fill(expected);
    refusals()
        .forEach(
            (message, refusal) -> {
              UpdateBlockBuilder builder = new UpdateBlockBuilder(SCHEMA);
              fill(builder);
              builder.string(NAME, "gone");
              InvalidRowException e =
                  assertThrows(InvalidRowException.class, () -> refusal.accept(builder), message);
              assertTrue(e.getMessage().contains(message), message + " but: " + e.getMessage());
              assertEquals(expected.size(), builder.size());
              assertEquals(expected.bytes(), builder.bytes(), message);
              assertSameAfterOneMoreRow(builder);
            });
  }

  @Test
  void shouldRefuseARowWithoutARequiredColumnAndTextsThatAreNoText() {
    Map<String, Consumer<UpdateBlockBuilder>> refusals = new LinkedHashMap<>();
    refusals.put("column 'id': has no value", b -> b.string(NAME, "b").row(1, 1));
    refusals.put("column 'name': a text is not valid", b -> b.string(NAME, "\udc00\ud800"));
    refusals.put("'_error': a text is not valid", b -> b.error("\ud800", 1, 1));
    refusals.forEach(
        (message, refusal) -> {
          UpdateBlockBuilder builder = new UpdateBlockBuilder(SCHEMA);
          fill(builder);
          InvalidRowException e =
              assertThrows(InvalidRowException.class, () -> refusal.accept(builder), message);
          assertTrue(e.getMessage().contains(message), e.getMessage());
          assertSameAfterOneMoreRow(builder);
        });
  }

  private static void fill(UpdateBlockBuilder builder) {
    builder.int64(ID, 1).string(NAME, "é").bytes(BLOB, new byte[3]).json(DOC, "[1]").row(5, 1);
    builder.error("broken", 6, -1);
    builder.int64(ID, 2).decimal(PRICE, new BigDecimal("1.50")).row(7, 2);
  }

  private static void assertSameAfterOneMoreRow(UpdateBlockBuilder builder) {
    UpdateBlockBuilder expected = new UpdateBlockBuilder(SCHEMA);
    fill(expected);
    for (UpdateBlockBuilder b : new UpdateBlockBuilder[] {expected, builder}) {
      b.int64(ID, 9).row(8, 1);
    }
    assertEquals(expected.bytes(), builder.bytes());
    assertArrayEquals(BlockCodec.encode(expected.build()), BlockCodec.encode(builder.build()));
  }

  @Test
  void shouldNotHoldOnToRoomForThousandsOfRowsInABlockOfOne() {
    UpdateBlockBuilder builder = new UpdateBlockBuilder(SCHEMA, 4096);
    fill(builder);
    Vector.Bytes names = (Vector.Bytes) builder.build().column(NAME);
    assertTrue(names.data().length < 100, () -> names.data().length + " bytes");
  }

  @Test
  void shouldTakeBackUpdatesAsIfTheyHadNeverBeen() {
    Seeds.forEach(
        200,
        seed -> {
          RandomBlocks random = new RandomBlocks(seed);
          Schema schema = random.schema();
          UpdateBlock kept = random.block(schema, random.random().nextInt(150));
          UpdateBlock dropped = random.block(schema, random.random().nextInt(150));
          int mark = random.random().nextInt(kept.size() + 1);
          UpdateBlockBuilder plain = new UpdateBlockBuilder(schema);
          UpdateBlockBuilder builder = new UpdateBlockBuilder(schema);
          copy(kept, 0, kept.size(), plain);
          copy(kept, 0, mark, builder);
          copy(dropped, 0, dropped.size(), builder);
          random.rows().set(builder, 0);
          builder.truncate(mark);
          copy(kept, mark, kept.size(), builder);
          assertEquals(plain.bytes(), builder.bytes());
          assertArrayEquals(BlockCodec.encode(plain.build()), BlockCodec.encode(builder.build()));
        });
  }

  private static void copy(UpdateBlock from, int start, int end, UpdateBlockBuilder to) {
    for (int i = start; i < end; i++) {
      to.copy(from, i);
    }
  }

  @Test
  void shouldCountBytesTheSameHoweverUpdatesCame() {
    Seeds.forEach(
        100,
        seed -> {
          UpdateBlock block = new RandomBlocks(seed).block();
          UpdateBlockBuilder copied = new UpdateBlockBuilder(block.schema());
          copy(block, 0, block.size(), copied);
          long counted = copied.bytes();
          UpdateBlock again = copied.build();
          Update.assertSame(block, again);
          copied = new UpdateBlockBuilder(block.schema());
          copy(again, 0, again.size(), copied);
          assertEquals(counted, copied.bytes());
          copied.truncate(0);
          assertEquals(0, copied.bytes());
        });
  }

  @Test
  void shouldRefuseABlockOfOtherColumns() {
    UpdateBlockBuilder builder = new UpdateBlockBuilder(SCHEMA);
    UpdateBlock other = new RandomBlocks(1).block();
    assertThrows(IllegalArgumentException.class, () -> builder.copy(other, 0));
    assertThrows(IndexOutOfBoundsException.class, () -> builder.truncate(1));
    assertThrows(IndexOutOfBoundsException.class, () -> builder.int64(7, 1));
  }

  @Test
  void shouldRememberANullFarBehindTheLast() {
    Schema schema = Schema.of(Column.nullable("n", ColumnType.INT64));
    UpdateBlockBuilder builder = new UpdateBlockBuilder(schema);
    builder.row(0, 1);
    for (int i = 0; i < 1000; i++) {
      builder.int64(0, i).row(0, 1);
    }
    builder.row(0, 1);
    UpdateBlock block = builder.build();
    assertTrue(block.column(0).isNull(0) && block.column(0).isNull(1001));
    assertEquals(999L, block.value(0, 1000));
  }

  @Test
  void shouldHoldDecimalsExactlyOrNotAtAll() {
    String[] good = {
      "9999999.99", "-9999999.99", "1.5", "1.50000000", "2e3", "0", "0e999999999", "0e-999999999"
    };
    for (String text : good) {
      BigDecimal held = (BigDecimal) valueOf(ColumnType.decimal(9, 2), new BigDecimal(text));
      assertEquals(0, held.compareTo(new BigDecimal(text).stripTrailingZeros()), text);
      assertEquals(2, held.scale());
    }
    String[] bad = {"10000000", "1.555", "1e7", "-1e-3", "1e999999999", "1e-999999999"};
    for (String text : bad) {
      assertNoDecimal(new BigDecimal(text));
    }
    assertNoDecimal(new BigDecimal(BigInteger.valueOf(100), Integer.MIN_VALUE));
    assertNoDecimal(new BigDecimal(BigInteger.ONE, Integer.MAX_VALUE));
    assertNoDecimal(new BigDecimal(BigInteger.ONE.shiftLeft(10_000_000), 2));
    assertNoDecimal(new BigDecimal(BigInteger.TEN.pow(100_000), 100_000));
  }

  @Test
  void shouldHoldTheLargestDecimals() {
    BigInteger most = BigInteger.TEN.pow(38).subtract(BigInteger.ONE);
    for (int scale : new int[] {0, 19, 38}) {
      for (BigInteger unscaled : new BigInteger[] {most, most.negate(), BigInteger.ONE.negate()}) {
        BigDecimal value = new BigDecimal(unscaled, scale);
        assertEquals(value, valueOf(ColumnType.decimal(38, scale), value));
      }
    }
  }

  private static void assertNoDecimal(BigDecimal value) {
    assertThrows(InvalidRowException.class, () -> valueOf(ColumnType.decimal(9, 2), value));
  }

  private static Object valueOf(ColumnType type, BigDecimal value) {
    UpdateBlockBuilder builder = new UpdateBlockBuilder(Schema.of(Column.required("d", type)));
    builder.decimal(0, value).row(0, 1);
    return builder.build().value(0, 0);
  }

  @Test
  void shouldHoldEveryTimestampOfSixtyFourBits() {
    for (long micros :
        new long[] {Long.MIN_VALUE, Long.MIN_VALUE + 1, -1, 0, 1, -999_999, Long.MAX_VALUE}) {
      UpdateBlockBuilder builder =
          new UpdateBlockBuilder(Schema.of(Column.required("t", ColumnType.TIMESTAMP)));
      builder.timestamp(0, IsoTime.instant(micros)).row(0, 1);
      builder.timestampMicros(0, micros).row(0, 1);
      UpdateBlock block = builder.build();
      assertEquals(IsoTime.instant(micros), block.value(0, 0));
      assertEquals(block.value(0, 1), block.value(0, 0));
      Instant before = IsoTime.instant(Long.MIN_VALUE).minusNanos(1000);
      Instant after = IsoTime.instant(Long.MAX_VALUE).plusNanos(1000);
      assertThrows(InvalidRowException.class, () -> builder.timestamp(0, before));
      assertThrows(InvalidRowException.class, () -> builder.timestamp(0, after));
    }
  }

  @Test
  void shouldTakeTheJsonNullAsNoValue() {
    UpdateBlockBuilder builder =
        new UpdateBlockBuilder(
            Schema.of(
                Column.nullable("n", ColumnType.JSON), Column.required("r", ColumnType.JSON)));
    builder.json(0, " null ").json(1, "[null]").row(0, 1);
    assertThrows(InvalidRowException.class, () -> builder.json(1, "null").row(0, 1));
    UpdateBlock block = builder.build();
    assertNull(block.value(0, 0));
    assertEquals("[null]", block.value(1, 0));
  }

  @Test
  void shouldMakeEqualFloatsOneValue() {
    UpdateBlockBuilder builder =
        new UpdateBlockBuilder(Schema.of(Column.required("f", ColumnType.FLOAT64)));
    builder.float64(0, -0.0).row(0, 1);
    builder.float64(0, Double.longBitsToDouble(0xfff8_0000_0000_0123L)).row(0, 1);
    Vector.Doubles values = (Vector.Doubles) builder.build().column(0);
    assertEquals(0, Double.doubleToRawLongBits(values.get(0)));
    assertEquals(Double.doubleToRawLongBits(Double.NaN), Double.doubleToRawLongBits(values.get(1)));
  }
}
