package io.tidemark.persist;

import io.tidemark.location.Blob;
import io.tidemark.location.Consensus;
import io.tidemark.location.DeterminateException;
import io.tidemark.location.IndeterminateException;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Stores that a process loses for good at one of its calls, as if it died there. */
final class CuttingStores {

  /** What becomes of the last call. */
  enum Last {
    LOST,
    DONE_UNANSWERED
  }

  private final Blob blob;
  private final Consensus consensus;
  private final Last last;
  private long left;

  /**
   * @param calls so many calls are answered
   */
  CuttingStores(Blob blob, Consensus consensus, long calls, Last last) {
    this.blob = blob;
    this.consensus = consensus;
    this.left = calls;
    this.last = last;
  }

  /** Whether it has come to that. */
  boolean isCut() {
    return left < 0;
  }

  private <T> Future<T> call(Supplier<Future<T>> call) {
    left--;
    if (left >= 0) {
      return call.get();
    }
    if (left == -1 && last == Last.DONE_UNANSWERED) {
      return call.get()
          .transform(done -> Future.failedFuture(new IndeterminateException("the process died")));
    }
    return Future.failedFuture(new DeterminateException("the process is dead"));
  }

  Blob blob() {
    return new Blob() {
      @Override
      public Future<Optional<byte[]>> get(String key) {
        return call(() -> blob.get(key));
      }

      @Override
      public Future<Void> set(String key, byte[] value) {
        return call(() -> blob.set(key, value));
      }

      @Override
      public Future<OptionalLong> delete(String key) {
        return call(() -> blob.delete(key));
      }

      @Override
      public Future<Void> list(String prefix, Consumer<Entry> objects) {
        return call(() -> blob.list(prefix, objects));
      }

      @Override
      public Future<Void> restore(String key) {
        return call(() -> blob.restore(key));
      }
    };
  }

  Consensus consensus() {
    return new Consensus() {
      @Override
      public Future<Optional<Version>> head(String key) {
        return call(() -> consensus.head(key));
      }

      @Override
      public Future<Boolean> compareAndSet(String key, Version next) {
        return call(() -> consensus.compareAndSet(key, next));
      }

      @Override
      public Future<List<Version>> scan(String key, long from, int limit) {
        return call(() -> consensus.scan(key, from, limit));
      }

      @Override
      public Future<Long> truncate(String key, long seqno) {
        return call(() -> consensus.truncate(key, seqno));
      }

      @Override
      public Future<Void> listKeys(Consumer<String> keys) {
        return call(() -> consensus.listKeys(keys));
      }
    };
  }
}
