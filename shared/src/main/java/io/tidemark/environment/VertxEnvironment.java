package io.tidemark.environment;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.security.SecureRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.RejectedExecutionException;

/**
 * The world as Vert.x shows it: the system's clocks, the context's timers, secure randomness, and a
 * named pool of worker threads. The one place where these are taken from.
 */
public final class VertxEnvironment {

  private VertxEnvironment() {}

  /**
   * The environment of code that runs on contexts of {@code vertx}.
   *
   * @param workers where blocking and long work goes
   */
  public static Environment of(Vertx vertx, WorkerExecutor workers) {
    return of(vertx, workers, Failpoints.NONE);
  }

  /** {@link #of(Vertx, WorkerExecutor)} with somebody who is told of crash points. */
  public static Environment of(Vertx vertx, WorkerExecutor workers, Failpoints failpoints) {
    return new Environment(
        clock(),
        new ContextTimers(vertx),
        new SecureRandom()::nextLong,
        new WorkerOffload(workers),
        failpoints);
  }

  /** The clocks of the machine. */
  public static Clock clock() {
    return new SystemClock();
  }

  /** Randomness that nobody can guess, for ids that must not collide. */
  public static Entropy entropy() {
    return new SecureRandom()::nextLong;
  }

  private static final class SystemClock implements Clock {
    @Override
    public long wallMillis() {
      return System.currentTimeMillis();
    }

    @Override
    public long monotonicNanos() {
      return System.nanoTime();
    }
  }

  private record ContextTimers(Vertx vertx) implements Timers {
    @Override
    public Timer after(long millis, Runnable task) {
      if (millis > 0) {
        long id = vertx.setTimer(millis, fired -> task.run());
        return () -> vertx.cancelTimer(id);
      }
      NextTurn turn = new NextTurn(task);
      vertx.getOrCreateContext().runOnContext(now -> turn.run());
      return turn;
    }
  }

  /** A task that runs as soon as the context is free. Set, run and cancelled on that context. */
  private static final class NextTurn implements Timers.Timer {
    private final Runnable task;
    private boolean cancelled;

    NextTurn(Runnable task) {
      this.task = task;
    }

    void run() {
      if (!cancelled) {
        task.run();
      }
    }

    @Override
    public void cancel() {
      cancelled = true;
    }
  }

  private record WorkerOffload(WorkerExecutor workers) implements Offload {
    @Override
    public <T> Future<T> call(Callable<T> work) {
      try {
        return workers.executeBlocking(work, false);
      } catch (RejectedExecutionException e) {
        return Future.failedFuture(e); // the process is being stopped
      }
    }
  }
}
