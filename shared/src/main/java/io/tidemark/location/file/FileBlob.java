package io.tidemark.location.file;

import io.tidemark.environment.Clock;
import io.tidemark.environment.Entropy;
import io.tidemark.environment.Offload;
import io.tidemark.location.Arguments;
import io.tidemark.location.Blob;
import io.tidemark.location.DeterminateException;
import io.tidemark.location.ExternalException;
import io.tidemark.location.IndeterminateException;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/**
 * Blobs as the files of a folder, which several processes may share:
 *
 * <pre>
 * root/
 *   shard/writer/part      the object of key shard/writer/part: its bytes and nothing else
 *   .tmp/0123…def          an object that is being written, named at random
 * </pre>
 *
 * <p>A call that fails before the rename (or removal) has surely not happened, one that fails in it
 * or later may have. Deleted objects are gone: they cannot be restored. What a dead process left in
 * {@code .tmp} is removed at open, once it is {@link #MAX_TEMPORARY_AGE_MILLIS} old. All work that
 * blocks runs on the {@link Offload}; may be used by several threads if the {@link Entropy} may.
 */
public final class FileBlob implements Blob, AutoCloseable {

  /** No object takes this long to write: older temporary files are of the dead. */
  public static final long MAX_TEMPORARY_AGE_MILLIS = 3_600_000;

  private final ObjectFiles files;
  private final Offload offload;
  private final Entropy entropy;
  private volatile boolean closed;

  private FileBlob(ObjectFiles files, Offload offload, Entropy entropy) {
    this.files = files;
    this.offload = offload;
    this.entropy = entropy;
  }

  /**
   * Opens the store in {@code root}, which is made if it is missing. Blocks: not for an event loop.
   *
   * @throws DeterminateException if the folder cannot be made or read
   */
  public static FileBlob open(Path root, Offload offload, Entropy entropy, Clock clock) {
    return open(new ObjectFiles(new DiskFiles(), root), offload, entropy, clock);
  }

  static FileBlob open(ObjectFiles files, Offload offload, Entropy entropy, Clock clock) {
    files.open(clock.wallMillis() - MAX_TEMPORARY_AGE_MILLIS);
    return new FileBlob(files, offload, entropy);
  }

  @Override
  public Future<Optional<byte[]>> get(String key) {
    Arguments.key(key);
    return call("get", key, () -> files.read(key));
  }

  @Override
  public Future<Void> set(String key, byte[] value) {
    Arguments.key(key);
    Arguments.object(value);
    String temporaryName = entropy.nextId();
    return call(
        "set",
        key,
        () -> {
          files.write(key, value, temporaryName);
          return null;
        });
  }

  @Override
  public Future<OptionalLong> delete(String key) {
    Arguments.key(key);
    return call("delete", key, () -> files.remove(key));
  }

  @Override
  public Future<Void> list(String prefix, Consumer<Entry> objects) {
    Arguments.prefix(prefix);
    return call("list", prefix, () -> files.walk(prefix))
        .map(
            entries -> {
              entries.forEach(objects);
              return null;
            });
  }

  /** Succeeds iff the object is there: a deleted file cannot be brought back. */
  @Override
  public Future<Void> restore(String key) {
    Arguments.key(key);
    return call(
        "restore",
        key,
        () -> {
          files.requirePresent(key);
          return null;
        });
  }

  /** Refuses calls from now on. Those under way end as they would have. Does not block. */
  @Override
  public void close() {
    closed = true;
  }

  private <T> Future<T> call(String what, String key, Callable<T> work) {
    if (closed) {
      return Future.failedFuture(
          new DeterminateException("cannot " + what + " '" + key + "': the store is closed"));
    }
    return offload.call(work).recover(e -> Future.failedFuture(classified(what, key, e)));
  }

  /** What is not classified yet was not thrown by the work on files, or was not foreseen. */
  private static ExternalException classified(String what, String key, Throwable e) {
    if (e instanceof ExternalException classified) {
      return classified;
    }
    if (e instanceof RejectedExecutionException) {
      return new DeterminateException(
          "cannot " + what + " '" + key + "': no worker takes it, try again later", e);
    }
    return new IndeterminateException(
        "cannot " + what + " '" + key + "', which may have happened all the same: " + e, e);
  }
}
