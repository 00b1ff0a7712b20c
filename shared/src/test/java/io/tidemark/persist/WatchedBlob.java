package io.tidemark.persist;

import io.tidemark.location.Blob;
import io.tidemark.location.memory.MemoryBlob;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Blobs in memory whose uploads can be counted, held back and failed. */
final class WatchedBlob implements Blob {

  private final Blob blob = new MemoryBlob();
  private final ArrayDeque<Runnable> held = new ArrayDeque<>();
  private boolean holding;
  private RuntimeException failure;
  private int sets;
  private int outstanding;
  private int mostOutstanding;

  /** From now on uploads wait for {@link #release}. */
  void hold() {
    holding = true;
  }

  /** Lets the oldest upload that waits happen. */
  void release() {
    held.remove().run();
  }

  /** Lets the newest upload that waits happen. */
  void releaseNewest() {
    held.removeLast().run();
  }

  /** Lets all uploads happen, those that wait and those to come. */
  void releaseAll() {
    holding = false;
    while (!held.isEmpty()) {
      held.remove().run();
    }
  }

  /** How many uploads wait. */
  int held() {
    return held.size();
  }

  /** From now on uploads, and reads, fail; with null they do not any more. */
  void fail(RuntimeException cause) {
    failure = cause;
  }

  /** How many uploads were begun. */
  int sets() {
    return sets;
  }

  /** How many uploads there have been at once, at most. */
  int mostOutstanding() {
    return mostOutstanding;
  }

  /** The keys of all objects. */
  List<String> keys() {
    return keys("");
  }

  /** The keys of all objects that begin so. */
  List<String> keys(String prefix) {
    List<String> keys = new ArrayList<>();
    var unused = blob.list(prefix, entry -> keys.add(entry.key()));
    return keys;
  }

  /** The keys of all parts of a shard, which are no rollups. */
  List<String> parts(ShardId shard) {
    return keys(shard + "/w");
  }

  @Override
  public Future<Void> set(String key, byte[] value) {
    sets++;
    outstanding++;
    mostOutstanding = Math.max(mostOutstanding, outstanding);
    if (!holding) {
      return ended(set(() -> blob.set(key, value)));
    }
    Promise<Void> promise = Promise.promise();
    held.add(() -> set(() -> blob.set(key, value)).onComplete(promise));
    return ended(promise.future());
  }

  private Future<Void> ended(Future<Void> set) {
    return set.onComplete(done -> outstanding--);
  }

  private Future<Void> set(Supplier<Future<Void>> call) {
    return failure == null ? call.get() : Future.failedFuture(failure);
  }

  @Override
  public Future<Optional<byte[]>> get(String key) {
    return failure == null ? blob.get(key) : Future.failedFuture(failure);
  }

  @Override
  public Future<OptionalLong> delete(String key) {
    return blob.delete(key);
  }

  @Override
  public Future<Void> list(String prefix, Consumer<Entry> objects) {
    return blob.list(prefix, objects);
  }

  @Override
  public Future<Void> restore(String key) {
    return blob.restore(key);
  }
}
