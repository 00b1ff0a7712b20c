package io.tidemark.location.postgresql;

import io.tidemark.location.DeterminateException;
import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection that was checked, for one statement at a time. Closed after any failure that does
 * not vouch for it: an answer that comes late would else be taken for that of the next statement.
 * Belongs to one context.
 */
final class Session {

  private static final Logger LOG = LoggerFactory.getLogger(Session.class);

  private final PostgresLocation location;
  private final Timeouts timeouts;

  /** Of this connection alone: closing it closes the socket at once, whatever is under way. */
  private final Pool pool;

  private final SqlConnection connection;
  private boolean open = true;

  Session(PostgresLocation location, Timeouts timeouts, Pool pool, SqlConnection connection) {
    this.location = location;
    this.timeouts = timeouts;
    this.pool = pool;
    this.connection = connection;
    connection.closeHandler(closed -> close());
  }

  boolean isOpen() {
    return open;
  }

  /**
   * Runs a statement, which is a transaction of its own.
   *
   * @return fails with an {@code ExternalException}
   */
  Future<RowSet<Row>> run(String sql, Tuple arguments) {
    return bounded(connection.preparedQuery(sql).execute(arguments));
  }

  /** Runs some statements without arguments, in one transaction. */
  Future<RowSet<Row>> script(String sql) {
    return bounded(connection.query(sql).execute());
  }

  private Future<RowSet<Row>> bounded(Future<RowSet<Row>> answer) {
    return answer
        .timeout(timeouts.answerMillis(), TimeUnit.MILLISECONDS)
        .recover(failure -> Future.failedFuture(failed(failure)));
  }

  private Throwable failed(Throwable failure) {
    if (!SqlState.leavesSessionUsable(failure)) {
      close();
    }
    return SqlState.ofStatement(location, failure);
  }

  /** Makes the tables unless they are there. Fails if a newer Tidemark made them. */
  Future<Void> ensureTables(Tables tables) {
    return script(tables.exist())
        .compose(
            rows -> {
              Row exist = rows.iterator().next();
              return exist.getBoolean(1)
                  ? Future.succeededFuture()
                  : script(tables.create(!exist.getBoolean(0))).mapEmpty();
            })
        .compose(made -> script(tables.version()))
        .map(
            rows -> {
              checkVersion(rows);
              return null;
            });
  }

  private void checkVersion(RowSet<Row> rows) {
    int version = rows.size() == 0 ? 0 : rows.iterator().next().getInteger(0);
    if (version != Tables.SCHEMA_VERSION) {
      throw new DeterminateException(
          String.format(
              "%s has schema version %d, this version of Tidemark knows %d: use %s one",
              location,
              version,
              Tables.SCHEMA_VERSION,
              version > Tables.SCHEMA_VERSION ? "a newer" : "another"));
    }
  }

  /** Closes the connection, also in the middle of a statement. */
  void close() {
    if (open) {
      open = false;
      pool.close()
          .onFailure(e -> LOG.debug("a connection to {} did not close cleanly", location, e));
    }
  }
}
