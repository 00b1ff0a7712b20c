package io.tidemark.location.sqlite;

import io.tidemark.location.Completion;
import io.vertx.core.Future;

/** A call that waits for, or is run by, one of the store's threads. */
abstract class Call<T> implements GroupQueue.Sized {

  private final Completion<T> completion = new Completion<>();

  Future<T> future() {
    return completion.future();
  }

  void succeed(T result) {
    completion.succeed(result);
  }

  void fail(Throwable cause) {
    completion.fail(cause);
  }

  @Override
  public int bytes() {
    return 0;
  }
}
