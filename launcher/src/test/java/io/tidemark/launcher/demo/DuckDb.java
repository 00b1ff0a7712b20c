package io.tidemark.launcher.demo;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** DuckDB, which shares no code with us, and knows what a script of the demo has told it. */
final class DuckDb implements AutoCloseable {

  private final Connection connection;

  /** Runs the script, as {@code duckdb -init} does. */
  DuckDb(Path script) throws Exception {
    connection = DriverManager.getConnection("jdbc:duckdb:");
    try (Statement statement = connection.createStatement()) {
      boolean unused = statement.execute(Files.readString(script));
    }
  }

  /** The rows of a query, as often as each comes, with times as instants. */
  Map<List<Object>, Long> rows(String query) throws Exception {
    Map<List<Object>, Long> rows = new HashMap<>();
    list(query).forEach(row -> rows.merge(row, 1L, Long::sum));
    return rows;
  }

  /** The rows of a query, in order. */
  List<List<Object>> list(String query) throws Exception {
    List<List<Object>> all = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(query)) {
      while (rows.next()) {
        List<Object> row = new ArrayList<>();
        for (int c = 1; c <= rows.getMetaData().getColumnCount(); c++) {
          Object value = rows.getObject(c);
          row.add(value instanceof OffsetDateTime time ? time.toInstant() : value);
        }
        all.add(row);
      }
    }
    return all;
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
