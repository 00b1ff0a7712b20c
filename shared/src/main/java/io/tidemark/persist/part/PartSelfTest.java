package io.tidemark.persist.part;

import io.tidemark.row.Column;
import io.tidemark.row.ColumnType;
import io.tidemark.row.Schema;
import io.tidemark.row.UpdateBlock;
import io.tidemark.row.UpdateBlockBuilder;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * Writes a part with a column of each kind in memory, and reads it back. A node does so before
 * others count on it: the first part of a process loads some hundred classes and the library of
 * Zstandard, which takes seconds on a busy machine, and every commit would wait for it. And where
 * the library cannot be loaded, the node says so when it starts.
 */
public final class PartSelfTest {

  /** So many are tried. */
  static final int UPDATES = 64;

  private static final Schema SCHEMA =
      Schema.of(
          Column.required("bool", ColumnType.BOOL),
          Column.required("int32", ColumnType.INT32),
          Column.required("int64", ColumnType.INT64),
          Column.required("float64", ColumnType.FLOAT64),
          Column.required("decimal", new ColumnType(ColumnType.Kind.DECIMAL, 10, 2)),
          Column.required("string", ColumnType.STRING),
          Column.required("bytes", ColumnType.BYTES),
          Column.required("date", ColumnType.DATE),
          Column.required("timestamp", ColumnType.TIMESTAMP),
          Column.required("json", ColumnType.JSON));

  private PartSelfTest() {}

  /**
   * Does it. CPU work, and at first the loading of classes: not for an event loop.
   *
   * @return how many updates read back as they were written
   * @throws IllegalStateException if one did not
   */
  public static int run() {
    UpdateBlock written = updates();
    PartWriter writer = new PartWriter(SCHEMA);
    writer.write(written);
    EncodedPart part = writer.finish();
    UpdateBlock read = PartReader.open(SCHEMA, part.file(), part.crc32c()).next();
    if (read == null || read.size() != written.size()) {
      throw new IllegalStateException(
          "parts cannot be written here: some updates do not read back");
    }
    for (int i = 0; i < read.size(); i++) {
      check(written, read, i);
    }
    return read.size();
  }

  private static void check(UpdateBlock written, UpdateBlock read, int i) {
    for (int c = 0; c < SCHEMA.size(); c++) {
      if (!Objects.deepEquals(written.value(c, i), read.value(c, i))) {
        throw new IllegalStateException(
            "parts cannot be written here: a value of type "
                + SCHEMA.column(c).name()
                + " reads back as another one");
      }
    }
  }

  private static UpdateBlock updates() {
    UpdateBlockBuilder builder = new UpdateBlockBuilder(SCHEMA);
    for (int i = 0; i < UPDATES; i++) {
      String text = "update " + i;
      builder
          .bool(0, i % 2 == 0)
          .int32(1, i)
          .int64(2, i)
          .float64(3, i)
          .decimal(4, BigDecimal.valueOf(i, 2))
          .string(5, text)
          .bytes(6, text.getBytes(StandardCharsets.UTF_8))
          .dateDays(7, i)
          .timestampMicros(8, i)
          .json(9, "{\"i\":" + i + "}")
          .row(i, 1);
    }
    return builder.build();
  }
}
