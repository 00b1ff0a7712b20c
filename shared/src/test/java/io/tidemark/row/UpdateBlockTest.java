package io.tidemark.row;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.Seeds;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class UpdateBlockTest {

  @Test
  void shouldGiveValuesAsTheJavaTypesThatFit() {
    Schema schema =
        Schema.of(
            Column.required("a", ColumnType.BOOL),
            Column.required("b", ColumnType.INT32),
            Column.required("c", ColumnType.INT64),
            Column.required("d", ColumnType.FLOAT64),
            Column.required("e", ColumnType.decimal(5, 2)),
            Column.required("f", ColumnType.STRING),
            Column.required("g", ColumnType.BYTES),
            Column.required("h", ColumnType.DATE),
            Column.required("i", ColumnType.TIMESTAMP),
            Column.required("j", ColumnType.JSON));
    UpdateBlockBuilder builder = new UpdateBlockBuilder(schema);
    Instant instant = Instant.parse("1969-12-31T23:59:59.000001Z");
    builder.bool(0, true).int32(1, -1).int64(2, 1L << 60).float64(3, 0.5);
    builder.decimal(4, new BigDecimal("1.5")).string(5, "日").bytes(6, new byte[] {1, 2});
    builder.date(7, LocalDate.of(1969, 12, 31)).timestamp(8, instant);
    builder.json(9, " {\"b\": 1.0, \"a\": []} ").row(3, -2);
    UpdateBlock block = builder.build();
    List<Object> values = new ArrayList<>();
    for (int c = 0; c < schema.size(); c++) {
      values.add(block.value(c, 0));
    }
    assertArrayEquals(new byte[] {1, 2}, (byte[]) values.remove(6));
    assertEquals(
        List.of(
            true,
            -1,
            1L << 60,
            0.5,
            new BigDecimal("1.50"),
            "日",
            LocalDate.of(1969, 12, 31),
            instant,
            "{\"a\":[],\"b\":1}"),
        values);
    assertNull(block.error(0));
    assertFalse(block.isError(0));
  }

  @Test
  void shouldGiveNoValuesForAnError() {
    UpdateBlockBuilder builder = new UpdateBlockBuilder(RandomBlocks.everyType());
    builder.error("it broke", 1, 1);
    UpdateBlock block = builder.build();
    assertTrue(block.isError(0));
    assertEquals("it broke", block.error(0));
    for (int c = 0; c < block.schema().size(); c++) {
      assertNull(block.value(c, 0));
    }
  }

  @Test
  void shouldMoveTimesForwardOnly() {
    Seeds.forEach(
        50,
        seed -> {
          UpdateBlock block = new RandomBlocks(seed).block();
          long time = 3;
          List<Update> advanced = Update.listOf(block.noEarlierThan(time));
          List<Update> moved = Update.listOf(block.at(time));
          for (int i = 0; i < block.size(); i++) {
            Update update = Update.of(block, i);
            assertEquals(Math.max(update.time(), time), advanced.get(i).time());
            assertEquals(
                new Update(update.row(), update.error(), time, update.diff()), moved.get(i));
          }
        });
  }

  @Test
  void shouldSelectInOrder() {
    Seeds.forEach(
        50,
        seed -> {
          UpdateBlock block = new RandomBlocks(seed).block();
          UpdateBlock odd = block.select(i -> i % 2 == 1);
          assertEquals(block.size() / 2, odd.size());
          for (int i = 0; i < odd.size(); i++) {
            assertEquals(Update.of(block, 2 * i + 1), Update.of(odd, i));
          }
          assertSame(block, block.select(i -> true));
          assertTrue(block.select(i -> false).isEmpty());
        });
  }

  @Test
  void shouldRefuseVectorsThatDoNotFitTheSchema() {
    Schema schema = Schema.of(Column.required("n", ColumnType.INT64));
    Vector.Longs two = Vector.Longs.constant(2, 1);
    Vector.Longs three = Vector.Longs.constant(3, 1);
    Vector ints = new Vector.Ints(2, new int[2], null);
    assertThrows(
        IllegalArgumentException.class,
        () -> new UpdateBlock(schema, List.of(three), two, two, null).size());
    assertThrows(
        IllegalArgumentException.class,
        () -> new UpdateBlock(schema, List.of(two), two, three, null).size());
    assertThrows(
        IllegalArgumentException.class,
        () -> new UpdateBlock(schema, List.of(ints), two, two, null).size());
    assertThrows(
        IllegalArgumentException.class,
        () -> new UpdateBlock(schema, List.of(two, two), two, two, null).size());
    assertEquals(2, new UpdateBlock(schema, List.of(two), two, two, null).size());
  }
}
