package io.tidemark.persist.part;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.Seeds;
import io.tidemark.persist.part.RandomUpdates.Update;
import io.tidemark.row.Column;
import io.tidemark.row.ColumnType;
import io.tidemark.row.Schema;
import io.tidemark.row.UpdateBlock;
import io.tidemark.row.UpdateBlockBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class PartRoundTripTest {

  private static final int SEEDS = 100;

  /** Short enough that a few hundred updates fill many pages. */
  private static final int SHORT_PAGE = 200;

  @Test
  void shouldReadWhatWasWritten() {
    Seeds.forEach(
        SEEDS,
        seed -> {
          RandomUpdates random = new RandomUpdates(seed, false);
          SplittableRandom choice = new SplittableRandom(seed);
          Schema schema = random.schema();
          PartWriter writer = writer(schema, choice);
          List<Update> expected = new ArrayList<>();
          int blocks = 1 + choice.nextInt(4);
          for (int b = 0; b < blocks; b++) {
            UpdateBlock block = random.block(schema, choice.nextBoolean() ? 200 : 5);
            writer.write(block);
            expected.addAll(RandomUpdates.list(block));
          }
          EncodedPart part = writer.finish();
          assertEquals(expected, read(schema, part, 1 + choice.nextInt(300)));
          assertEquals(expected, ofParquetJava(schema, part));
          assertSummary(expected, part);
        });
  }

  private static PartWriter writer(Schema schema, SplittableRandom choice) {
    return choice.nextBoolean()
        ? new PartWriter(schema)
        : new PartWriter(schema, PartWriter.MAX_BYTES, 20 + choice.nextInt(2 * SHORT_PAGE));
  }

  private static void assertSummary(List<Update> expected, EncodedPart part) {
    assertEquals(expected.size(), part.updates());
    assertEquals(expected.stream().mapToLong(Update::time).min().getAsLong(), part.minTime());
    assertEquals(expected.stream().mapToLong(Update::time).max().getAsLong(), part.maxTime());
    assertEquals(expected.stream().mapToLong(Update::diff).sum(), part.diffSum());
  }

  static List<Update> read(Schema schema, EncodedPart part, int maxUpdates) {
    PartReader reader = PartReader.open(schema, part.file(), part.crc32c());
    assertEquals(part.updates(), reader.updates());
    List<Update> updates = new ArrayList<>();
    for (UpdateBlock block = reader.next(maxUpdates);
        block != null;
        block = reader.next(maxUpdates)) {
      assertTrue(block.size() > 0 && block.size() <= maxUpdates);
      updates.addAll(RandomUpdates.list(block));
    }
    return updates;
  }

  /** What parquet-java reads in the part. */
  private static List<Update> ofParquetJava(Schema schema, EncodedPart part) {
    List<List<Object>> columns = ParquetJava.read(part.file()).columns();
    int user = schema.size();
    List<Update> updates = new ArrayList<>();
    for (int i = 0; i < part.updates(); i++) {
      List<String> values = new ArrayList<>();
      for (int c = 0; c < user; c++) {
        values.add(text(schema.column(c).type(), columns.get(c).get(i)));
      }
      byte[] error = (byte[]) columns.get(user + 2).get(i);
      updates.add(
          new Update(
              values,
              error == null ? null : new String(error, StandardCharsets.UTF_8),
              (long) columns.get(user).get(i),
              (long) columns.get(user + 1).get(i)));
    }
    return updates;
  }

  private static String text(ColumnType type, Object value) {
    if (value == null) {
      return null;
    }
    return switch (type.kind()) {
      case FLOAT64 -> RandomUpdates.bits((double) value);
      case DECIMAL -> new BigDecimal(new BigInteger((byte[]) value), type.scale()).toPlainString();
      case STRING, JSON -> new String((byte[]) value, StandardCharsets.UTF_8);
      case BYTES -> HexFormat.of().formatHex((byte[]) value);
      default -> value.toString();
    };
  }

  @Test
  void shouldGiveAllUpdatesTheTimeKnownAtTheEnd() {
    Seeds.forEach(
        20,
        seed -> {
          RandomUpdates random = new RandomUpdates(seed, false);
          Schema schema = random.schema();
          UpdateBlock block = random.block(schema, 1000);
          PartWriter writer = new PartWriter(schema, PartWriter.MAX_BYTES, SHORT_PAGE);
          writer.write(block);
          writer.write(block);
          EncodedPart part = writer.finish(seed);
          List<Update> expected = RandomUpdates.list(block.at(seed));
          expected.addAll(RandomUpdates.list(block.at(seed)));
          assertEquals(expected, read(schema, part, 777));
          assertEquals(expected, ofParquetJava(schema, part));
          assertSummary(expected, part);
        });
  }

  @Test
  void shouldReadBackConstantTimesAndDiffsAsConstants() {
    Schema schema = Schema.of(Column.nullable("id", ColumnType.INT64));
    UpdateBlockBuilder builder = new UpdateBlockBuilder(schema);
    for (int i = 0; i < 1000; i++) {
      builder.row(7, i < 600 ? 1 : -1);
    }
    PartWriter writer = new PartWriter(schema);
    writer.write(builder.build());
    EncodedPart part = writer.finish();
    PartReader reader = PartReader.open(schema, part.file(), part.crc32c());
    UpdateBlock first = reader.next(500);
    assertTrue(first.times().isConstant() && first.diffs().isConstant());
    assertNull(first.errors());
    UpdateBlock second = reader.next(500);
    assertTrue(second.times().isConstant());
    assertEquals(1, second.diffs().get(99));
    assertEquals(-1, second.diffs().get(100));
    assertNull(reader.next(500));
  }

  @Test
  void shouldFillNullableColumnsThatThePartLacks() {
    Schema old = Schema.of(Column.required("b", ColumnType.STRING));
    UpdateBlockBuilder builder = new UpdateBlockBuilder(old);
    builder.string(0, "x").row(1, 1);
    builder.error("bad", 2, 1);
    PartWriter writer = new PartWriter(old);
    writer.write(builder.build());
    EncodedPart part = writer.finish();

    List<Column> columns = new ArrayList<>();
    columns.add(Column.nullable("a", ColumnType.INT64));
    columns.add(old.column(0));
    for (ColumnType type : List.of(ColumnType.BOOL, ColumnType.JSON, ColumnType.decimal(9, 2))) {
      columns.add(Column.nullable("c" + columns.size(), type));
    }
    List<Update> updates = read(new Schema(columns), part, 10);
    assertEquals("[null, x, null, null, null]", updates.get(0).values().toString());
    assertEquals("bad", updates.get(1).error());
  }

  @Test
  void shouldKeepBlocksOfLongValuesShort() {
    Schema schema = Schema.of(Column.required("text", ColumnType.STRING));
    String long1 = "x".repeat(1 << 20);
    UpdateBlockBuilder builder = new UpdateBlockBuilder(schema);
    for (int i = 0; i < 64; i++) {
      builder.string(0, long1).row(1, 1);
    }
    PartWriter writer = new PartWriter(schema);
    writer.write(builder.build());
    EncodedPart part = writer.finish();
    PartReader reader = PartReader.open(schema, part.file(), part.crc32c());
    int updates = 0;
    for (UpdateBlock block = reader.next(); block != null; block = reader.next()) {
      assertTrue(block.bytes() <= 18 << 20, "a block of " + block.bytes() + " bytes");
      updates += block.size();
    }
    assertEquals(64, updates);
  }

  @Test
  void shouldEncodeOnManyThreadsAtOnce() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Callable<Boolean>> tasks = new ArrayList<>();
      for (int t = 0; t < 100; t++) {
        long seed = t;
        tasks.add(
            () -> {
              RandomUpdates random = new RandomUpdates(seed, false);
              Schema schema = random.schema();
              UpdateBlock block = random.block(schema, 500);
              PartWriter writer = new PartWriter(schema, PartWriter.MAX_BYTES, 4 * SHORT_PAGE);
              writer.write(block);
              return read(schema, writer.finish(), 500).equals(RandomUpdates.list(block));
            });
      }
      for (Future<Boolean> equal : threads.invokeAll(tasks)) {
        assertTrue(equal.get());
      }
    } finally {
      threads.shutdownNow();
    }
  }

  /** A file that the first version of the format wrote: it must stay readable for ever. */
  @Test
  void shouldReadPartsOfFormat1() throws IOException {
    byte[] file;
    try (InputStream in = getClass().getResourceAsStream("format-1.parquet")) {
      file = in.readAllBytes();
    }
    UpdateBlock expected = blockOfFormat1();
    PartReader reader = PartReader.openUnchecked(expected.schema(), file);
    assertEquals(RandomUpdates.list(expected), RandomUpdates.list(reader.next()));
    assertNull(reader.next());
  }

  private static UpdateBlock blockOfFormat1() {
    Schema schema =
        Schema.of(
            Column.required("b", ColumnType.BOOL),
            Column.nullable("i", ColumnType.INT32),
            Column.required("l", ColumnType.INT64),
            Column.nullable("f", ColumnType.FLOAT64),
            Column.nullable("d", ColumnType.decimal(38, 10)),
            Column.nullable("s", ColumnType.STRING),
            Column.nullable("y", ColumnType.BYTES),
            Column.nullable("a", ColumnType.DATE),
            Column.nullable("t", ColumnType.TIMESTAMP),
            Column.nullable("j", ColumnType.JSON));
    UpdateBlockBuilder builder = new UpdateBlockBuilder(schema);
    for (int i = 0; i < 100; i++) {
      builder.bool(0, i % 3 == 0).int64(2, i * 1_000_000_007L);
      if (i % 10 != 7) {
        builder.int32(1, -i).float64(3, i / 8.0).decimal(4, new BigDecimal(i).movePointLeft(9));
        builder.string(5, "téxt " + i).bytes(6, new byte[] {(byte) i, 0, -1});
        builder.date(7, LocalDate.ofEpochDay(i * 100L)).timestampMicros(8, i * 1_000_001L);
        builder.json(9, "{\"i\":" + i + "}");
      }
      builder.row(i < 30 ? 1_000 : 1_000 + i, i % 5 == 4 ? -1 : 1);
      if (i % 20 == 19) {
        builder.error("érror " + i, 1_000 + i, 2);
      }
    }
    return builder.build();
  }
}
