package io.tidemark.persist.part;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.Seeds;
import io.tidemark.row.Column;
import io.tidemark.row.ColumnType;
import io.tidemark.row.InvalidRowException;
import io.tidemark.row.Schema;
import io.tidemark.row.UpdateBlock;
import io.tidemark.row.UpdateBlockBuilder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** DuckDB reads as a table what was streamed as one. */
class TableWriterTest {

  private static final Schema SCHEMA =
      Schema.of(
          Column.required("id", ColumnType.INT64), Column.nullable("name", ColumnType.STRING));

  @TempDir private Path folder;
  private Connection duckdb;

  @BeforeEach
  void connect() throws SQLException {
    duckdb = DriverManager.getConnection("jdbc:duckdb:");
  }

  @AfterEach
  void disconnect() throws SQLException {
    duckdb.close();
  }

  private static UpdateBlock block(long from, long to, long diff) {
    UpdateBlockBuilder block = new UpdateBlockBuilder(SCHEMA);
    for (long id = from; id < to; id++) {
      block.int64(0, id);
      if (id % 3 != 0) {
        block.string(1, "name-" + id);
      }
      block.row(7, diff);
    }
    return block.build();
  }

  private static void writeAll(TableWriter table, UpdateBlock block, ByteArrayOutputStream file) {
    Iterator<byte[]> pieces = table.write(block);
    while (pieces.hasNext()) {
      file.writeBytes(pieces.next());
    }
  }

  private String stored(TableWriter table, ByteArrayOutputStream file) {
    try {
      file.writeBytes(table.finish());
      Path path = folder.resolve("table.parquet");
      Files.write(path, file.toByteArray());
      return "read_parquet('" + path + "')";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<String> select(String sql) {
    List<String> found = new ArrayList<>();
    try (Statement statement = duckdb.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        List<String> row = new ArrayList<>();
        for (int c = 1; c <= rows.getMetaData().getColumnCount(); c++) {
          row.add(rows.getString(c));
        }
        found.add(String.join(" ", row.stream().map(String::valueOf).toList()));
      }
    } catch (SQLException e) {
      throw new AssertionError(sql, e);
    }
    return found;
  }

  @Test
  void shouldStreamRowsWithTheirMultiplicities() {
    TableWriter table = TableWriter.ofGroups(SCHEMA, false, 100);
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    writeAll(table, block(0, 250, 1), file);
    writeAll(table, block(250, 400, 3), file);
    int before = file.size();
    UpdateBlockBuilder torn = new UpdateBlockBuilder(SCHEMA);
    torn.error("torn", 7, 2);
    writeAll(table, torn.build(), file);
    assertTrue(before > 0, "whole row groups are given before the end");
    String from = stored(table, file);
    assertEquals(
        List.of("401 702 400"), select("SELECT count(*), sum(_diff), count(id) FROM " + from));
    assertEquals(
        List.of("null null 2 torn"), select("SELECT * FROM " + from + " WHERE _error NOT NULL"));
    assertEquals(List.of("266"), select("SELECT count(name) FROM " + from));
  }

  @Test
  void shouldWriteEachRowOfAPlainTableAsOftenAsItIsThere() {
    Seeds.forEach(
        3,
        seed -> {
          SplittableRandom random = new SplittableRandom(seed);
          TableWriter table = TableWriter.ofGroups(SCHEMA, true, 1 + random.nextInt(30_000));
          ByteArrayOutputStream file = new ByteArrayOutputStream();
          writeAll(table, block(0, 10, 1), file);
          writeAll(table, block(10, 20, 1 + random.nextInt(3)), file);
          writeAll(table, block(20, 21, 50_000), file);
          String from = stored(table, file);
          assertEquals(
              List.of("id BIGINT", "name VARCHAR"),
              select("SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM " + from + ")"));
          assertEquals(List.of("21"), select("SELECT count(DISTINCT id) FROM " + from));
          assertEquals(List.of("50000"), select("SELECT count(*) FROM " + from + " WHERE id = 20"));
          assertEquals(List.of("1"), select("SELECT count(*) FROM " + from + " WHERE id = 3"));
        });
  }

  @Test
  void shouldWriteATableOfNoRows() {
    for (boolean plain : new boolean[] {true, false}) {
      TableWriter table = TableWriter.ofGroups(SCHEMA, plain, 100);
      assertEquals(
          List.of("0"),
          select("SELECT count(*) FROM " + stored(table, new ByteArrayOutputStream())));
    }
  }

  @Test
  void shouldRefuseWhatNoPlainTableHolds() {
    assertRefused("an error at that time", (block, diff) -> block.error("torn", 1, diff), 1);
    assertRefused(
        "holds a row -2 times",
        (block, diff) -> {
          block.int64(0, 1);
          block.row(1, diff);
        },
        -2);
  }

  private static void assertRefused(
      String text, BiConsumer<UpdateBlockBuilder, Long> update, long diff) {
    UpdateBlockBuilder block = new UpdateBlockBuilder(SCHEMA);
    update.accept(block, diff);
    Iterator<byte[]> pieces = TableWriter.plain(SCHEMA).write(block.build());
    InvalidRowException refused = assertThrows(InvalidRowException.class, pieces::next);
    assertTrue(String.valueOf(refused.getMessage()).contains(text), refused.getMessage());
  }
}
