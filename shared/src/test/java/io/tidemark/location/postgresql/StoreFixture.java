package io.tidemark.location.postgresql;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.tidemark.environment.Clock;
import io.tidemark.location.Await;
import io.tidemark.location.RealEnvironment;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Stores of one test, in a schema of its own, which are closed after it. */
final class StoreFixture implements AutoCloseable {

  /** Short, so that what never answers is given up soon. */
  static final Timeouts SHORT = new Timeouts(5_000, 4_000, 5_000, 30_000);

  /** For a busy machine. */
  static final Timeouts PATIENT = new Timeouts(40_000, 30_000, 40_000, 40_000);

  final PostgresServer server = PostgresServer.shared();
  final String schema = PostgresServer.newSchema();
  final Vertx vertx = Vertx.vertx();
  private final List<PostgresConsensus> opened = new ArrayList<>();
  private final AtomicLong aheadNanos = new AtomicLong();
  private final Clock clock =
      new Clock() {
        @Override
        public long wallMillis() {
          return RealEnvironment.CLOCK.wallMillis();
        }

        @Override
        public long monotonicNanos() {
          return RealEnvironment.CLOCK.monotonicNanos() + aheadNanos.get();
        }
      };

  /** Moves the clock of all stores. */
  void advance(long millis) {
    aheadNanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(millis));
  }

  @CanIgnoreReturnValue
  PostgresConsensus open() {
    return open(server.uri(schema));
  }

  PostgresConsensus open(String uri) {
    return open(uri, SHORT);
  }

  PostgresConsensus open(String uri, Timeouts timeouts) {
    PostgresConsensus store = Await.result(opening(uri, timeouts));
    opened.add(store);
    return store;
  }

  <E extends Throwable> E openFailure(Class<E> type, String uri, Timeouts timeouts) {
    return Await.failure(type, opening(uri, timeouts));
  }

  private Future<PostgresConsensus> opening(String uri, Timeouts timeouts) {
    return PostgresConsensus.open(vertx, PostgresLocation.parse(uri, null), clock, timeouts);
  }

  @Override
  public void close() {
    opened.forEach(PostgresConsensus::close);
    Await.result(vertx.close());
  }
}
