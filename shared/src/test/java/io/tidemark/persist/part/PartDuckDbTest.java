package io.tidemark.persist.part;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidemark.Seeds;
import io.tidemark.persist.part.RandomUpdates.Update;
import io.tidemark.row.Column;
import io.tidemark.row.ColumnType;
import io.tidemark.row.Schema;
import io.tidemark.row.UpdateBlock;
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
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** DuckDB, which shares no code with us, reads in a part what was written. */
class PartDuckDbTest {

  private static final int SEEDS = 12;
  private static final int SHORT_PAGE = 300;

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

  @Test
  void shouldReadEveryValueAsWeDo() {
    Seeds.forEach(
        SEEDS,
        seed -> {
          RandomUpdates random = new RandomUpdates(seed, true);
          Schema schema = random.schema();
          PartWriter writer = new PartWriter(schema, PartWriter.MAX_BYTES, SHORT_PAGE);
          List<Update> expected = new ArrayList<>();
          for (int b = 0; b < 3; b++) {
            UpdateBlock block = random.block(schema, 300);
            writer.write(block);
            expected.addAll(RandomUpdates.list(block));
          }
          String file = stored(writer.finish());
          assertEquals(expected, select(schema, file));
          assertBoundsHide(schema, file);
        });
  }

  @Test
  void shouldSeeTheTimeGivenAtTheEnd() {
    Schema schema = new RandomUpdates(1, true).schema();
    UpdateBlock block = new RandomUpdates(2, true).block(schema, 300);
    PartWriter writer = new PartWriter(schema);
    writer.write(block);
    assertEquals(RandomUpdates.list(block.at(77)), select(schema, stored(writer.finish(77))));
  }

  @Test
  void shouldSeeTheTypesOfTheCollection() throws SQLException {
    Schema schema =
        Schema.of(
            Column.required("b", ColumnType.BOOL),
            Column.required("i", ColumnType.INT32),
            Column.required("l", ColumnType.INT64),
            Column.required("f", ColumnType.FLOAT64),
            Column.required("d", ColumnType.decimal(12, 3)),
            Column.required("s", ColumnType.STRING),
            Column.required("y", ColumnType.BYTES),
            Column.required("a", ColumnType.DATE),
            Column.required("t", ColumnType.TIMESTAMP),
            Column.required("j", ColumnType.JSON));
    PartWriter writer = new PartWriter(schema);
    writer.write(new RandomUpdates(1, true).block(schema, 10));
    String file = stored(writer.finish());
    Map<String, String> types = new TreeMap<>();
    try (Statement statement = duckdb.createStatement();
        ResultSet rows = statement.executeQuery("DESCRIBE SELECT * FROM " + file)) {
      while (rows.next()) {
        types.put(rows.getString("column_name"), rows.getString("column_type"));
      }
    }
    assertEquals(
        "{_diff=BIGINT, _error=VARCHAR, _time=BIGINT, a=DATE, b=BOOLEAN, d=DECIMAL(12,3),"
            + " f=DOUBLE, i=INTEGER, j=JSON, l=BIGINT, s=VARCHAR, t=TIMESTAMP WITH TIME ZONE,"
            + " y=BLOB}",
        types.toString());
  }

  private String stored(EncodedPart part) {
    try {
      Path file = folder.resolve("part-" + part.crc32c() + ".parquet");
      Files.write(file, part.file());
      return "read_parquet('" + file + "')";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<Update> select(Schema schema, String file) {
    StringBuilder sql = new StringBuilder("SELECT ");
    for (Column column : schema.columns()) {
      sql.append(expression(column)).append(", ");
    }
    sql.append("_error, _time, _diff FROM ").append(file);
    List<Update> updates = new ArrayList<>();
    try (Statement statement = duckdb.createStatement();
        ResultSet rows = statement.executeQuery(sql.toString())) {
      int user = schema.size();
      while (rows.next()) {
        List<String> values = new ArrayList<>();
        for (int c = 0; c < user; c++) {
          values.add(text(schema.column(c).type(), rows, c + 1));
        }
        updates.add(
            new Update(
                values, rows.getString(user + 1), rows.getLong(user + 2), rows.getLong(user + 3)));
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
    return updates;
  }

  private static String expression(Column column) {
    return switch (column.type().kind()) {
      case BYTES -> "lower(hex(" + column.name() + "))";
      case DATE -> "CAST(date_diff('day', DATE '1970-01-01', " + column.name() + ") AS VARCHAR)";
      case TIMESTAMP -> "CAST(epoch_us(" + column.name() + ") AS VARCHAR)";
      case FLOAT64 -> column.name();
      default -> "CAST(" + column.name() + " AS VARCHAR)";
    };
  }

  private static String text(ColumnType type, ResultSet rows, int index) throws SQLException {
    if (type.kind() == ColumnType.Kind.FLOAT64) {
      double value = rows.getDouble(index);
      return rows.wasNull() ? null : RandomUpdates.bits(value);
    }
    return rows.getString(index);
  }

  /**
   * For every value of every column, a filter finds as many rows in the file, where DuckDB may skip
   * by the bounds, as in a copy of it in memory.
   */
  private void assertBoundsHide(Schema schema, String file) {
    try (Statement statement = duckdb.createStatement()) {
      statement.execute("CREATE OR REPLACE TEMP TABLE copy AS SELECT * FROM " + file);
      for (Column column : schema.columns()) {
        if (column.type().kind() == ColumnType.Kind.JSON) {
          continue;
        }
        String name = column.name();
        for (String bound : List.of("min(" + name + ")", "max(" + name + ")")) {
          for (String operator : List.of("<=", "=", ">=")) {
            String where = " WHERE " + name + " " + operator + " (SELECT " + bound + " FROM copy)";
            assertEquals(count(statement, "copy" + where), count(statement, file + where), where);
          }
        }
        String nulls = " WHERE " + name + " IS NULL";
        assertEquals(count(statement, "copy" + nulls), count(statement, file + nulls));
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static long count(Statement statement, String from) throws SQLException {
    try (ResultSet rows = statement.executeQuery("SELECT count(*) FROM " + from)) {
      rows.next();
      return rows.getLong(1);
    }
  }
}
