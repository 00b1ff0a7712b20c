package io.tidemark.location.postgresql;

import io.tidemark.location.Completion;
import io.vertx.core.Future;

/** A call that waits for, or is run by, one of the lanes. */
abstract class Call<T> {

  private final Completion<T> completion = new Completion<>();
  private final long deadlineMillis;

  /** A call of which the statement must be sent by then. */
  Call(long deadlineMillis) {
    this.deadlineMillis = deadlineMillis;
  }

  boolean isLate(long nowMillis) {
    return nowMillis > deadlineMillis;
  }

  Future<T> future() {
    return completion.future();
  }

  void succeed(T result) {
    completion.succeed(result);
  }

  void fail(Throwable cause) {
    completion.fail(cause);
  }

  /** How many bytes it holds, beside what is the same for all. */
  int bytes() {
    return 0;
  }
}
