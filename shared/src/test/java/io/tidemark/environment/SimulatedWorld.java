package io.tidemark.environment;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;

/**
 * A world of one thread whose clock moves only from event to event. What waits for ever is found at
 * once: when no event is left. The same seed gives the same run.
 */
public final class SimulatedWorld {

  /** More events than any test has: a test that runs so many goes round in a circle. */
  private static final int MAX_EVENTS = 2_000_000;

  private final PriorityQueue<Event> events =
      new PriorityQueue<>(
          Comparator.comparingLong(Event::atMillis).thenComparingLong(Event::number));
  private final Environment environment;
  private long nowMillis = 1_000;
  private long wallAheadMillis = 1_000_000;
  private long numbered;

  private record Event(long atMillis, long number, Runnable task) {}

  public SimulatedWorld(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    this.environment =
        new Environment(new WorldClock(), this::after, random::nextLong, new WorldOffload());
  }

  /** What code may know of this world. Work that is offloaded is done by an event of its own. */
  public Environment environment() {
    return environment;
  }

  /** Milliseconds since some time before the test. */
  public long nowMillis() {
    return nowMillis;
  }

  /** Puts the wall clock forward, or back. */
  public void jumpWall(long millis) {
    wallAheadMillis += millis;
  }

  /** Runs what happens in the next {@code millis}. */
  public void advance(long millis) {
    long until = nowMillis + millis;
    while (!events.isEmpty() && events.peek().atMillis() <= until) {
      runNext();
    }
    nowMillis = until;
  }

  /** Runs everything that is going to happen. */
  public void runAll() {
    while (!events.isEmpty()) {
      runNext();
    }
  }

  /** What the future succeeds with. */
  @CanIgnoreReturnValue
  public <T> T result(Future<T> future) {
    complete(future);
    if (future.failed()) {
      throw new AssertionError("the call failed", future.cause());
    }
    return future.result();
  }

  /** What the future fails with, which must be of {@code type}. */
  @CanIgnoreReturnValue
  public <E extends Throwable> E failure(Class<E> type, Future<?> future) {
    complete(future);
    if (future.succeeded()) {
      throw new AssertionError("the call succeeded with " + future.result());
    }
    return assertInstanceOf(type, future.cause());
  }

  private void complete(Future<?> future) {
    while (!future.isComplete()) {
      if (events.isEmpty()) {
        throw new AssertionError("nothing is left to happen, and there is no answer");
      }
      runNext();
    }
  }

  private void runNext() {
    if (numbered > MAX_EVENTS) {
      throw new AssertionError("after " + numbered + " events there is no end");
    }
    Event next = events.remove();
    nowMillis = Math.max(nowMillis, next.atMillis());
    next.task().run();
  }

  private Timers.Timer after(long millis, Runnable task) {
    Event event = new Event(nowMillis + millis, numbered++, task);
    events.add(event);
    return () -> events.remove(event);
  }

  private final class WorldClock implements Clock {
    @Override
    public long wallMillis() {
      return nowMillis + wallAheadMillis;
    }

    @Override
    public long monotonicNanos() {
      return nowMillis * 1_000_000;
    }
  }

  private final class WorldOffload implements Offload {
    @Override
    public <T> Future<T> call(Callable<T> work) {
      Promise<T> promise = Promise.promise();
      Timers.Timer unused =
          after(
              0,
              () -> {
                try {
                  promise.complete(work.call());
                } catch (Exception e) {
                  promise.fail(e);
                }
              });
      return promise.future();
    }
  }
}
