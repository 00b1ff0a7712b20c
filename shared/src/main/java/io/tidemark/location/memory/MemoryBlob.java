package io.tidemark.location.memory;

import io.tidemark.location.Arguments;
import io.tidemark.location.Blob;
import io.tidemark.location.DeterminateException;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Blobs in memory. Every future it returns is complete already, so that what listens to it runs at
 * once, on the caller's thread. Objects are listed in the order of their keys. The last {@link
 * #MAX_TOMBSTONES} deleted objects can be restored. May be used by several threads.
 */
public final class MemoryBlob implements Blob {

  /** The most deleted objects that are kept: more than any one recovery asks back. */
  public static final int MAX_TOMBSTONES = 1024;

  private final TreeMap<String, byte[]> objects = new TreeMap<>();
  private final LinkedHashMap<String, byte[]> tombstones = new LinkedHashMap<>();

  @Override
  public Future<Optional<byte[]>> get(String key) {
    Arguments.key(key);
    synchronized (objects) {
      return Future.succeededFuture(Optional.ofNullable(objects.get(key)).map(byte[]::clone));
    }
  }

  @Override
  public Future<Void> set(String key, byte[] value) {
    Arguments.key(key);
    Arguments.object(value);
    synchronized (objects) {
      objects.put(key, value.clone());
    }
    return Future.succeededFuture();
  }

  @Override
  public Future<OptionalLong> delete(String key) {
    Arguments.key(key);
    synchronized (objects) {
      byte @Nullable [] removed = objects.remove(key);
      if (removed == null) {
        return Future.succeededFuture(OptionalLong.empty());
      }
      bury(key, removed);
      return Future.succeededFuture(OptionalLong.of(removed.length));
    }
  }

  @Override
  public Future<Void> list(String prefix, Consumer<Entry> consumer) {
    Arguments.prefix(prefix);
    List<Entry> listed = new ArrayList<>();
    synchronized (objects) {
      for (Map.Entry<String, byte[]> object : objects.tailMap(prefix, true).entrySet()) {
        if (!object.getKey().startsWith(prefix)) {
          break;
        }
        listed.add(new Entry(object.getKey(), object.getValue().length));
      }
    }
    return Future.succeededFuture(listed)
        .map(
            all -> {
              all.forEach(consumer);
              return null;
            });
  }

  @Override
  public Future<Void> restore(String key) {
    Arguments.key(key);
    synchronized (objects) {
      if (!objects.containsKey(key)) {
        byte @Nullable [] buried = tombstones.remove(key);
        if (buried == null) {
          return Future.failedFuture(
              new DeterminateException("cannot restore '" + key + "': no deleted object is kept"));
        }
        objects.put(key, buried);
      }
      return Future.succeededFuture();
    }
  }

  private void bury(String key, byte[] value) {
    // Removed first, so that the newest deletion is the last to be forgotten.
    tombstones.remove(key);
    tombstones.put(key, value);
    if (tombstones.size() > MAX_TOMBSTONES) {
      tombstones.remove(tombstones.keySet().iterator().next());
    }
  }
}
