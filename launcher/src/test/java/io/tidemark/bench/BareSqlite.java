package io.tidemark.bench;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;

/** One row, durable, in SQLite: what a small commit is measured against. */
final class BareSqlite implements AutoCloseable {

  private static final int ROW_BYTES = 400;

  private final Connection connection;
  private final PreparedStatement insert;

  BareSqlite(Path file) throws SQLException {
    connection = DriverManager.getConnection("jdbc:sqlite:" + file);
    try (Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA journal_mode = WAL");
    }
    try (Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA synchronous = FULL");
      statement.execute("CREATE TABLE row (id INTEGER PRIMARY KEY, content BLOB)");
    }
    insert = connection.prepareStatement("INSERT INTO row (content) VALUES (?)");
    insert.setBytes(1, new byte[ROW_BYTES]);
  }

  /** Returns once the row is durable. */
  void commit() throws SQLException {
    insert.executeUpdate();
  }

  @Override
  public void close() throws SQLException {
    insert.close();
    connection.close();
  }
}
