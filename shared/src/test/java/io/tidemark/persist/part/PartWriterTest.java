package io.tidemark.persist.part;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.row.Column;
import io.tidemark.row.ColumnType;
import io.tidemark.row.Schema;
import io.tidemark.row.UpdateBlock;
import io.tidemark.row.UpdateBlockBuilder;
import io.tidemark.row.Vector;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.junit.jupiter.api.Test;

class PartWriterTest {

  private static final Schema IDS = Schema.of(Column.nullable("id", ColumnType.INT64));

  private static UpdateBlock ids(int from, int to) {
    UpdateBlockBuilder builder = new UpdateBlockBuilder(IDS, to - from);
    for (int i = from; i < to; i++) {
      builder.int64(0, i).row(5, 1);
    }
    return builder.build();
  }

  private static List<ColumnChunkMetaData> columns(EncodedPart part) {
    return ParquetJava.read(part.file()).metadata().getBlocks().get(0).getColumns();
  }

  @Test
  void shouldExplainItself() {
    Schema schema =
        Schema.of(
            Column.required("id", ColumnType.INT64),
            Column.nullable("price", ColumnType.decimal(18, 2)));
    PartWriter writer = new PartWriter(schema);
    UpdateBlockBuilder builder = new UpdateBlockBuilder(schema);
    builder.int64(0, 1).decimal(1, BigDecimal.ONE).row(1, 1);
    writer.write(builder.build());
    ParquetMetadata metadata = ParquetJava.read(writer.finish().file()).metadata();
    assertEquals("1", metadata.getFileMetaData().getKeyValueMetaData().get("tidemark.format"));
    assertEquals(
        "[{\"name\":\"id\",\"type\":\"int64\",\"nullable\":false},"
            + "{\"name\":\"price\",\"type\":\"decimal(18,2)\",\"nullable\":true}]",
        metadata.getFileMetaData().getKeyValueMetaData().get("tidemark.schema"));
    assertTrue(metadata.getFileMetaData().getCreatedBy().startsWith("parquet-mr version"));
    assertEquals(
        """
        message update {
          optional int64 id;
          optional fixed_len_byte_array(16) price (DECIMAL(18,2));
          required int64 _time;
          required int64 _diff;
          optional binary _error (STRING);
        }
        """,
        metadata.getFileMetaData().getSchema().toString());
  }

  @Test
  void shouldKeepTheBoundsOfEveryType() {
    Schema schema =
        Schema.of(
            Column.nullable("b", ColumnType.BOOL),
            Column.nullable("i", ColumnType.INT32),
            Column.nullable("l", ColumnType.INT64),
            Column.nullable("f", ColumnType.FLOAT64),
            Column.nullable("d", ColumnType.decimal(20, 1)),
            Column.nullable("s", ColumnType.STRING),
            Column.nullable("a", ColumnType.DATE),
            Column.nullable("t", ColumnType.TIMESTAMP));
    UpdateBlockBuilder builder = new UpdateBlockBuilder(schema);
    for (int i = -3; i <= 4; i++) {
      builder.bool(0, i > 2).int32(1, i).int64(2, i * 10L).float64(3, i / 2.0);
      builder
          .decimal(4, new BigDecimal(i))
          .string(5, "s" + (i + 3))
          .date(6, LocalDate.ofEpochDay(i));
      builder.timestamp(7, Instant.ofEpochSecond(i)).row(i + 10, i == 0 ? -1 : 1);
    }
    builder.row(20, 1);
    builder.error("e", 21, 1);
    PartWriter writer = new PartWriter(schema);
    writer.write(builder.build());
    List<String> bounds = new ArrayList<>();
    for (ColumnChunkMetaData column : columns(writer.finish())) {
      bounds.add(
          column.getStatistics().minAsString()
              + ".."
              + column.getStatistics().maxAsString()
              + " "
              + column.getStatistics().getNumNulls());
    }
    assertEquals(
        List.of(
            "false..true 2",
            "-3..4 2",
            "-30..40 2",
            "-1.5..2.0 2",
            "-3.0..4.0 2",
            "s0..s7 2",
            "1969-12-29..1970-01-05 2",
            "1969-12-31T23:59:57.000000+0000..1970-01-01T00:00:04.000000+0000 2",
            "7..21 0",
            "-1..1 0",
            "e..e 9"),
        bounds);
  }

  @Test
  void shouldLeaveNaNOutOfBoundsAndCountIt() {
    Schema schema = Schema.of(Column.required("f", ColumnType.FLOAT64));
    UpdateBlockBuilder builder = new UpdateBlockBuilder(schema);
    builder.float64(0, 1).row(1, 1);
    builder.float64(0, Double.NaN).row(1, 1);
    PartWriter writer = new PartWriter(schema);
    writer.write(builder.build());
    Statistics<?> statistics = columns(writer.finish()).get(0).getStatistics();
    assertEquals("1.0..1.0", statistics.minAsString() + ".." + statistics.maxAsString());
    assertEquals(1, statistics.getNanCount());
  }

  @Test
  void shouldTakeNextToNothingForConstantTimesAndDiffsAndNoErrors() {
    PartWriter writer = new PartWriter(IDS);
    for (int b = 0; b < 200; b++) {
      writer.write(ids(0, 1000));
    }
    List<ColumnChunkMetaData> columns = columns(writer.finish(9));
    assertTrue(columns.get(1).getTotalSize() < 150, columns.get(1).toString());
    assertTrue(columns.get(2).getTotalSize() < 150, columns.get(2).toString());
    assertTrue(columns.get(3).getTotalSize() < 80, columns.get(3).toString());
  }

  @Test
  void shouldTakeLittleMemoryForASmallPart() {
    PartWriter writer = new PartWriter(SampleRows.SCHEMA);
    assertEquals(0, writer.bytes());
    writer.write(SampleRows.blocks(SampleRows.rows(1), 1).get(0));
    assertTrue(writer.bytes() < 1 << 10, writer.bytes() + " bytes for one row");
    writer.write(SampleRows.blocks(SampleRows.rows(999), 999).get(0));
    assertTrue(writer.bytes() < 64 << 10, writer.bytes() + " bytes for 1000 rows");
  }

  @Test
  void shouldHoldNoMoreThanItsFileAndAPagePerColumn() {
    PartWriter writer = new PartWriter(SampleRows.SCHEMA);
    for (UpdateBlock block : SampleRows.blocks(SampleRows.rows(30_000), 1000)) {
      writer.write(block);
    }
    long held = writer.bytes();
    int file = writer.finish().file().length;
    assertTrue(held < file + 5 * (125L << 10), held + " bytes held for a file of " + file);
    assertTrue(held > file / 2, held + " bytes held for a file of " + file);
  }

  @Test
  void shouldRefuseABlockPastItsBytes() {
    PartWriter writer = new PartWriter(IDS, 20_000, 1000);
    UpdateBlock large = ids(0, 5000);
    assertTrue(writer.accepts(large), "a first block is always accepted");
    writer.write(large);
    UpdateBlock small = ids(0, 10);
    int blocks = 0;
    while (writer.accepts(small)) {
      writer.write(small);
      blocks++;
    }
    assertTrue(blocks > 0);
    assertTrue(writer.bytes() + small.bytes() > 20_000 && writer.bytes() <= 20_000);
    assertThrows(IllegalStateException.class, () -> writer.write(small));
  }

  @Test
  void shouldRefuseABlockPastItsUpdates() {
    int size = UpdateBlockBuilder.MAX_UPDATES;
    BitSet nulls = new BitSet(size);
    nulls.set(0, size);
    Vector.Longs ones = Vector.Longs.constant(size, 1);
    UpdateBlock block =
        new UpdateBlock(
            IDS,
            List.of(new Vector.Longs(size, new long[size], nulls.toLongArray())),
            ones,
            ones,
            null);
    PartWriter writer = new PartWriter(IDS);
    while (writer.accepts(block)) {
      writer.write(block);
    }
    assertEquals(PartWriter.MAX_UPDATES, writer.updates());
    assertFalse(writer.accepts(ids(0, 1)));
    EncodedPart part = writer.finish(3);
    assertEquals(PartWriter.MAX_UPDATES, part.diffSum());
    PartReader reader = PartReader.open(IDS, part.file(), part.crc32c());
    assertEquals(PartWriter.MAX_UPDATES, reader.updates());
    assertEquals(3, reader.next().times().get(0));
  }

  @Test
  void shouldRefuseWhatItCouldNotReadBack() {
    PartWriter writer = new PartWriter(IDS);
    UpdateBlock one = ids(0, 1);
    UpdateBlock noDiff =
        new UpdateBlock(
            IDS, List.of(one.column(0)), one.times(), Vector.Longs.constant(1, 0), null);
    assertThrows(IllegalArgumentException.class, () -> writer.write(one.at(-1)));
    assertThrows(IllegalArgumentException.class, () -> writer.write(one.at(Long.MAX_VALUE)));
    assertThrows(IllegalArgumentException.class, () -> writer.write(noDiff));
    Schema required = Schema.of(Column.required("id", ColumnType.INT64));
    assertThrows(IllegalArgumentException.class, () -> new PartWriter(required).write(one));
    Vector missing = new Vector.Longs(1, new long[1], new long[] {1});
    UpdateBlock without =
        new UpdateBlock(required, List.of(missing), one.times(), one.diffs(), null);
    assertThrows(IllegalArgumentException.class, () -> new PartWriter(required).write(without));
    byte[] tooLong = new byte[UpdateBlockBuilder.MAX_VALUE_BYTES + 1];
    Schema bytes = Schema.of(Column.nullable("y", ColumnType.BYTES));
    Vector longest = new Vector.Bytes(1, tooLong, new int[] {0, tooLong.length}, null);
    UpdateBlock tooLongBlock =
        new UpdateBlock(bytes, List.of(longest), one.times(), one.diffs(), null);
    assertThrows(IllegalArgumentException.class, () -> new PartWriter(bytes).write(tooLongBlock));
  }

  @Test
  void shouldFinishOnceAndNotEmpty() {
    PartWriter empty = new PartWriter(IDS);
    assertThrows(IllegalStateException.class, empty::finish);
    PartWriter writer = new PartWriter(IDS);
    writer.write(ids(0, 3));
    assertThrows(IllegalArgumentException.class, () -> writer.finish(-1));
    assertEquals(3, writer.finish().updates());
    assertThrows(IllegalStateException.class, writer::finish);
    assertThrows(IllegalStateException.class, () -> writer.write(ids(0, 1)));
  }
}
