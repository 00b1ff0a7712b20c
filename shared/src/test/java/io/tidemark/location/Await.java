package io.tidemark.location;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.fail;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** Waits for futures in tests, with a deadline. Not for an event loop. */
public final class Await {

  private static final int DEADLINE_SECONDS = 60;

  private Await() {}

  /** What the future succeeds with. */
  @CanIgnoreReturnValue
  public static <T> T result(Future<T> future) {
    try {
      return completion(future).get(DEADLINE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new AssertionError("the call failed", e.getCause());
    } catch (InterruptedException | TimeoutException e) {
      throw new AssertionError("no answer within " + DEADLINE_SECONDS + " s", e);
    }
  }

  /** What the future fails with, which must be of {@code type}. */
  @CanIgnoreReturnValue
  public static <E extends Throwable> E failure(Class<E> type, Future<?> future) {
    try {
      Object result = completion(future).get(DEADLINE_SECONDS, TimeUnit.SECONDS);
      return fail("the call succeeded with " + result);
    } catch (ExecutionException e) {
      return assertInstanceOf(type, e.getCause());
    } catch (InterruptedException | TimeoutException e) {
      throw new AssertionError("no answer within " + DEADLINE_SECONDS + " s", e);
    }
  }

  /** Makes a call on {@code context}, and waits for what it succeeds with. */
  @CanIgnoreReturnValue
  public static <T> T resultOn(Context context, Supplier<Future<T>> call) {
    Promise<T> promise = Promise.promise();
    context.runOnContext(
        v -> {
          var unused = call.get().onComplete(promise);
        });
    return result(promise.future());
  }

  private static <T> CompletableFuture<T> completion(Future<T> future) {
    return future.toCompletionStage().toCompletableFuture();
  }
}
