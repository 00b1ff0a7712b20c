package io.tidemark.location.postgresql;

import io.tidemark.environment.Clock;
import io.tidemark.environment.Loop;
import io.tidemark.location.Arguments;
import io.tidemark.location.Completion;
import io.tidemark.location.Consensus;
import io.tidemark.location.DeterminateException;
import io.tidemark.location.IndeterminateException;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Consensus in a PostgreSQL database, which any number of processes may share. Any thread may use
 * it. {@link Tables} draws what it keeps there.
 *
 * <p>Compare-and-sets that wait at the same time, of any keys, go to the server in one statement;
 * at most {@value #APPEND_LANES} of these are under way. Everything is bounded: connections, calls,
 * bytes, and the time that each step may take. A connection that is lost is opened anew by the next
 * call; until then calls fail determinately, but for those whose statement was sent.
 */
public final class PostgresConsensus implements Consensus, AutoCloseable {

  /** Two, so that one statement can travel while another is forced to disk. */
  static final int APPEND_LANES = 2;

  /** For everything else. */
  static final int QUERY_LANES = 4;

  /** How many keys one page of a list has. */
  static final int KEYS_PER_PAGE = 1_000;

  /** How many versions one statement removes: it should not take long. */
  static final int TRUNCATED_PER_STATEMENT = 1_000;

  /** How long closing waits for calls that were taken. */
  static final long CLOSE_MILLIS = 5_000;

  private static final Logger LOG = LoggerFactory.getLogger(PostgresConsensus.class);

  private final Context context;
  private final Clock clock;
  private final Timeouts timeouts;
  private final Tables tables;
  private final Appends appends;
  private final Queries queries;

  private PostgresConsensus(
      Vertx vertx, PostgresLocation location, Clock clock, Timeouts timeouts) {
    // Of no verticle: the store outlives whichever opened it.
    this.context = ((VertxInternal) vertx).createEventLoopContext();
    this.clock = clock;
    this.timeouts = timeouts;
    this.tables = Tables.in(location);
    Connector connector = new Connector(vertx, location, timeouts);
    this.appends = new Appends(context, clock, lanes(APPEND_LANES, connector), tables);
    this.queries = new Queries(context, clock, lanes(QUERY_LANES, connector));
  }

  private static List<Lane> lanes(int count, Connector connector) {
    return Stream.generate(() -> new Lane(connector)).limit(count).toList();
  }

  /**
   * Opens the store, and makes its tables if they are missing.
   *
   * @param clock used by several threads
   * @return fails with a {@link DeterminateException} if the server cannot be reached, refuses us,
   *     or is not fit (a standby, read-only, or with tables of a newer Tidemark)
   */
  public static Future<PostgresConsensus> open(
      Vertx vertx, PostgresLocation location, Clock clock) {
    return open(vertx, location, clock, Timeouts.DEFAULTS);
  }

  static Future<PostgresConsensus> open(
      Vertx vertx, PostgresLocation location, Clock clock, Timeouts timeouts) {
    PostgresConsensus store = new PostgresConsensus(vertx, location, clock, timeouts);
    Completion<PostgresConsensus> opened = new Completion<>();
    Lane lane = new Lane(new Connector(vertx, location, timeouts));
    store.context.runOnContext(
        now ->
            lane.take()
                .compose(session -> session.ensureTables(store.tables))
                .eventually(
                    () -> {
                      lane.close();
                      return Future.succeededFuture();
                    })
                .onSuccess(done -> opened.succeed(store))
                .onFailure(failure -> opened.fail(notOpened(location, failure))));
    return opened.future();
  }

  private static Throwable notOpened(PostgresLocation location, Throwable failure) {
    return failure instanceof IndeterminateException
        ? new DeterminateException("cannot open " + location + ": " + failure.getMessage(), failure)
        : failure;
  }

  @Override
  public Future<Optional<Version>> head(String key) {
    Arguments.key(key);
    return read(
        tables.head(),
        Tuple.of(key),
        rows -> Optional.ofNullable(rows.size() == 0 ? null : version(rows.iterator().next())));
  }

  @Override
  public Future<Boolean> compareAndSet(String key, Version next) {
    Arguments.key(key);
    Appends.Append append = new Appends.Append(key, next, deadlineMillis());
    return appends.submit(append, append.future());
  }

  @Override
  public Future<List<Version>> scan(String key, long from, int limit) {
    Arguments.key(key);
    Arguments.seqno(from);
    Arguments.limit(limit);
    return read(
        tables.scan(),
        Tuple.of(key, from, (long) limit),
        rows -> {
          List<Version> versions = new ArrayList<>(rows.size());
          rows.forEach(row -> versions.add(version(row)));
          return versions;
        });
  }

  private static Version version(Row row) {
    return new Version(row.getLong(0), row.getBuffer(1).getBytes());
  }

  @Override
  public Future<Long> truncate(String key, long seqno) {
    Arguments.key(key);
    Arguments.seqno(seqno);
    Truncation truncation = new Truncation(key, seqno);
    return loop(truncation::step).map(done -> truncation.removed);
  }

  /** A truncation, some versions at a time. */
  private final class Truncation {
    private final String key;
    private final long seqno;
    private long removed;

    Truncation(String key, long seqno) {
      this.key = key;
      this.seqno = seqno;
    }

    Future<Boolean> step() {
      Tuple arguments = Tuple.of(key, seqno, (long) TRUNCATED_PER_STATEMENT);
      return query(
              Queries.Kind.WRITES, tables.truncate(), arguments, rows -> rows.iterator().next())
          .map(this::removed)
          .recover(failure -> Future.failedFuture(failed(failure)));
    }

    private boolean removed(Row row) {
      Long head = row.getLong(0);
      if (head == null) {
        throw new DeterminateException("cannot truncate '" + key + "': it has no version");
      }
      if (seqno > head) {
        throw new DeterminateException(
            String.format("cannot truncate '%s' below %d: its head is %d", key, seqno, head));
      }
      removed += row.getLong(2);
      return row.getLong(1) == TRUNCATED_PER_STATEMENT;
    }

    /** Once some are gone it did happen, in part. */
    private Throwable failed(Throwable failure) {
      return removed > 0 && failure instanceof DeterminateException
          ? new IndeterminateException("a part was truncated: " + failure.getMessage(), failure)
          : failure;
    }
  }

  @Override
  public Future<Void> listKeys(Consumer<String> keys) {
    Pages pages = new Pages(keys);
    return loop(pages::next);
  }

  /** The keys in order, a page at a time. */
  private final class Pages {
    private final Consumer<String> consumer;
    private String last = "";

    Pages(Consumer<String> consumer) {
      this.consumer = consumer;
    }

    Future<Boolean> next() {
      return read(tables.keys(), Tuple.of(last, (long) KEYS_PER_PAGE), Pages::keys).map(this::pass);
    }

    private static List<String> keys(RowSet<Row> rows) {
      List<String> keys = new ArrayList<>(rows.size());
      rows.forEach(row -> keys.add(row.getString(0)));
      return keys;
    }

    private boolean pass(List<String> page) {
      page.forEach(consumer);
      if (page.size() < KEYS_PER_PAGE) {
        return false;
      }
      last = page.get(page.size() - 1);
      return true;
    }
  }

  /** Repeats a step on the caller's context, or if it has none on the store's. */
  private Future<Void> loop(Supplier<Future<Boolean>> step) {
    if (Vertx.currentContext() != null) {
      return Loop.whileTrue(step);
    }
    Promise<Void> done = Promise.promise();
    context.runOnContext(now -> Loop.whileTrue(step).onComplete(done));
    return done.future();
  }

  private <T> Future<T> read(String sql, Tuple arguments, Function<RowSet<Row>, T> result) {
    return query(Queries.Kind.READS, sql, arguments, result);
  }

  private <T> Future<T> query(
      Queries.Kind kind, String sql, Tuple arguments, Function<RowSet<Row>, T> result) {
    Queries.Query<T> query = new Queries.Query<>(kind, sql, arguments, result, deadlineMillis());
    return queries.submit(query, query.future());
  }

  private long deadlineMillis() {
    return clock.monotonicMillis() + timeouts.waitMillis();
  }

  /**
   * Refuses calls from now on, runs those that were taken, and closes the connections. Calls that
   * are not done within {@code CLOSE_MILLIS} fail. Blocks: not for an event loop.
   */
  @Override
  public void close() {
    Promise<Void> closed = Promise.promise();
    Future.join(appends.drain(), queries.drain())
        .onComplete(drained -> context.runOnContext(now -> finish(closed)));
    CompletableFuture<Void> done = closed.future().toCompletionStage().toCompletableFuture();
    try {
      done.get(CLOSE_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      LOG.warn("some calls of the consensus store are not done, and fail");
      context.runOnContext(now -> finish(closed));
    }
  }

  private void finish(Promise<Void> closed) {
    appends.close();
    queries.close();
    if (!closed.tryComplete()) {
      LOG.debug("the consensus store was closed before");
    }
  }
}
