package io.tidemark.persist.consolidate;

import static io.tidemark.persist.consolidate.Blocks.SCHEMA;
import static io.tidemark.persist.consolidate.Blocks.TIME;
import static io.tidemark.persist.consolidate.Blocks.drain;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.Seeds;
import io.tidemark.row.Column;
import io.tidemark.row.ColumnType;
import io.tidemark.row.RandomBlocks;
import io.tidemark.row.Schema;
import io.tidemark.row.Update;
import io.tidemark.row.UpdateBlock;
import io.tidemark.row.UpdateBlockBuilder;
import io.tidemark.row.Vector;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Consolidation in memory, against a model that is a map. */
class ConsolidatorTest {

  private static final long MEMORY_BYTES = 64 << 20;

  @TempDir Path directory;

  private Consolidator consolidator(Schema schema, int blockUpdates) {
    return new Consolidator(
        schema, TIME, new ConsolidatorOptions(MEMORY_BYTES, spills(), blockUpdates, 1 << 20));
  }

  private Path spills() {
    return directory.resolve("spills");
  }

  @Test
  void shouldAgreeWithTheModelInOrderOfFirstAppearance() {
    Seeds.forEach(120, this::agree);
  }

  private void agree(long seed) {
    RandomBlocks random = new RandomBlocks(seed);
    SplittableRandom choice = random.random();
    Schema schema = choice.nextInt(20) == 0 ? RandomBlocks.everyType() : random.schema();
    boolean extremes = choice.nextInt(4) == 0;
    Model model = new Model();
    try (Consolidator consolidator = consolidator(schema, choice.nextInt(1, 200))) {
      List<UpdateBlock> blocks = new ArrayList<>();
      for (int b = choice.nextInt(8); b >= 0; b--) {
        UpdateBlock block = random.block(schema, choice.nextInt(400));
        blocks.add(extremes ? block : Blocks.withDiffs(block, diff -> diff % 5 + 7));
        if (choice.nextBoolean()) {
          UpdateBlock again = blocks.get(choice.nextInt(blocks.size()));
          blocks.add(Blocks.withDiffs(again, diff -> choice.nextInt(4) == 0 ? diff : -diff));
        }
      }
      blocks.forEach(model::add);
      blocks.forEach(consolidator::add);
      if (model.overflows()) {
        assertThrows(DiffOverflowException.class, () -> drain(consolidator));
      } else {
        assertEquals(model.updates(TIME), drain(consolidator));
      }
      assertEquals(new Spilled(0, 0, 0), consolidator.spilled());
    }
  }

  @Test
  void shouldGiveNothingForNothing() {
    try (Consolidator consolidator = consolidator(SCHEMA, 10)) {
      consolidator.add(new UpdateBlockBuilder(SCHEMA).build());
      assertNull(consolidator.next());
      assertNull(consolidator.next());
    }
  }

  @Test
  void shouldGiveNothingIfEverythingCancels() {
    try (Consolidator consolidator = consolidator(SCHEMA, 10)) {
      consolidator.add(Blocks.rows(IntStream.range(0, 5000), 1));
      consolidator.add(Blocks.rows(IntStream.range(0, 5000), -1));
      assertNull(consolidator.next());
    }
  }

  @Test
  void shouldFillItsBlocks() {
    try (Consolidator consolidator = consolidator(SCHEMA, 700)) {
      consolidator.add(Blocks.rows(IntStream.range(0, 2000), 1));
      consolidator.add(Blocks.rows(IntStream.iterate(0, id -> id + 10).limit(200), -1));
      assertEquals(700, consolidator.next().size());
      assertEquals(700, consolidator.next().size());
      assertEquals(400, consolidator.next().size());
      assertNull(consolidator.next());
    }
  }

  @Test
  void shouldEndBlocksThatHaveTheirBytes() {
    ConsolidatorOptions options = new ConsolidatorOptions(MEMORY_BYTES, spills(), 1000, 2500);
    try (Consolidator consolidator = new Consolidator(SCHEMA, TIME, options)) {
      for (int id = 0; id < 5; id++) {
        consolidator.add(Blocks.largeRow(id, 1000));
      }
      assertEquals(3, consolidator.next().size());
      assertEquals(2, consolidator.next().size());
      assertNull(consolidator.next());
    }
  }

  @Test
  void shouldTakeTheMemoryOfOneForEqualTimesAndDiffs() {
    try (Consolidator consolidator = consolidator(SCHEMA, 1000)) {
      consolidator.add(Blocks.rows(IntStream.range(0, 100), 3));
      UpdateBlock block = consolidator.next();
      assertTrue(block.times().isConstant() && block.diffs().isConstant());
      assertEquals(TIME, block.times().get(50));
      assertEquals(3, block.diffs().get(50));
    }
  }

  @Test
  void shouldTakeEqualFloatsForOne() {
    Schema schema = Schema.of(Column.nullable("x", ColumnType.FLOAT64));
    double otherNan = Double.longBitsToDouble(0x7ff8_0000_dead_beefL);
    double[] values = {0.0, -0.0, Double.NaN, otherNan, Double.MIN_VALUE};
    UpdateBlock block =
        new UpdateBlock(
            schema,
            List.of(new Vector.Doubles(5, values, null)),
            Vector.Longs.constant(5, 1),
            Vector.Longs.constant(5, 1),
            null);
    try (Consolidator consolidator = consolidator(schema, 10)) {
      consolidator.add(block);
      assertEquals(
          List.of(row(0.0, 2), row(Double.NaN, 2), row(Double.MIN_VALUE, 1)), drain(consolidator));
    }
  }

  private static Update row(double value, long diff) {
    return new Update(List.of(value), null, TIME, diff);
  }

  @Test
  void shouldNotLookAtWhatStandsInThePlaceOfNulls() {
    Schema schema =
        Schema.of(
            Column.nullable("a", ColumnType.INT64),
            Column.nullable("b", ColumnType.INT32),
            Column.nullable("c", ColumnType.BOOL),
            Column.nullable("d", ColumnType.FLOAT64),
            Column.nullable("e", ColumnType.decimal(30, 2)),
            Column.nullable("f", ColumnType.STRING));
    try (Consolidator consolidator = consolidator(schema, 10)) {
      consolidator.add(allNull(schema, 0));
      consolidator.add(allNull(schema, 7));
      List<Update> updates = drain(consolidator);
      assertEquals(1, updates.size());
      assertEquals(2, updates.get(0).diff());
      assertTrue(updates.get(0).row().stream().allMatch(value -> value == null));
    }
  }

  private static UpdateBlock allNull(Schema schema, int below) {
    long[] nulls = {1};
    return new UpdateBlock(
        schema,
        List.of(
            new Vector.Longs(1, new long[] {below}, nulls),
            new Vector.Ints(1, new int[] {below}, nulls),
            new Vector.Booleans(1, new boolean[] {below > 0}, nulls),
            new Vector.Doubles(1, new double[] {below}, nulls),
            new Vector.Decimals(1, new long[] {below, below}, nulls),
            new Vector.Bytes(1, new byte[below], new int[] {0, below}, nulls)),
        Vector.Longs.constant(1, 1),
        Vector.Longs.constant(1, 1),
        null);
  }

  @Test
  void shouldTellAnEmptyErrorFromAnEmptyRow() {
    Schema schema = Schema.of(Column.nullable("name", ColumnType.STRING));
    UpdateBlockBuilder builder = new UpdateBlockBuilder(schema);
    builder.row(1, 1);
    builder.string(0, "");
    builder.row(1, 1);
    builder.error("", 1, 1);
    builder.error("\u0000", 1, 1);
    builder.string(0, "\u0000");
    builder.row(1, 1);
    UpdateBlock block = builder.build();
    try (Consolidator consolidator = consolidator(schema, 2)) {
      consolidator.add(block);
      assertEquals(Update.listOf(block.at(TIME)), drain(consolidator));
    }
  }

  @Test
  void shouldHoldTheWidestSchema() {
    List<Column> columns = new ArrayList<>();
    for (int c = 0; c < Schema.MAX_COLUMNS; c++) {
      columns.add(Column.nullable("c" + c, c % 2 == 0 ? ColumnType.BOOL : ColumnType.STRING));
    }
    Schema schema = new Schema(columns);
    UpdateBlock block = new RandomBlocks(1).block(schema, 100);
    Model model = new Model();
    model.add(Blocks.withDiffs(block, diff -> 1));
    try (Consolidator consolidator = consolidator(schema, 50)) {
      consolidator.add(Blocks.withDiffs(block, diff -> 1));
      assertEquals(model.updates(TIME), drain(consolidator));
    }
  }

  @Test
  void shouldRefuseASumThatDoesNotFitAndNameItsRow() {
    try (Consolidator consolidator = consolidator(SCHEMA, 10)) {
      consolidator.add(Blocks.row(1, 5));
      consolidator.add(Blocks.row(42, Long.MAX_VALUE, 1));
      DiffOverflowException e = assertThrows(DiffOverflowException.class, consolidator::next);
      assertTrue(e.getMessage().contains("'id' = 42"), e.getMessage());
      assertTrue(e.getMessage().contains("9223372036854775808"), e.getMessage());
      assertThrows(IllegalStateException.class, consolidator::next);
    }
  }

  @Test
  void shouldNameTheFirstColumnOfEveryTypeIfASumDoesNotFit() {
    RandomBlocks random = new RandomBlocks(5);
    for (Column column : RandomBlocks.everyType().columns()) {
      Schema schema = Schema.of(new Column("first", column.type(), true));
      UpdateBlock block = Blocks.withDiffs(random.block(schema, 50), diff -> Long.MIN_VALUE);
      try (Consolidator consolidator = consolidator(schema, 10)) {
        consolidator.add(block);
        consolidator.add(block);
        DiffOverflowException e = assertThrows(DiffOverflowException.class, consolidator::next);
        assertTrue(e.getMessage().matches("(?s)the diffs of the (row with 'first' = |error ').*"));
      }
    }
  }

  @Test
  void shouldNotMindASumThatIsTooLargeOnlyForAWhile() {
    try (Consolidator consolidator = consolidator(SCHEMA, 10)) {
      consolidator.add(Blocks.row(1, Long.MAX_VALUE, Long.MAX_VALUE, Long.MIN_VALUE, 1));
      consolidator.add(Blocks.row(2, Long.MIN_VALUE, Long.MIN_VALUE, Long.MAX_VALUE, 1));
      List<Update> updates = drain(consolidator);
      assertEquals(
          List.of(Long.MAX_VALUE, Long.MIN_VALUE), updates.stream().map(Update::diff).toList());
    }
  }

  @Test
  void shouldNotTakeASumOf96BitsForZero() {
    // 2^32 times 2^32: bits 0 to 63 of the sum are all 0.
    try (Consolidator consolidator = consolidator(SCHEMA, 10)) {
      consolidator.add(Blocks.row(1, Long.MIN_VALUE, Long.MIN_VALUE));
      assertThrows(DiffOverflowException.class, consolidator::next);
    }
  }

  @Test
  void shouldRefuseBlocksThatDoNotBelong() {
    Schema other = Schema.of(Column.required("id", ColumnType.INT64));
    ConsolidatorOptions options = new ConsolidatorOptions(MEMORY_BYTES, spills(), 10, 1 << 20);
    try (Consolidator consolidator = new Consolidator(SCHEMA, 9, options)) {
      UpdateBlock otherSchema = new UpdateBlockBuilder(other).build();
      UpdateBlock late = Blocks.row(1, 1).at(10);
      assertThrows(IllegalArgumentException.class, () -> consolidator.add(otherSchema));
      assertThrows(IllegalArgumentException.class, () -> consolidator.add(late));
      consolidator.add(late.at(9));
      assertNotNull(consolidator.next());
      UpdateBlock more = Blocks.row(1, 1);
      assertThrows(IllegalStateException.class, () -> consolidator.add(more));
    }
  }

  @Test
  void shouldRefuseWorkOnceClosed() {
    Consolidator consolidator = consolidator(SCHEMA, 10);
    UpdateBlock block = Blocks.row(1, 1);
    consolidator.add(block);
    consolidator.close();
    consolidator.close();
    assertThrows(IllegalStateException.class, () -> consolidator.add(block));
    assertThrows(IllegalStateException.class, consolidator::next);
    assertFalse(Files.exists(spills()));
  }

  @Test
  void shouldRefuseOptionsOutOfRange() {
    for (long memory : new long[] {0, (256 << 10) - 1, (16L << 30) + 1}) {
      assertThrows(
          IllegalArgumentException.class, () -> new ConsolidatorOptions(memory, spills(), 1, 1));
    }
    for (int updates : new int[] {0, UpdateBlockBuilder.MAX_UPDATES + 1}) {
      assertThrows(
          IllegalArgumentException.class,
          () -> new ConsolidatorOptions(MEMORY_BYTES, spills(), updates, 1));
    }
    for (long bytes : new long[] {0, UpdateBlockBuilder.MAX_BYTES + 1L}) {
      assertThrows(
          IllegalArgumentException.class,
          () -> new ConsolidatorOptions(MEMORY_BYTES, spills(), 1, bytes));
    }
  }
}
