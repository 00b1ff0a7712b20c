package io.tidemark.environment;

import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.function.Supplier;

/**
 * Repeats an asynchronous step. A chain of composed futures would grow with every round, and
 * overflow the stack when it unwinds; this does neither, whether steps complete at once or later.
 * Used on one context.
 */
public final class Loop {

  private final Supplier<Future<Boolean>> step;
  private final Promise<Void> done = Promise.promise();
  private boolean running;
  private boolean again;

  private Loop(Supplier<Future<Boolean>> step) {
    this.step = step;
  }

  /** Runs {@code step} until it yields false, or fails. */
  public static Future<Void> whileTrue(Supplier<Future<Boolean>> step) {
    Loop loop = new Loop(step);
    loop.run();
    return loop.done.future();
  }

  private void run() {
    again = true;
    if (running) {
      return; // the step completed at once: the loop below goes round once more
    }
    running = true;
    while (again) {
      again = false;
      next().onComplete(this::stepped);
    }
    running = false;
  }

  private Future<Boolean> next() {
    try {
      return step.get();
    } catch (RuntimeException e) {
      return Future.failedFuture(e);
    }
  }

  private void stepped(AsyncResult<Boolean> outcome) {
    if (outcome.failed()) {
      done.fail(outcome.cause());
    } else if (outcome.result()) {
      run();
    } else {
      done.complete();
    }
  }
}
