package io.tidemark.sim;

import io.tidemark.location.Blob;
import io.tidemark.location.Consensus;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** The shared stores as one process sees them: a call takes a while there and back. */
final class SlowStores {

  private final Node node;
  private final Scheduler scheduler;
  private final SplittableRandom random;

  SlowStores(Node node, Scheduler scheduler, SplittableRandom random) {
    this.node = node;
    this.scheduler = scheduler;
    this.random = random;
  }

  /** The call arrives even if its caller is dead by then; the answer does not. */
  private <T> Future<T> call(String what, Supplier<Future<T>> call) {
    Promise<T> answer = Promise.promise();
    scheduler.after(
        random.nextLong(800_000),
        () -> {
          scheduler.trace(node.name() + " " + what);
          call.get()
              .onComplete(done -> node.after(random.nextLong(800_000), () -> answer.handle(done)));
        });
    return answer.future();
  }

  Consensus consensus(Consensus shared) {
    return new Consensus() {
      @Override
      public Future<Optional<Version>> head(String key) {
        return call("head", () -> shared.head(key));
      }

      @Override
      public Future<Boolean> compareAndSet(String key, Version next) {
        return call("set " + next.seqno(), () -> shared.compareAndSet(key, next));
      }

      @Override
      public Future<List<Version>> scan(String key, long from, int limit) {
        return call("scan " + from, () -> shared.scan(key, from, limit));
      }

      @Override
      public Future<Long> truncate(String key, long seqno) {
        return call("truncate " + seqno, () -> shared.truncate(key, seqno));
      }

      @Override
      public Future<Void> listKeys(Consumer<String> keys) {
        return call("keys", () -> shared.listKeys(keys));
      }
    };
  }

  Blob blob(Blob shared) {
    return new Blob() {
      @Override
      public Future<Optional<byte[]>> get(String key) {
        return call("get", () -> shared.get(key));
      }

      @Override
      public Future<Void> set(String key, byte[] value) {
        return call("put " + value.length, () -> shared.set(key, value));
      }

      @Override
      public Future<OptionalLong> delete(String key) {
        return call("delete", () -> shared.delete(key));
      }

      @Override
      public Future<Void> list(String prefix, Consumer<Entry> objects) {
        return call("list", () -> shared.list(prefix, objects));
      }

      @Override
      public Future<Void> restore(String key) {
        return call("restore", () -> shared.restore(key));
      }
    };
  }
}
