package io.tidemark.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.LongFunction;

/** Rows that are published without a pause, in several ways, while something happens to a node. */
final class Traffic {

  private static final int PAUSE_MILLIS = 3;

  private final TestNode node;
  private final List<Stream> streams = new ArrayList<>();
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private volatile boolean stopping;

  Traffic(TestNode node) {
    this.node = node;
  }

  /** One row after the other, each once. */
  private final class Stream {
    private final LongFunction<Future<?>> publish;
    private final LongFunction<Object> row;
    private final AtomicLong begun = new AtomicLong();
    private final AtomicLong durable = new AtomicLong();

    Stream(LongFunction<Future<?>> publish, LongFunction<Object> row) {
      this.publish = publish;
      this.row = row;
    }

    private void next() {
      if (stopping) {
        return;
      }
      publish
          .apply(begun.getAndIncrement())
          .onFailure(e -> failure.compareAndSet(null, e))
          .onSuccess(
              done -> {
                long unused = durable.incrementAndGet();
                node.environment().timers().after(PAUSE_MILLIS, this::next);
              });
    }

    private void flows() {
      long before = durable.get();
      Until.holds(() -> durable.get() >= before + 5 || hasFailed());
    }

    private void addTo(Map<Object, Long> rows) {
      Until.holds(() -> durable.get() == begun.get() || hasFailed());
      for (long id = 0; id < begun.get(); id++) {
        rows.put(row.apply(id), 1L);
      }
    }
  }

  /** Publishes {@code (0, who)}, {@code (1, who)} and so on. */
  @CanIgnoreReturnValue
  Traffic add(String who, LongFunction<Future<?>> publish) {
    return add(publish, id -> Orders.values(id, who));
  }

  /**
   * Publishes without an end.
   *
   * @param publish sends the row of a number; completes when it is durable
   * @param row what a snapshot gives for it
   */
  @CanIgnoreReturnValue
  Traffic add(LongFunction<Future<?>> publish, LongFunction<Object> row) {
    Stream stream = new Stream(publish, row);
    streams.add(stream);
    node.on(
        () -> {
          stream.next();
          return Future.<Void>succeededFuture();
        });
    return this;
  }

  boolean hasFailed() {
    return failure.get() != null;
  }

  /** Waits until some more rows of each stream are durable. */
  void flows() {
    streams.forEach(Stream::flows);
    assertEquals(null, failure.get());
  }

  /** Ends it. The rows that have to be there, each once. */
  Map<Object, Long> stop() {
    return stop(Function.identity());
  }

  /** As {@link #stop()}, of rows that read otherwise by then. */
  Map<Object, Long> stop(Function<Object, Object> reading) {
    stopping = true;
    Map<Object, Long> rows = new HashMap<>();
    streams.forEach(stream -> stream.addTo(rows));
    assertEquals(null, failure.get());
    Map<Object, Long> read = new HashMap<>();
    rows.forEach((row, count) -> read.put(reading.apply(row), count));
    return read;
  }
}
