package io.tidemark.sim;

import io.tidemark.environment.Clock;
import io.tidemark.environment.Entropy;
import io.tidemark.environment.Environment;
import io.tidemark.environment.Offload;
import io.tidemark.environment.Timers;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;

/**
 * A simulated process: it can crash, and then nothing that it waited for reaches it any more, and
 * it can be paused, and then everything reaches it late. A restart is a new node of the same name.
 */
final class Node {

  private static final long EPOCH_MILLIS = 1_700_000_000_000L;

  private final String name;
  private final Scheduler scheduler;
  private final SplittableRandom random;
  private final ArrayDeque<Runnable> held = new ArrayDeque<>();
  private boolean up = true;
  private boolean paused;
  private long skewMillis;

  Node(String name, Scheduler scheduler, SplittableRandom random) {
    this.name = name;
    this.scheduler = scheduler;
    this.random = random;
  }

  String name() {
    return name;
  }

  boolean isUp() {
    return up;
  }

  void crash() {
    up = false;
    held.clear();
  }

  void pause() {
    paused = true;
  }

  /** Goes on, and does at once everything that it has missed. */
  void resume() {
    paused = false;
    while (!held.isEmpty() && !paused) {
      held.remove().run();
    }
  }

  /** Moves the wall clock against everybody else's. */
  void skew(long millis) {
    skewMillis = millis;
  }

  /** Runs something in this process, if it still lives, as soon as it is not paused. */
  void run(Runnable action) {
    if (!up) {
      return;
    }
    if (paused) {
      held.add(action);
    } else {
      action.run();
    }
  }

  /** Runs something in this process later. */
  void after(long nanos, Runnable action) {
    scheduler.after(nanos, () -> run(action));
  }

  Environment environment() {
    Entropy entropy = random::nextLong;
    return new Environment(new NodeClock(), timers(), entropy, new LaterOffload());
  }

  private Timers timers() {
    return (millis, task) -> {
      boolean[] cancelled = {false};
      after(
          millis * 1_000_000,
          () -> {
            if (!cancelled[0]) {
              task.run();
            }
          });
      return () -> cancelled[0] = true;
    };
  }

  private final class NodeClock implements Clock {
    @Override
    public long wallMillis() {
      return EPOCH_MILLIS + scheduler.nowMillis() + skewMillis;
    }

    @Override
    public long monotonicNanos() {
      return scheduler.nowNanos();
    }
  }

  /** Work takes a moment, in no particular order. */
  private final class LaterOffload implements Offload {
    @Override
    public <T> Future<T> call(Callable<T> work) {
      Promise<T> promise = Promise.promise();
      after(
          random.nextLong(1_000_000),
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
