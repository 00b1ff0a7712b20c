package io.tidemark.read;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayDeque;

/** Lets so many do something at once; the others wait, first come, first served. One context's. */
final class Turns {

  private final ArrayDeque<Promise<Void>> waiting = new ArrayDeque<>();
  private int free;

  Turns(int count) {
    this.free = count;
  }

  /** Completes when it is one's turn; then {@link #giveBack} it. */
  Future<Void> take() {
    if (free > 0) {
      free--;
      return Future.succeededFuture();
    }
    Promise<Void> turn = Promise.promise();
    waiting.add(turn);
    return turn.future();
  }

  void giveBack() {
    Promise<Void> next = waiting.poll();
    if (next == null) {
      free++;
    } else {
      next.complete();
    }
  }
}
