package io.tidemark.persist.consolidate;

import io.tidemark.row.Column;
import io.tidemark.row.ColumnType;
import io.tidemark.row.Schema;
import io.tidemark.row.Update;
import io.tidemark.row.UpdateBlock;
import io.tidemark.row.UpdateBlockBuilder;
import io.tidemark.row.Vector;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongUnaryOperator;
import java.util.stream.IntStream;

/** Blocks for the tests of consolidation, and what comes out. */
final class Blocks {

  /** After every time of a block. */
  static final long TIME = Long.MAX_VALUE - 1;

  static final Schema SCHEMA =
      Schema.of(
          Column.required("id", ColumnType.INT64), Column.nullable("name", ColumnType.STRING));

  private Blocks() {}

  /** A row per id, named after it, each with the same diff. */
  static UpdateBlock rows(IntStream ids, long diff) {
    UpdateBlockBuilder builder = new UpdateBlockBuilder(SCHEMA);
    ids.forEach(
        id -> {
          builder.int64(0, id).string(1, "the name of row " + id);
          builder.row(1, diff);
        });
    return builder.build();
  }

  /** One row, once per diff. */
  static UpdateBlock row(long id, long... diffs) {
    UpdateBlockBuilder builder = new UpdateBlockBuilder(SCHEMA);
    for (long diff : diffs) {
      builder.int64(0, id);
      builder.row(1, diff);
    }
    return builder.build();
  }

  /** One row of about {@code bytes} bytes. */
  static UpdateBlock largeRow(long id, int bytes) {
    UpdateBlockBuilder builder = new UpdateBlockBuilder(SCHEMA);
    builder.int64(0, id).string(1, "x".repeat(bytes));
    builder.row(1, 1);
    return builder.build();
  }

  /** The same rows with other diffs. */
  static UpdateBlock withDiffs(UpdateBlock block, LongUnaryOperator change) {
    long[] diffs = new long[block.size()];
    for (int i = 0; i < diffs.length; i++) {
      diffs[i] = change.applyAsLong(block.diffs().get(i));
    }
    return new UpdateBlock(
        block.schema(),
        vectors(block),
        block.times(),
        new Vector.Longs(diffs.length, diffs, null),
        block.errors());
  }

  /** The same rows with one more column, which is {@code salt} in all of them. */
  static UpdateBlock salted(UpdateBlock block, long salt) {
    List<Column> columns = new ArrayList<>(block.schema().columns());
    columns.add(Column.required("salt", ColumnType.INT64));
    long[] nulls = new long[(block.size() + 63) / 64];
    for (int i = 0; i < block.size(); i++) {
      nulls[i >> 6] |= block.isError(i) ? 1L << i : 0;
    }
    long[] salts = new long[block.size()];
    Arrays.fill(salts, salt);
    List<Vector> vectors = vectors(block);
    vectors.add(new Vector.Longs(salts.length, salts, nulls));
    return new UpdateBlock(
        new Schema(columns), vectors, block.times(), block.diffs(), block.errors());
  }

  private static List<Vector> vectors(UpdateBlock block) {
    List<Vector> vectors = new ArrayList<>();
    for (int c = 0; c < block.schema().size(); c++) {
      vectors.add(block.column(c));
    }
    return vectors;
  }

  /** All that is left to take. */
  static List<Update> drain(Consolidator consolidator) {
    List<Update> updates = new ArrayList<>();
    for (UpdateBlock b = consolidator.next(); b != null; b = consolidator.next()) {
      updates.addAll(Update.listOf(b));
    }
    return updates;
  }
}
