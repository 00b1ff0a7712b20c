package io.tidemark.launcher.faults;

import io.tidemark.environment.Environment;
import io.tidemark.launcher.faults.Checker.Stored;
import io.tidemark.launcher.faults.History.Message;
import io.tidemark.location.Await;
import io.tidemark.location.Blob;
import io.tidemark.location.Consensus;
import io.tidemark.location.RealEnvironment;
import io.tidemark.persist.PersistClient;
import io.tidemark.persist.PersistOptions;
import io.tidemark.persist.ShardContents;
import io.tidemark.persist.ShardId;
import io.tidemark.persist.ShardLog;
import io.tidemark.row.UpdateBlock;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * The stores that all nodes of a cluster share, read from outside, past the nodes. Blocks.
 *
 * @param consensusUri as nodes are configured
 * @param blobUri as nodes are configured
 * @param options further options of a node's JVM
 */
record SharedStore(
    String consensusUri,
    String blobUri,
    List<String> options,
    Consensus consensus,
    Blob blob,
    Runnable closing)
    implements AutoCloseable {

  private static final int MAX_READS = 5;

  /** What a node needs to be told of them. */
  List<String> nodeOptions() {
    List<String> all = new ArrayList<>(options);
    all.add("-Dtidemark.store.consensus=" + consensusUri);
    all.add("-Dtidemark.store.blob=" + blobUri);
    return all;
  }

  /**
   * Everything that a shard holds now. Fails if a part is missing or damaged, time and again: this
   * reader is not registered, so what it reads may be merged and collected under its hands.
   */
  Stored read(ShardId shard) {
    for (int tries = 1; ; tries++) {
      try {
        return readOnce(shard);
      } catch (AssertionError | RuntimeException e) {
        if (tries == MAX_READS) {
          throw e;
        }
      }
    }
  }

  private Stored readOnce(ShardId shard) {
    Environment environment =
        new Environment(
            RealEnvironment.CLOCK,
            (millis, task) -> {
              throw new AssertionError("a read from outside is not tried again");
            },
            RealEnvironment.ENTROPY,
            ShardContents.immediately());
    PersistClient client =
        new PersistClient(new AtOnceBlob(blob), new AtOnce(consensus), PersistOptions.DEFAULTS);
    List<ShardLog.Entry> log = ShardLog.read(consensus, shard);
    ShardContents contents = ShardContents.read(client, shard, environment);
    List<StoredRow> rows = new ArrayList<>();
    contents.blocks().forEach(block -> add(block, rows));
    long upper = contents.upper().isEmpty() ? Long.MAX_VALUE : contents.upper().time();
    return new Stored(rows, log, upper, contents.epoch());
  }

  private static void add(UpdateBlock block, List<StoredRow> rows) {
    for (int i = 0; i < block.size(); i++) {
      if (block.isError(i)) {
        throw new AssertionError("an error that nobody sent: " + block.error(i));
      }
      rows.add(
          new StoredRow(
              new Message((String) block.value(0, i), (Long) block.value(1, i)),
              (Integer) block.value(2, i),
              (Integer) block.value(3, i),
              (String) block.value(4, i),
              block.times().get(i),
              block.diffs().get(i)));
    }
  }

  @Override
  public void close() {
    closing.run();
  }

  /** Waits for each answer, so that it is there when the future is. */
  private static <T> Future<T> waited(Future<T> answer) {
    return Future.succeededFuture(Await.result(answer));
  }

  /** Reads, and has the answer at once. */
  private record AtOnce(Consensus real) implements Consensus {
    @Override
    public Future<Optional<Version>> head(String key) {
      return waited(real.head(key));
    }

    @Override
    public Future<List<Version>> scan(String key, long from, int limit) {
      return waited(real.scan(key, from, limit));
    }

    @Override
    public Future<Void> listKeys(Consumer<String> keys) {
      return waited(real.listKeys(keys));
    }

    @Override
    public Future<Boolean> compareAndSet(String key, Version next) {
      throw new UnsupportedOperationException("only read");
    }

    @Override
    public Future<Long> truncate(String key, long seqno) {
      throw new UnsupportedOperationException("only read");
    }
  }

  /** Reads, and has the answer at once. */
  private record AtOnceBlob(Blob real) implements Blob {
    @Override
    public Future<Optional<byte[]>> get(String key) {
      return waited(real.get(key));
    }

    @Override
    public Future<Void> list(String prefix, Consumer<Entry> objects) {
      return waited(real.list(prefix, objects));
    }

    @Override
    public Future<Void> set(String key, byte[] value) {
      throw new UnsupportedOperationException("only read");
    }

    @Override
    public Future<OptionalLong> delete(String key) {
      throw new UnsupportedOperationException("only read");
    }

    @Override
    public Future<Void> restore(String key) {
      throw new UnsupportedOperationException("only read");
    }
  }
}
