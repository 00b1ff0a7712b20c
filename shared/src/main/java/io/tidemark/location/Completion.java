package io.tidemark.location;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The answer to one call of a store, made by one of the store's threads and delivered where the
 * call came from: on the Vert.x context that was current when this was created. Without one it is
 * delivered on the store's thread, and so is what listens to it. The first answer stands.
 */
public final class Completion<T> {

  private static final Logger LOG = LoggerFactory.getLogger(Completion.class);

  private final @Nullable Context context = Vertx.currentContext();
  private final Promise<T> promise = Promise.promise();

  /** What the caller is given. */
  public Future<T> future() {
    return promise.future();
  }

  /** Answers with a result. */
  public void succeed(@Nullable T result) {
    deliver(() -> logIfSecond(promise.tryComplete(result)));
  }

  /** Answers with a failure. */
  public void fail(Throwable cause) {
    deliver(() -> logIfSecond(promise.tryFail(cause)));
  }

  private static void logIfSecond(boolean first) {
    if (!first) {
      LOG.debug("a call of a store was answered before");
    }
  }

  private void deliver(Runnable answer) {
    if (context != null) {
      try {
        context.runOnContext(v -> answer.run());
        return;
      } catch (RuntimeException e) {
        LOG.debug("the caller's context is gone, its call is answered on this thread", e);
      }
    }
    try {
      answer.run();
    } catch (RuntimeException e) {
      LOG.error("what listens to a call of a store failed", e);
    }
  }
}
