package io.tidemark.location.postgresql;

import io.tidemark.location.DeterminateException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import org.jspecify.annotations.Nullable;

/** Bounds the calls that wait or are under way, and knows when the last has left. Thread-safe. */
final class Room {

  private final int maxCalls;
  private final long maxBytes;
  private final Promise<Void> empty = Promise.promise();
  private int calls;
  private long bytes;
  private boolean closed;

  Room(int maxCalls, long maxBytes) {
    this.maxCalls = maxCalls;
    this.maxBytes = maxBytes;
  }

  /** Lets a call in that holds so many bytes; or says why not. */
  synchronized @Nullable DeterminateException enter(long held) {
    if (closed) {
      return closed();
    }
    if (calls >= maxCalls || bytes + held > maxBytes) {
      return new DeterminateException(
          "the consensus store is overloaded: too many calls wait, try again later");
    }
    calls++;
    bytes += held;
    return null;
  }

  void leave(long held) {
    boolean last;
    synchronized (this) {
      calls--;
      bytes -= held;
      last = closed && calls == 0;
    }
    if (last) {
      var unused = empty.tryComplete();
    }
  }

  /** Lets nothing in any more. Completes when the last call has left. */
  Future<Void> close() {
    boolean last;
    synchronized (this) {
      closed = true;
      last = calls == 0;
    }
    if (last) {
      var unused = empty.tryComplete();
    }
    return empty.future();
  }

  static DeterminateException closed() {
    return new DeterminateException("the consensus store is closed");
  }
}
