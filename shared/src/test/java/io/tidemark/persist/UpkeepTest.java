package io.tidemark.persist;

import static io.tidemark.persist.ShardFixture.assertSame;
import static io.tidemark.persist.ShardFixture.inlineAppend;
import static io.tidemark.persist.ShardFixture.range;
import static io.tidemark.persist.ShardFixture.rows;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.environment.Retry;
import io.tidemark.location.Consensus.Version;
import io.tidemark.location.DeterminateException;
import io.tidemark.location.Faults;
import io.tidemark.location.Faults.Outage;
import io.tidemark.location.UnreliableConsensus;
import io.tidemark.persist.AppendOutcome.Committed;
import io.tidemark.persist.MergeBatches.Result;
import io.tidemark.progress.Antichain;
import io.tidemark.row.UpdateBlock;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class UpkeepTest {

  private final List<UpdateBlock> expected = new ArrayList<>();
  private long at;

  /** Appends a few rows inline. */
  private void append(ShardFixture shard, WriteHandle writer) {
    UpdateBlock block = rows(at, at, at + 1000);
    expected.add(block);
    assertEquals(
        new Committed(Antichain.of(at + 1)), shard.append(writer, inlineAppend(at, at + 1, block)));
    at++;
  }

  private void appendNothing(ShardFixture shard, WriteHandle writer) {
    shard.append(writer, Append.of(Batch.empty(range(at, at + 1))));
    at++;
  }

  @Test
  void shouldRollUpOnceSoManyVersionsHaveCome() {
    ShardFixture shard = new ShardFixture(new Bounds().rollups(5, 5));
    WriteHandle writer = shard.startEpoch();
    long most = 0;
    for (int i = 0; i < 60; i++) {
      append(shard, writer);
      shard.world.runAll();
      ShardState state = shard.state();
      most = Math.max(most, state.seqno() - state.rollup().seqno());
    }

    assertEquals(4, most, "it is done as soon as it is due");
    assertSame(expected, shard.contents().blocks());
  }

  @Test
  void shouldRollUpLaterWhenTheVersionsAreSmallBesideTheState() {
    ShardFixture shard = new ShardFixture(new Bounds().rollups(2, 30));
    WriteHandle writer = shard.startEpoch();
    List<Long> rollups = new ArrayList<>();
    for (int i = 0; i < 120; i++) {
      append(shard, writer);
      shard.world.runAll();
      long newest = shard.state().rollup().seqno();
      if (!rollups.contains(newest)) {
        rollups.add(newest);
      }
    }

    long gap = 0;
    for (int i = 1; i < rollups.size(); i++) {
      long next = rollups.get(i) - rollups.get(i - 1);
      assertTrue(next <= 30, "at the latest after the most versions");
      assertTrue(next >= gap || next == 30, "the larger the state, the less often: " + rollups);
      gap = Math.min(next - 1, 29);
    }
    assertTrue(rollups.size() < 20, "fewer than at every second version: " + rollups);
  }

  @Test
  void shouldBoundWhatTheStateCarriesByMerges() {
    ShardFixture shard =
        new ShardFixture(
            new Bounds().inlinePartBytes(1).mergeInlineBytes(2000).inlineTotalBytes(4000));
    WriteHandle writer = shard.startEpoch();
    for (int i = 0; i < 200; i++) {
      append(shard, writer);
      shard.world.runAll();
      Trace trace = shard.state().trace();
      assertTrue(trace.inlineBytes() < 2000, "inline bytes " + trace.inlineBytes());
    }

    assertTrue(shard.state().trace().size() < 100, "batches become fewer");
    assertSame(expected, shard.contents().blocks());
  }

  @Test
  void shouldMergeOnceSoManyInlineBatchesHaveCome() {
    ShardFixture shard = new ShardFixture(new Bounds().mergeInlineBatches(8));
    WriteHandle writer = shard.startEpoch();
    int most = 0;
    for (int i = 0; i < 50; i++) {
      append(shard, writer);
      shard.world.runAll();
      most = Math.max(most, shard.state().trace().inlineBatches());
    }

    assertEquals(7, most);
    assertSame(expected, shard.contents().blocks());
  }

  @Test
  void shouldMergeAlthoughEmptyBatchesGoOnComing() {
    ShardFixture shard =
        new ShardFixture(new Bounds().mergeInlineBatches(4).retry(new Retry.Policy(1, 10, 50)));
    WriteHandle writer = shard.startEpoch();
    for (int i = 0; i < 3; i++) {
      append(shard, writer);
    }
    shard.blob.fail(new DeterminateException("the store is away for a moment"));
    append(shard, writer);
    shard.world.runAll();
    shard.blob.fail(null);
    shard.blob.hold();
    appendNothing(shard, writer);
    shard.world.runAll();
    assertEquals(1, shard.blob.held(), "a merge waits for its part");
    appendNothing(shard, writer);
    shard.blob.releaseAll();
    shard.world.runAll();

    assertEquals(0, shard.state().trace().inlineBatches());
    assertSame(expected, shard.contents().blocks());
    assertEquals(shard.state().trace().parts(), shard.blob.parts(shard.id).size());
  }

  @Test
  void shouldTryAgainAfterItFailed() {
    Retry.Policy policy = new Retry.Policy(1, 10, 50);
    ShardFixture shard =
        new ShardFixture(new Bounds().mergeInlineBatches(4).rollups(4, 4).retry(policy));
    WriteHandle writer = shard.startEpoch();
    shard.blob.fail(new DeterminateException("the store is away"));
    for (int i = 0; i < 10; i++) {
      append(shard, writer);
      shard.world.runAll();
    }
    shard.blob.fail(null);
    assertEquals(10, shard.state().trace().inlineBatches());
    assertEquals(0, shard.state().rollup().seqno());

    append(shard, writer);
    shard.world.runAll();

    assertTrue(shard.state().trace().inlineBatches() < 4);
    assertTrue(shard.state().rollup().seqno() > 0);
    assertSame(expected, shard.contents().blocks());
  }

  @Test
  void shouldHarmNothingIfItsBlobIsWrittenAndItsCommitIsNot() {
    Retry.Policy policy = new Retry.Policy(1, 10, 50);
    for (Outage outage : List.of(Outage.DETERMINATE, Outage.INDETERMINATE)) {
      expected.clear();
      at = 0;
      ShardFixture shard =
          new ShardFixture(new Bounds().mergeInlineBatches(4).rollups(4, 4).retry(policy));
      Faults faults =
          new Faults(shard.world.environment().entropy(), shard.world.environment().timers());
      PersistClient client =
          shard.client(shard.blob, new UnreliableConsensus(shard.consensus, faults));
      WriteHandle crashed = shard.world.result(shard.open(client).startEpoch());
      for (int i = 0; i < 3; i++) {
        append(shard, crashed);
      }
      shard.blob.hold();
      append(shard, crashed);
      shard.world.runAll();
      faults.outage(outage).happens(outage == Outage.DETERMINATE ? 1 : 0.5);
      shard.blob.releaseAll();
      shard.world.runAll();
      assertEquals(outage == Outage.DETERMINATE ? 0 : 1, shard.blob.parts(shard.id).size());

      WriteHandle next = shard.startEpoch();
      assertSame(expected, shard.contents().blocks());
      for (int i = 0; i < 6; i++) {
        append(shard, next);
        shard.world.runAll();
      }
      assertSame(expected, shard.contents().blocks());
      assertTrue(shard.state().trace().inlineBatches() < 4);
    }
  }

  @Test
  void shouldMergeNothingOnceItIsFenced() {
    ShardFixture shard = new ShardFixture(new Bounds().mergeInlineBatches(4));
    WriteHandle first = shard.startEpoch();
    for (int i = 0; i < 3; i++) {
      append(shard, first);
    }
    shard.blob.hold();
    append(shard, first);
    shard.world.runAll();
    assertEquals(1, shard.blob.held());
    WriteHandle next = shard.startEpoch();
    shard.blob.releaseAll();
    shard.world.runAll();

    assertEquals(4, shard.state().trace().inlineBatches());
    assertTrue(shard.world.result(next.isCurrent()));
    assertSame(expected, shard.contents().blocks());
  }

  @Test
  void shouldStartNothingAfterItIsClosed() {
    ShardFixture shard = new ShardFixture(new Bounds().mergeInlineBatches(4).rollups(4, 4));
    WriteHandle writer = shard.startEpoch();
    writer.close();
    for (int i = 0; i < 9; i++) {
      append(shard, writer);
      shard.world.runAll();
    }

    assertEquals(9, shard.state().trace().inlineBatches());
    assertEquals(0, shard.state().rollup().seqno());
  }

  @Test
  void shouldRefuseMergesOfWhatHasBeenReplaced() {
    ShardFixture shard = new ShardFixture(new Bounds());
    WriteHandle writer = shard.startEpoch();
    for (int i = 0; i < 5; i++) {
      append(shard, writer);
    }
    ShardState state = shard.state();
    WriterId id = writer.target().writer();
    assertEquals(1, state.trace().requests().size(), "the batches are of one group");
    MergeRequest whole = state.trace().requests().get(0);
    Batch all = Batch.concatenation(whole.batches());
    MergeRequest middle =
        new MergeRequest(
            new IdRange(1, 3), range(1, 3), whole.since(), whole.inputs().subList(1, 3));
    Part part = new Part.Hollow(PartTarget.prefix(shard.id, id) + "p1", 1, 1, 8, range(0, 4), null);
    MergeBatches merge = new MergeBatches(id, whole, new Batch(all.description(), List.of(part)));
    MergeBatches stale = new MergeBatches(id, middle, Batch.empty(range(1, 3)));
    MergeBatches fenced =
        new MergeBatches(WriterId.random(shard.world.environment().entropy()), whole, all);

    assertEquals(Result.FENCED, fenced.decide(state, 1).result());
    assertEquals(Result.APPLIED, apply(state, merge));
    assertEquals(2, state.trace().size());
    assertEquals(Result.APPLIED, merge.decide(state, 1).result());
    assertTrue(merge.decide(state, 1) instanceof Command.Break);
    assertEquals(Result.REPLACED_MEANWHILE, stale.decide(state, 1).result());
  }

  private static Result apply(ShardState state, MergeBatches merge) {
    long wallMillis = state.wallMillis() + 1;
    Command.Commit<Result> commit = (Command.Commit<Result>) merge.decide(state, wallMillis);
    state.apply(commit.changes().build(state.seqno() + 1, wallMillis, state.rollup()));
    return commit.result();
  }

  @Test
  void shouldRefuseARollupThatIsNotNewer() {
    ShardFixture shard = new ShardFixture(new Bounds());
    ShardState state =
        new ShardState(shard.id, ShardFixture.SCHEMA, 0, new Rollup(7, shard.id + "/7/a", 1, 1));

    assertEquals(true, new AddRollup(state.rollup()).decide(state, 1).result());
    assertEquals(
        false, new AddRollup(new Rollup(7, shard.id + "/7/b", 1, 1)).decide(state, 1).result());
    assertEquals(
        false, new AddRollup(new Rollup(6, shard.id + "/6/a", 1, 1)).decide(state, 1).result());
    assertEquals(
        true, new AddRollup(new Rollup(8, shard.id + "/8/a", 1, 1)).decide(state, 1).result());
  }

  @Test
  void shouldRefuseAGapBetweenVersions() {
    ShardFixture shard = new ShardFixture(new Bounds());
    WriteHandle writer = shard.startEpoch();
    append(shard, writer);
    ShardState state = shard.state();
    StateDiff skipping =
        new StateDiff.Builder().build(state.seqno() + 2, state.wallMillis() + 1, state.rollup());
    shard.world.result(
        shard.consensus.compareAndSet(
            shard.id.text(), new Version(state.seqno() + 1, StateCodec.encode(skipping))));

    CorruptShardException gap =
        shard.world.failure(
            CorruptShardException.class,
            shard.client().open(shard.id, ShardFixture.SCHEMA, shard.world.environment()));

    assertTrue(gap.getMessage().contains("does not follow 2"), gap.getMessage());
  }
}
