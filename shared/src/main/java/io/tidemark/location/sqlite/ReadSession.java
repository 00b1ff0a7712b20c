package io.tidemark.location.sqlite;

import io.tidemark.location.Consensus.Version;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A connection that reads, with its statements prepared. Used by one thread. Each read sees every
 * commit that was answered before it began.
 */
final class ReadSession implements AutoCloseable {

  private final Connection connection;
  private final PreparedStatement head;
  private final PreparedStatement scan;
  private final PreparedStatement keys;

  ReadSession(Connection connection) throws SQLException {
    this.connection = connection;
    head =
        connection.prepareStatement(
            "SELECT seqno, data FROM version WHERE shard = ?1 ORDER BY seqno DESC LIMIT 1");
    scan =
        connection.prepareStatement(
            "SELECT seqno, data FROM version WHERE shard = ?1 AND seqno >= ?2"
                + " ORDER BY seqno LIMIT ?3");
    // Jumps from key to key in the index; DISTINCT would walk over every version.
    keys =
        connection.prepareStatement(
            "WITH RECURSIVE next (shard) AS (SELECT min(shard) FROM version UNION ALL"
                + " SELECT (SELECT min(shard) FROM version WHERE shard > next.shard)"
                + " FROM next WHERE next.shard IS NOT NULL)"
                + " SELECT shard FROM next WHERE shard IS NOT NULL");
  }

  Optional<Version> head(String key) throws SQLException {
    head.setString(1, key);
    try (ResultSet rows = head.executeQuery()) {
      return rows.next() ? Optional.of(version(rows)) : Optional.empty();
    }
  }

  List<Version> scan(String key, long from, int limit) throws SQLException {
    scan.setString(1, key);
    scan.setLong(2, from);
    scan.setInt(3, limit);
    List<Version> versions = new ArrayList<>();
    try (ResultSet rows = scan.executeQuery()) {
      while (rows.next()) {
        versions.add(version(rows));
      }
    }
    return versions;
  }

  List<String> keys() throws SQLException {
    List<String> found = new ArrayList<>();
    try (ResultSet rows = keys.executeQuery()) {
      while (rows.next()) {
        found.add(rows.getString(1));
      }
    }
    return found;
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }

  private static Version version(ResultSet rows) throws SQLException {
    return new Version(rows.getLong(1), rows.getBytes(2));
  }
}
