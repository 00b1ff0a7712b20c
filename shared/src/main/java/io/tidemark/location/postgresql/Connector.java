package io.tidemark.location.postgresql;

import io.tidemark.location.DeterminateException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClientOptions;
import io.vertx.pgclient.PgBuilder;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens connections that are fit for consensus, or says why the server is not. */
final class Connector {

  /** PostgreSQL 12, of 2019: the first that is told to compute a common table expression once. */
  private static final int OLDEST_SERVER = 120_000;

  private static final Logger LOG = LoggerFactory.getLogger(Connector.class);

  private final Vertx vertx;
  private final PostgresLocation location;
  private final Timeouts timeouts;
  private boolean warned;

  Connector(Vertx vertx, PostgresLocation location, Timeouts timeouts) {
    this.vertx = vertx;
    this.location = location;
    this.timeouts = timeouts;
  }

  PostgresLocation location() {
    return location;
  }

  /** Opens one. Fails with a {@link DeterminateException}. */
  Future<Session> connect() {
    Pool pool;
    try {
      pool = pool();
    } catch (RuntimeException e) {
      return Future.failedFuture(failure(e));
    }
    return pool.getConnection()
        .compose(connection -> checked(pool, connection))
        .timeout(timeouts.connectMillis(), TimeUnit.MILLISECONDS)
        .recover(failed -> Future.<Session>failedFuture(failure(failed)))
        .onFailure(failed -> abandon(pool));
  }

  /** Not waited for: a connection that is still being made may never say that it is closed. */
  private void abandon(Pool pool) {
    pool.close().onFailure(e -> LOG.debug("a connection to {} did not close cleanly", location, e));
  }

  /** A pool of one, with a TCP client of its own: closing it closes the socket in any state. */
  private Pool pool() {
    NetClientOptions transport =
        new NetClientOptions()
            .setTcpKeepAlive(true)
            .setTcpNoDelay(true)
            .setConnectTimeout((int) timeouts.connectMillis());
    return PgBuilder.pool()
        .with(new PoolOptions().setMaxSize(1))
        .with(transport)
        .connectingTo(location.connectOptions())
        .using(vertx)
        .build();
  }

  private DeterminateException failure(Throwable failed) {
    return failed instanceof DeterminateException refused
        ? refused
        : new DeterminateException(
            "cannot connect to " + location + ": " + SqlState.reason(failed), failed);
  }

  private Future<Session> checked(Pool pool, SqlConnection connection) {
    return connection
        .query(settings())
        .execute()
        .map(
            rows -> {
              check(rows.iterator().next());
              return new Session(location, timeouts, pool, connection);
            });
  }

  /**
   * Sets what we rely on, whatever the server's, the database's or the user's defaults are: that a
   * commit is durable, that a lock shows the row as it is now, that a statement ends, and that none
   * ever reads a whole table because nobody has counted its rows yet.
   */
  private String settings() {
    return """
        SELECT current_setting('server_version_num')::integer,
          pg_is_in_recovery(),
          current_setting('transaction_read_only') = 'on',
          current_setting('fsync') = 'on',
          current_setting('synchronous_commit') <> 'off',
          set_config('synchronous_commit', CASE current_setting('synchronous_commit')
            WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, false),
          set_config('default_transaction_isolation', 'read committed', false),
          set_config('statement_timeout', '%d', false),
          set_config('lock_timeout', '0', false),
          set_config('enable_seqscan', 'off', false),
          set_config('enable_hashjoin', 'off', false),
          set_config('enable_mergejoin', 'off', false),
          set_config('jit', 'off', false),
          set_config('plan_cache_mode', 'force_generic_plan', false)
        """
        .formatted(timeouts.statementMillis());
  }

  private void check(Row settings) {
    if (settings.getInteger(0) < OLDEST_SERVER) {
      throw new DeterminateException(location + " is older than PostgreSQL 12: use a newer server");
    }
    if (settings.getBoolean(1)) {
      throw new DeterminateException(
          location + " is a standby in recovery, which takes no writes: name the primary");
    }
    if (settings.getBoolean(2)) {
      throw new DeterminateException(
          location
              + " is read-only for "
              + location.login().user()
              + ": turn default_transaction_read_only off");
    }
    warnOnce(settings.getBoolean(3), settings.getBoolean(4));
  }

  private void warnOnce(boolean fsync, boolean synchronousCommit) {
    if (warned) {
      return;
    }
    warned = true;
    if (!fsync) {
      LOG.warn(
          "{} runs with fsync=off: what Tidemark acknowledges is LOST if that machine fails; turn"
              + " fsync on",
          location);
    }
    if (!synchronousCommit) {
      LOG.warn(
          "{} has synchronous_commit=off, Tidemark turns it on for its own connections", location);
    }
  }
}
