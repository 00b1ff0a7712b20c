package io.tidemark.bench;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.tidemark.environment.Environment;
import io.tidemark.environment.Loop;
import io.tidemark.environment.VertxEnvironment;
import io.tidemark.location.Blob;
import io.tidemark.location.Consensus;
import io.tidemark.location.file.FileBlob;
import io.tidemark.location.memory.MemoryBlob;
import io.tidemark.location.memory.MemoryConsensus;
import io.tidemark.location.sqlite.SqliteConsensus;
import io.tidemark.persist.Append;
import io.tidemark.persist.AppendOutcome;
import io.tidemark.persist.BatchBuilder;
import io.tidemark.persist.BatchBuilder.Times;
import io.tidemark.persist.PersistClient;
import io.tidemark.persist.PersistOptions;
import io.tidemark.persist.Shard;
import io.tidemark.persist.ShardId;
import io.tidemark.persist.Snapshot;
import io.tidemark.persist.SnapshotOptions;
import io.tidemark.persist.WriteHandle;
import io.tidemark.persist.part.SampleRows;
import io.tidemark.progress.Antichain;
import io.tidemark.progress.BatchDescription;
import io.tidemark.row.UpdateBlock;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** A shard of {@link SampleRows} on this machine's disk, without a node around it. */
final class ShardLoad implements AutoCloseable {

  private static final int BLOCK_UPDATES = 8192;
  private static final long WAIT_SECONDS = 900;

  private final Vertx vertx = Vertx.vertx();
  private final Context context = ((VertxInternal) vertx).createEventLoopContext();
  private final Environment environment =
      VertxEnvironment.of(vertx, vertx.createSharedWorkerExecutor("shard", 2));
  private final Path folder;
  private final Consensus consensus;
  private final ShardId id = ShardId.random(environment.entropy());
  private final Shard shard;
  private final WriteHandle writer;
  private final BatchBuilder builder;
  private long at;

  private ShardLoad(Path folder, boolean onDisk, PersistOptions options) throws Exception {
    this.folder = Files.createDirectories(folder);
    this.consensus = onDisk ? sqlite(folder) : new MemoryConsensus();
    Blob blob = onDisk ? files(folder) : new MemoryBlob();
    PersistClient client = new PersistClient(blob, consensus, options);
    this.shard = await(() -> client.open(id, SampleRows.SCHEMA, environment));
    this.writer = await(shard::startEpoch);
    this.builder =
        new BatchBuilder(writer.target(), Antichain.minimum(), Times.AT_CUT, bytes -> {});
  }

  /** One whose commits are forced to the disk. */
  static ShardLoad onDisk(Path folder, PersistOptions options) throws Exception {
    return new ShardLoad(folder, true, options);
  }

  /** One of which only what is spilled touches the disk. */
  static ShardLoad inMemory(Path folder, PersistOptions options) throws Exception {
    return new ShardLoad(folder, false, options);
  }

  private SqliteConsensus sqlite(Path in) {
    return SqliteConsensus.open(in, environment.entropy(), environment.clock());
  }

  private FileBlob files(Path in) {
    return FileBlob.open(
        in.resolve("blob"), environment.offload(), environment.entropy(), environment.clock());
  }

  @CanIgnoreReturnValue
  private <T> T await(Supplier<Future<T>> call) throws TimeoutException {
    Promise<T> promise = Promise.promise();
    context.runOnContext(run -> call.get().onComplete(promise));
    return promise.future().await(WAIT_SECONDS, TimeUnit.SECONDS);
  }

  WriteHandle writer() {
    return writer;
  }

  /** Commits the blocks as one batch; returns when it is durable. */
  void commit(List<UpdateBlock> blocks) throws TimeoutException {
    Antichain lower = Antichain.of(at);
    Antichain upper = Antichain.of(++at);
    AppendOutcome outcome =
        await(
            () ->
                added(blocks)
                    .compose(done -> builder.cut(new BatchDescription(lower, upper)))
                    .compose(batch -> writer.compareAndAppend(Append.of(batch))));
    if (!(outcome instanceof AppendOutcome.Committed)) {
      throw new IllegalStateException("not committed: " + outcome);
    }
  }

  private Future<Void> added(List<UpdateBlock> blocks) {
    int[] next = {0};
    return Loop.whileTrue(
        () ->
            next[0] == blocks.size()
                ? Future.succeededFuture(false)
                : builder.add(blocks.get(next[0]++)).map(true));
  }

  void compact() throws TimeoutException {
    await(writer::compact);
  }

  /** How many rows there are. */
  long read(long memoryBytes) throws TimeoutException {
    SnapshotOptions options =
        new SnapshotOptions(memoryBytes, folder.resolve("spill"), BLOCK_UPDATES, 0);
    long[] rows = {0};
    await(
        () ->
            shard
                .snapshot(OptionalLong.empty(), options)
                .compose(snapshot -> counted(snapshot, rows).eventually(snapshot::close)));
    return rows[0];
  }

  private static Future<Void> counted(Snapshot snapshot, long[] rows) {
    return Loop.whileTrue(
        () ->
            snapshot
                .next()
                .map(
                    block -> {
                      block.ifPresent(some -> rows[0] += some.size());
                      return block.isPresent();
                    }));
  }

  /** The versions that consensus still has. */
  int liveVersions() throws TimeoutException {
    return await(() -> consensus.scan(id.text(), 0, Integer.MAX_VALUE)).size();
  }

  /** The files of the parts that the shard consists of. */
  List<Path> partFiles() {
    return shard.partKeys().stream().map(key -> folder.resolve("blob").resolve(key)).toList();
  }

  @Override
  public void close() throws TimeoutException {
    writer.close();
    if (consensus instanceof SqliteConsensus sqlite) {
      sqlite.close();
    }
    vertx.close().await(WAIT_SECONDS, TimeUnit.SECONDS);
  }
}
