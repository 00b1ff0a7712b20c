package io.tidemark.persist.part;

import io.tidemark.persist.part.BareParquet.Row;
import io.tidemark.row.Column;
import io.tidemark.row.ColumnType;
import io.tidemark.row.Schema;
import io.tidemark.row.UpdateBlock;
import io.tidemark.row.UpdateBlockBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** The rows of the benchmarks: an id, a name of 16 characters, an amount, a timestamp. */
public final class SampleRows {

  public static final Schema SCHEMA =
      Schema.of(
          Column.required("id", ColumnType.INT64),
          Column.required("name", ColumnType.STRING),
          Column.required("amount", ColumnType.FLOAT64),
          Column.required("ts", ColumnType.INT64));

  public static final long TIME = 1_700_000_000_000L;

  private SampleRows() {}

  public static Row[] rows(int count) {
    SplittableRandom random = new SplittableRandom(1);
    Row[] rows = new Row[count];
    for (int i = 0; i < count; i++) {
      String name = String.format("user-%011d", random.nextInt(1_000_000));
      double amount = random.nextInt(1_000_000) / 100.0;
      rows[i] = new Row(i, name, amount, TIME * 1000 + i * 37L + random.nextInt(37));
    }
    return rows;
  }

  public static void set(Row row, UpdateBlockBuilder into) {
    into.int64(0, row.id()).string(1, row.name()).float64(2, row.amount()).int64(3, row.ts());
  }

  public static List<UpdateBlock> blocks(Row[] rows, int blockRows) {
    List<UpdateBlock> blocks = new ArrayList<>();
    for (int from = 0; from < rows.length; from += blockRows) {
      UpdateBlockBuilder builder = new UpdateBlockBuilder(SCHEMA, blockRows);
      for (int i = from; i < Math.min(rows.length, from + blockRows); i++) {
        set(rows[i], builder);
        builder.row(TIME, 1);
      }
      blocks.add(builder.build());
    }
    return blocks;
  }

  /** The blocks as one part. */
  public static EncodedPart write(List<UpdateBlock> blocks) {
    PartWriter writer = new PartWriter(SCHEMA);
    blocks.forEach(writer::write);
    return writer.finish();
  }
}
