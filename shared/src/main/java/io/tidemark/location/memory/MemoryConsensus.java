package io.tidemark.location.memory;

import io.tidemark.location.Arguments;
import io.tidemark.location.Consensus;
import io.tidemark.location.DeterminateException;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Consensus in memory. Every future it returns is complete already, so that what listens to it runs
 * at once, on the caller's thread. Keys are listed in order. May be used by several threads.
 */
public final class MemoryConsensus implements Consensus {

  private final TreeMap<String, NavigableMap<Long, Version>> keys = new TreeMap<>();

  @Override
  public Future<Optional<Version>> head(String key) {
    Arguments.key(key);
    synchronized (keys) {
      NavigableMap<Long, Version> versions = keys.get(key);
      // A key that is in the map has a head: nothing ever removes it.
      return Future.succeededFuture(
          versions == null ? Optional.empty() : Optional.of(versions.lastEntry().getValue()));
    }
  }

  @Override
  public Future<Boolean> compareAndSet(String key, Version next) {
    Arguments.key(key);
    synchronized (keys) {
      NavigableMap<Long, Version> versions = keys.get(key);
      long head = versions == null ? -1 : versions.lastKey();
      if (next.seqno() - 1 != head) {
        return Future.succeededFuture(false);
      }
      keys.computeIfAbsent(key, k -> new TreeMap<>()).put(next.seqno(), next);
      return Future.succeededFuture(true);
    }
  }

  @Override
  public Future<List<Version>> scan(String key, long from, int limit) {
    Arguments.key(key);
    Arguments.seqno(from);
    Arguments.limit(limit);
    synchronized (keys) {
      NavigableMap<Long, Version> versions = keys.get(key);
      return Future.succeededFuture(
          versions == null
              ? List.of()
              : versions.tailMap(from, true).values().stream().limit(limit).toList());
    }
  }

  @Override
  public Future<Long> truncate(String key, long seqno) {
    Arguments.key(key);
    Arguments.seqno(seqno);
    synchronized (keys) {
      NavigableMap<Long, Version> versions = keys.get(key);
      if (versions == null) {
        return Future.failedFuture(
            new DeterminateException("cannot truncate '" + key + "': it has no version"));
      }
      if (seqno > versions.lastKey()) {
        return Future.failedFuture(
            new DeterminateException(
                String.format(
                    "cannot truncate '%s' below %d: its head is %d",
                    key, seqno, versions.lastKey())));
      }
      NavigableMap<Long, Version> removed = versions.headMap(seqno, false);
      long count = removed.size();
      removed.clear();
      return Future.succeededFuture(count);
    }
  }

  @Override
  public Future<Void> listKeys(Consumer<String> consumer) {
    List<String> listed;
    synchronized (keys) {
      listed = new ArrayList<>(keys.keySet());
    }
    return Future.succeededFuture(listed)
        .map(
            all -> {
              all.forEach(consumer);
              return null;
            });
  }
}
