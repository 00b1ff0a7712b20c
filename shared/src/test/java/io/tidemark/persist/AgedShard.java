package io.tidemark.persist;

import static io.tidemark.persist.ShardFixture.rows;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.tidemark.environment.Retry;
import io.tidemark.location.Consensus.Version;
import io.tidemark.progress.Antichain;
import io.tidemark.progress.BatchDescription;
import io.tidemark.row.UpdateBlock;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** A shard whose past is worth collecting: parts that were replaced, rollups, versions. */
final class AgedShard {

  /** Stores are given up soon. */
  static final Retry.Policy IMPATIENT = new Retry.Policy(1, 5, 20);

  final ShardFixture shard;
  final List<UpdateBlock> expected = new ArrayList<>();
  WriteHandle writer;
  long at;

  AgedShard(Bounds bounds) {
    shard = new ShardFixture(bounds.retry(IMPATIENT));
    begin();
  }

  /** Begins an epoch, as another process would. Its upkeep does nothing. */
  void begin() {
    writer = shard.startEpoch();
    writer.close();
  }

  /** Appends a part. */
  @CanIgnoreReturnValue
  Batch append() {
    UpdateBlock block = rows(at, at, at + 1000);
    Batch batch = upload(new BatchDescription(Antichain.of(at), Antichain.of(at + 1)), block);
    shard.append(writer, Append.of(batch));
    expected.add(block);
    at++;
    return batch;
  }

  /** A batch whose part is stored and which nothing names. */
  Batch upload(BatchDescription range, UpdateBlock... blocks) {
    return ReadHandleTest.hollow(shard, writer, range, blocks);
  }

  /** Puts one part in the place of all that there are. */
  void merge() {
    shard.world.result(writer.compact());
  }

  void rollUp() {
    Machine machine = ReadHandleTest.machine(shard);
    StateLoader loader =
        new StateLoader(shard.id, shard.blob, shard.consensus, shard.world.environment());
    RollUp rollUp = new RollUp(machine, loader, shard.blob, shard.world.environment(), IMPATIENT);
    if (!shard.world.result(rollUp.run(() -> {}))) {
      throw new AssertionError("the rollup was refused");
    }
  }

  /** Some appends, a merge of all that there is, some appends, a rollup. */
  void age(int rounds) {
    for (int i = 0; i < rounds; i++) {
      append();
      append();
      merge();
      append();
      rollUp();
    }
    append();
  }

  @CanIgnoreReturnValue
  Collected collect() {
    return shard.world.result(shard.open().collectGarbage());
  }

  /** The keys that the state names: of parts, and of rollups. */
  Set<String> named() {
    ShardState state = shard.state();
    Set<String> named = new TreeSet<>(state.trace().keys());
    state.rollups().values().forEach(rollup -> named.add(rollup.key()));
    return named;
  }

  Set<String> stored() {
    return new TreeSet<>(shard.blob.keys());
  }

  List<Version> versions() {
    return shard.world.result(shard.consensus.scan(shard.id.text(), 0, 100_000));
  }
}
