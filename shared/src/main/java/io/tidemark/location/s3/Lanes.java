package io.tidemark.location.s3;

import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Makes many calls, a few at a time. After one has failed no more begin, and the failure is told
 * once those under way have ended. Calls may complete on any thread.
 */
final class Lanes {

  private final int count;
  private final int width;
  private final IntFunction<Future<Void>> call;
  private final Promise<Void> done = Promise.promise();
  private int next;
  private int running;
  private boolean filling;
  private @Nullable Throwable failure;

  private Lanes(int count, int width, IntFunction<Future<Void>> call) {
    this.count = count;
    this.width = width;
    this.call = call;
  }

  /** Makes the calls 0 to {@code count - 1}, at most {@code width} at a time. */
  static Future<Void> run(int count, int width, IntFunction<Future<Void>> call) {
    Lanes lanes = new Lanes(count, width, call);
    lanes.fill();
    return lanes.done.future();
  }

  private void fill() {
    boolean over;
    synchronized (this) {
      if (filling) {
        return; // a call that ended at once: whoever began it goes on
      }
      filling = true;
      while (failure == null && running < width && next < count) {
        running++;
        call.apply(next++).onComplete(this::ended);
      }
      filling = false;
      over = running == 0;
    }
    if (over) {
      finish();
    }
  }

  private void ended(AsyncResult<Void> outcome) {
    synchronized (this) {
      running--;
      if (outcome.failed() && failure == null) {
        failure = outcome.cause();
      }
    }
    fill();
  }

  /** May be reached twice, if the last calls end at once. */
  private void finish() {
    if (failure == null) {
      done.tryComplete();
    } else {
      done.tryFail(failure);
    }
  }
}
