package io.tidemark.location;

import io.vertx.core.Future;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/** A blob store whose calls go wrong as {@link Faults} say. */
public final class UnreliableBlob implements Blob {

  private final Blob blob;
  private final Faults faults;

  public UnreliableBlob(Blob blob, Faults faults) {
    this.blob = blob;
    this.faults = faults;
  }

  @Override
  public Future<Optional<byte[]>> get(String key) {
    Arguments.key(key);
    return faults.read("get " + key, () -> blob.get(key));
  }

  @Override
  public Future<Void> set(String key, byte[] value) {
    Arguments.key(key);
    Arguments.object(value);
    // It may happen after the caller is told that it failed, and uses the array for something else.
    byte[] copy = value.clone();
    return faults.write("set " + key, () -> blob.set(key, copy));
  }

  @Override
  public Future<OptionalLong> delete(String key) {
    Arguments.key(key);
    return faults.write("delete " + key, () -> blob.delete(key));
  }

  @Override
  public Future<Void> list(String prefix, Consumer<Entry> objects) {
    Arguments.prefix(prefix);
    return faults.read("list " + prefix, () -> blob.list(prefix, objects));
  }

  @Override
  public Future<Void> restore(String key) {
    Arguments.key(key);
    return faults.write("restore " + key, () -> blob.restore(key));
  }
}
