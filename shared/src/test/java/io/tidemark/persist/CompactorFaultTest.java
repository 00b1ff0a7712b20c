package io.tidemark.persist;

import static io.tidemark.persist.ShardFixture.assertSame;
import static io.tidemark.persist.ShardFixture.inlineAppend;
import static io.tidemark.persist.ShardFixture.rows;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.Seeds;
import io.tidemark.environment.Retry;
import io.tidemark.location.Faults;
import io.tidemark.location.Faults.Outage;
import io.tidemark.location.UnreliableConsensus;
import io.tidemark.persist.MergeBatches.Result;
import io.vertx.core.Future;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Compactions that are overtaken, cut off, or not told what became of them. */
class CompactorFaultTest extends CompactionFixture {

  private static final Retry.Policy IMPATIENT = new Retry.Policy(1, 10, 50);

  @Test
  void shouldDeleteItsPartsIfTheySurelyAreNotInTheState() {
    for (Outage outage : List.of(Outage.DETERMINATE, Outage.INDETERMINATE)) {
      Faulty each = new Faulty();
      Future<Void> compacted = each.writer.compact();
      each.shard.world.advance(1);
      assertEquals(1, each.shard.blob.held(), "the compaction waits for its part");
      each.faults.outage(outage).happens(outage == Outage.DETERMINATE ? 1 : 0.5);
      each.shard.blob.releaseAll();
      each.shard.world.runAll();

      assertTrue(compacted.failed());
      if (outage == Outage.DETERMINATE) {
        assertEquals(each.partsBefore, each.shard.blob.parts(each.shard.id).size());
      }
      assertSame(written, each.shard.contents().blocks());
      WriteHandle next = each.shard.startEpoch();
      each.shard.world.result(next.compact());
      assertSame(written, each.shard.contents().blocks());
      assertEquals(1, each.shard.state().trace().runs());
    }
  }

  @Test
  void shouldStandWhateverAnswersAreLost() {
    Seeds.forEach(10, this::standsWhateverIsLost);
  }

  private void standsWhateverIsLost(long seed) {
    written.clear();
    at = 0;
    ShardFixture shard =
        new ShardFixture(
            seed, new Bounds().inlineAppendBytes(1).mergeInlineBatches(3).compaction(eager()));
    Faults faults =
        new Faults(shard.world.environment().entropy(), shard.world.environment().timers())
            .answered(0.7)
            .happens(0.8)
            .late(0.5, 40);
    PersistClient client =
        shard.client(shard.blob, new UnreliableConsensus(shard.consensus, faults));
    WriteHandle writer = shard.world.result(shard.open(client).startEpoch());
    for (int i = 0; i < 15; i++) {
      append(shard, writer, rows(at, at, at + 100));
      shard.world.advance(i % 4);
    }
    shard.world.runAll();

    assertSame(written, shard.contents().blocks());
    assertTrue(writer.compactions().applied() > 0);
  }

  /** A shard of some parts whose compaction is about to store its own. */
  private final class Faulty {
    final ShardFixture shard;
    final Faults faults;
    final WriteHandle writer;
    final int partsBefore;

    Faulty() {
      written.clear();
      at = 0;
      shard =
          new ShardFixture(
              new Bounds().inlineAppendBytes(1).retry(IMPATIENT).compaction(onDemand()));
      faults = new Faults(shard.world.environment().entropy(), shard.world.environment().timers());
      PersistClient client =
          shard.client(shard.blob, new UnreliableConsensus(shard.consensus, faults));
      writer = shard.world.result(shard.open(client).startEpoch());
      for (int i = 0; i < 3; i++) {
        append(shard, writer, rows(at, at, at + 100));
      }
      partsBefore = shard.blob.parts(shard.id).size();
      shard.blob.hold();
    }
  }

  /** What a compaction works with, without a handle around it. */
  private static final class Parted {
    final Machine machine;
    final Compactor compactor;
    final PartTarget target;

    Parted(ShardFixture shard, WriteHandle of) {
      StateLoader loader =
          new StateLoader(shard.id, shard.blob, shard.consensus, shard.world.environment());
      machine =
          new Machine(
              loader,
              shard.world.result(loader.reload()),
              shard.consensus,
              shard.world.environment(),
              shard.options.retry());
      target = of.target();
      Parts parts =
          new Parts(
              shard.id,
              Schemas.of(ShardFixture.SCHEMA),
              shard.blob::get,
              shard.world.environment().offload());
      compactor = new Compactor(machine, parts, target);
    }
  }

  private ShardFixture ofOneGroup() {
    written.clear();
    at = 0;
    return new ShardFixture(
        new Bounds().inlineAppendBytes(1).retry(IMPATIENT).compaction(onDemand()));
  }

  @Test
  void shouldRefuseAResultThatComesLateAndDeleteIt() {
    ShardFixture shard = ofOneGroup();
    WriteHandle writer = shard.startEpoch();
    for (int i = 0; i < 5; i++) {
      append(shard, writer, rows(at, at, at + 100));
    }
    Parted slow = new Parted(shard, writer);
    Parted fast = new Parted(shard, writer);
    MergeRequest request = slow.machine.state().trace().requests().get(0);
    shard.blob.hold();
    Future<Result> late = slow.compactor.compact(request);
    shard.world.advance(10);
    assertEquals(1, shard.blob.held());
    Future<Result> first = fast.compactor.compact(request);
    shard.world.advance(10);
    assertEquals(2, shard.blob.held());
    shard.blob.releaseNewest();
    shard.world.advance(10);
    assertEquals(Result.APPLIED, first.result());
    List<String> parts = shard.blob.parts(shard.id);

    shard.blob.releaseAll();
    shard.world.advance(10);

    assertEquals(Result.REPLACED_MEANWHILE, late.result());
    assertEquals(parts, shard.blob.parts(shard.id), "its part is deleted");
    assertSame(written, shard.contents().blocks());
    assertEquals(1, slow.compactor.counts().refused());
  }

  @Test
  void shouldTakeNoHarmFromAPartThatWasCollected() {
    ShardFixture shard = ofOneGroup();
    WriteHandle writer = shard.startEpoch();
    for (int i = 0; i < 5; i++) {
      append(shard, writer, rows(at, at, at + 100));
    }
    Parted slow = new Parted(shard, writer);
    MergeRequest request = slow.machine.state().trace().requests().get(0);
    Parted fast = new Parted(shard, writer);
    assertEquals(Result.APPLIED, shard.world.result(fast.compactor.compact(request)));
    for (Batch batch : request.batches()) {
      batch.keys().forEach(key -> shard.world.result(shard.blob.delete(key)));
    }

    assertEquals(Result.REPLACED_MEANWHILE, shard.world.result(slow.compactor.compact(request)));
    assertSame(written, shard.contents().blocks());
    assertEquals(0, slow.compactor.counts().failed());
  }

  @Test
  void shouldSayThatAPartIsMissingWhichIsNamed() {
    ShardFixture shard = ofOneGroup();
    WriteHandle writer = shard.startEpoch();
    for (int i = 0; i < 5; i++) {
      append(shard, writer, rows(at, at, at + 100));
    }
    String lost = shard.state().trace().batches().get(2).keys().get(0);
    shard.world.result(shard.blob.delete(lost));

    CorruptShardException missing =
        shard.world.failure(CorruptShardException.class, writer.compact());

    assertTrue(missing.getMessage().contains(lost), missing.getMessage());
    assertEquals(1, writer.compactions().failed());
  }

  @Test
  void shouldGiveUpWhatTakesTooLongAndTryAgainLater() {
    ShardFixture shard = new ShardFixture(new Bounds().inlineAppendBytes(1).compaction(eager()));
    WriteHandle writer = shard.startEpoch();
    append(shard, writer, rows(at, 1));
    append(shard, writer, rows(at, 2));
    Future<AppendOutcome> third = writer.compareAndAppend(inlineAppend(2, 3));
    shard.world.result(third);
    at = 3;
    shard.blob.hold();
    shard.world.runAll();
    assertEquals(0, writer.compactions().applied());
    assertEquals(1, writer.compactions().failed(), "after 90 seconds it is given up");

    shard.blob.releaseAll();
    shard.world.advance(120_000);
    append(shard, writer);
    shard.world.runAll();

    assertEquals(1, writer.compactions().applied());
    assertSame(written, shard.contents().blocks());
  }

  @Test
  void shouldCompactNothingOnceItIsFenced() {
    ShardFixture shard = ofOneGroup();
    WriteHandle writer = shard.startEpoch();
    for (int i = 0; i < 5; i++) {
      append(shard, writer, rows(at, at, at + 100));
    }
    int before = shard.blob.parts(shard.id).size();
    WriteHandle next = shard.startEpoch();

    FencedException fenced = shard.world.failure(FencedException.class, writer.compact());

    assertEquals(next.epoch(), fenced.epoch());
    shard.world.runAll();
    assertEquals(before, shard.blob.parts(shard.id).size(), "what it had written is deleted");
    assertSame(written, shard.contents().blocks());
  }
}
