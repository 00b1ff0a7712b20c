package io.tidemark.location.sqlite;

import io.tidemark.location.Consensus.Version;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.OptionalLong;

/** A connection that writes, with its statements prepared. Used by one thread. */
final class WriteSession implements AutoCloseable {

  private final Connection connection;
  private final PreparedStatement begin;
  private final PreparedStatement commit;
  private final PreparedStatement append;
  private final PreparedStatement head;
  private final PreparedStatement truncate;
  private final PreparedStatement checkpoint;

  WriteSession(Connection connection) throws SQLException {
    this.connection = connection;
    // Takes the write lock at once, so that what is read in the transaction stays true.
    begin = connection.prepareStatement("BEGIN IMMEDIATE");
    commit = connection.prepareStatement("COMMIT");
    append =
        connection.prepareStatement(
            "INSERT INTO version (shard, seqno, data) SELECT ?1, ?2, ?3"
                + " WHERE coalesce((SELECT max(seqno) FROM version WHERE shard = ?1), -1)"
                + " = ?2 - 1");
    head = connection.prepareStatement("SELECT max(seqno) FROM version WHERE shard = ?1");
    truncate = connection.prepareStatement("DELETE FROM version WHERE shard = ?1 AND seqno < ?2");
    checkpoint = connection.prepareStatement("PRAGMA wal_checkpoint(PASSIVE)");
  }

  void begin() throws SQLException {
    begin.executeUpdate();
  }

  void commit() throws SQLException {
    commit.executeUpdate();
  }

  /** Appends a version if it follows the head; true if it does. */
  boolean append(String key, Version next) throws SQLException {
    append.setString(1, key);
    append.setLong(2, next.seqno());
    append.setBytes(3, next.data());
    return append.executeUpdate() == 1;
  }

  /** The head's sequence number, or empty. */
  OptionalLong head(String key) throws SQLException {
    head.setString(1, key);
    try (ResultSet rows = head.executeQuery()) {
      if (!rows.next()) {
        return OptionalLong.empty();
      }
      long seqno = rows.getLong(1);
      return rows.wasNull() ? OptionalLong.empty() : OptionalLong.of(seqno);
    }
  }

  /** Removes the versions below {@code seqno}, which must not be past the head; says how many. */
  long truncate(String key, long seqno) throws SQLException {
    truncate.setString(1, key);
    truncate.setLong(2, seqno);
    return truncate.executeUpdate();
  }

  /**
   * Moves what is in the log into the database, as far as no other connection is in the way.
   *
   * @return how many pages the log holds; it starts over once all of them are moved
   */
  long checkpoint() throws SQLException {
    try (ResultSet rows = checkpoint.executeQuery()) {
      return rows.next() ? rows.getLong(2) : 0;
    }
  }

  /** Rolls back what was begun, and closes. */
  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
