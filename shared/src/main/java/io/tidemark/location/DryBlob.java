package io.tidemark.location;

import io.vertx.core.Future;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * A store for dry runs: what is read comes from another one; what would change it succeeds, and
 * does nothing.
 */
public record DryBlob(Blob of) implements Blob {

  @Override
  public Future<Optional<byte[]>> get(String key) {
    return of.get(key);
  }

  @Override
  public Future<Void> list(String prefix, Consumer<Entry> objects) {
    return of.list(prefix, objects);
  }

  @Override
  public Future<Void> set(String key, byte[] value) {
    return Future.succeededFuture();
  }

  @Override
  public Future<OptionalLong> delete(String key) {
    return Future.succeededFuture(OptionalLong.empty());
  }

  @Override
  public Future<Void> restore(String key) {
    return Future.succeededFuture();
  }
}
