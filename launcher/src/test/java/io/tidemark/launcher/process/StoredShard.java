package io.tidemark.launcher.process;

import io.tidemark.environment.Environment;
import io.tidemark.location.Await;
import io.tidemark.location.Consensus;
import io.tidemark.location.RealEnvironment;
import io.tidemark.location.file.FileBlob;
import io.tidemark.location.memory.MemoryBlob;
import io.tidemark.location.sqlite.SqliteConsensus;
import io.tidemark.persist.PersistClient;
import io.tidemark.persist.PersistOptions;
import io.tidemark.persist.ShardContents;
import io.tidemark.persist.ShardId;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Reads a shard from a node's folder when the node is gone: from a copy of its stores in memory.
 */
final class StoredShard {

  private StoredShard() {}

  /** Everything that the shard holds, read past the code of nodes. */
  static ShardContents read(Path folder, ShardId shard) {
    Environment environment =
        new Environment(
            RealEnvironment.CLOCK,
            (millis, task) -> {
              throw new AssertionError("nothing is tried again in a copy");
            },
            RealEnvironment.ENTROPY,
            ShardContents.immediately());
    PersistClient client =
        new PersistClient(copyOfBlob(folder), copyOfConsensus(folder), PersistOptions.DEFAULTS);
    return ShardContents.read(client, shard, environment);
  }

  private static Consensus copyOfConsensus(Path folder) {
    Map<String, List<Consensus.Version>> versions = new HashMap<>();
    try (SqliteConsensus source =
        SqliteConsensus.open(folder, RealEnvironment.ENTROPY, RealEnvironment.CLOCK)) {
      List<String> keys = new ArrayList<>();
      Await.result(source.listKeys(keys::add));
      for (String key : keys) {
        versions.put(key, Await.result(source.scan(key, 0, Integer.MAX_VALUE)));
      }
    }
    return new ReadOnlyConsensus(versions);
  }

  private static MemoryBlob copyOfBlob(Path folder) {
    MemoryBlob copy = new MemoryBlob();
    try (RealEnvironment.Threads threads = new RealEnvironment.Threads();
        FileBlob source =
            FileBlob.open(
                folder.resolve("parts"), threads, RealEnvironment.ENTROPY, RealEnvironment.CLOCK)) {
      Map<String, Long> objects = new ConcurrentHashMap<>();
      Await.result(source.list("", object -> objects.put(object.key(), object.bytes())));
      for (String key : objects.keySet()) {
        Await.result(copy.set(key, Await.result(source.get(key)).orElseThrow()));
      }
    }
    return copy;
  }

  /** Versions that were copied. */
  private record ReadOnlyConsensus(Map<String, List<Version>> versions) implements Consensus {

    private List<Version> of(String key) {
      return versions.getOrDefault(key, List.of());
    }

    @Override
    public Future<Optional<Version>> head(String key) {
      List<Version> all = of(key);
      return Future.succeededFuture(
          all.isEmpty() ? Optional.empty() : Optional.of(all.get(all.size() - 1)));
    }

    @Override
    public Future<List<Version>> scan(String key, long from, int limit) {
      return Future.succeededFuture(
          of(key).stream().filter(each -> each.seqno() >= from).limit(limit).toList());
    }

    @Override
    public Future<Boolean> compareAndSet(String key, Version next) {
      return Future.failedFuture(new UnsupportedOperationException("a copy is only read"));
    }

    @Override
    public Future<Long> truncate(String key, long seqno) {
      return Future.failedFuture(new UnsupportedOperationException("a copy is only read"));
    }

    @Override
    public Future<Void> listKeys(Consumer<String> keys) {
      versions.keySet().forEach(keys);
      return Future.succeededFuture();
    }
  }
}
