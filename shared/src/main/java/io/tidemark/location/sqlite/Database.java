package io.tidemark.location.sqlite;

import io.tidemark.location.DeterminateException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteConnection;

/**
 * The database file, and how it is opened.
 *
 * <pre>
 * PRAGMA user_version = 1
 * version(shard TEXT, seqno INTEGER, data BLOB, PRIMARY KEY (shard, seqno))
 * </pre>
 *
 * <p>The key of consensus is the column {@code shard}. The table has row ids: without them a value
 * of 1 KiB would live on overflow pages of the primary key, at twice the pages for each commit.
 */
final class Database {

  /** The version of the schema above. */
  static final int SCHEMA_VERSION = 1;

  /**
   * The log is cut to this size when it starts over. Far above what it normally takes, since
   * writing over an old log is quicker than growing a new one.
   */
  private static final long LOG_SIZE_LIMIT_BYTES = 64L << 20;

  /** The database's name in its folder. */
  static final String FILE_NAME = "consensus.db";

  private final Path directory;
  private final Path file;

  Database(Path directory) {
    this.directory = directory.toAbsolutePath();
    this.file = this.directory.resolve(FILE_NAME);
  }

  Path directory() {
    return directory;
  }

  Path file() {
    return file;
  }

  /** A new connection, for one thread, on which transactions are begun and ended by statements. */
  Connection connect() throws SQLException {
    SQLiteConfig config = new SQLiteConfig();
    config.setBusyTimeout(0);
    // As a URI: for a plain path the driver tries whether it can make the file, and deletes it
    // again; it would so delete a database that another process has just made there.
    Connection connection = config.createConnection("jdbc:sqlite:" + file.toUri());
    try {
      configure(connection);
      // Else the driver looks for a transaction to end after each statement.
      ((SQLiteConnection) connection).getConnectionConfig().setAutoCommit(false);
      return connection;
    } catch (SQLException | RuntimeException e) {
      connection.close();
      throw e;
    }
  }

  private void configure(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      String mode = text(statement, "PRAGMA journal_mode = WAL");
      if (!mode.equals("wal")) {
        throw new DeterminateException(
            "the file system of " + file + " cannot hold a write-ahead log: use a local disk");
      }
      statement.execute("PRAGMA synchronous = FULL");
      // On macOS a plain fsync does not reach the platter.
      statement.execute("PRAGMA fullfsync = 1");
      statement.execute("PRAGMA checkpoint_fullfsync = 1");
      // The writer checkpoints after it has answered, not within a commit.
      statement.execute("PRAGMA wal_autocheckpoint = 0");
      statement.execute("PRAGMA journal_size_limit = " + LOG_SIZE_LIMIT_BYTES);
    }
  }

  /**
   * Makes the table if the database is new. If this fails, the connection must be closed.
   *
   * @throws DeterminateException if a newer Tidemark has made it
   */
  void createSchema(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      if (checkedVersion(statement) == SCHEMA_VERSION) {
        return;
      }
      statement.execute("BEGIN IMMEDIATE");
      // Looked at again: another process may have made it meanwhile.
      if (checkedVersion(statement) != SCHEMA_VERSION) {
        statement.execute(
            "CREATE TABLE version (shard TEXT NOT NULL, seqno INTEGER NOT NULL,"
                + " data BLOB NOT NULL, PRIMARY KEY (shard, seqno))");
        statement.execute("PRAGMA user_version = " + SCHEMA_VERSION);
      }
      statement.execute("COMMIT");
    }
  }

  private int checkedVersion(Statement statement) throws SQLException {
    int version = Integer.parseInt(text(statement, "PRAGMA user_version"));
    if (version > SCHEMA_VERSION) {
      throw new DeterminateException(
          String.format(
              "%s has schema version %d, this version of Tidemark knows %d: use a newer one",
              file, version, SCHEMA_VERSION));
    }
    return version;
  }

  private static String text(Statement statement, String query) throws SQLException {
    try (ResultSet rows = statement.executeQuery(query)) {
      return rows.next() ? rows.getString(1) : "";
    }
  }
}
