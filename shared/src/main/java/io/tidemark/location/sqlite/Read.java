package io.tidemark.location.sqlite;

import java.sql.SQLException;

/** A call that reads. */
final class Read<T> extends Call<T> {

  private final Query<T> query;

  Read(Query<T> query) {
    this.query = query;
  }

  /** What it asks of the database. */
  interface Query<T> {
    T run(ReadSession session) throws SQLException;
  }

  T run(ReadSession session) throws SQLException {
    return query.run(session);
  }
}
