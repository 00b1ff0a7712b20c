package io.tidemark.persist;

import static io.tidemark.persist.ShardFixture.assertSame;
import static io.tidemark.persist.ShardFixture.inlineAppend;
import static io.tidemark.persist.ShardFixture.large;
import static io.tidemark.persist.ShardFixture.range;
import static io.tidemark.persist.ShardFixture.rows;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.Seeds;
import io.tidemark.environment.Retry;
import io.tidemark.location.DeterminateException;
import io.tidemark.location.Faults;
import io.tidemark.location.Faults.End;
import io.tidemark.location.Faults.Outage;
import io.tidemark.location.IndeterminateException;
import io.tidemark.location.UnreliableBlob;
import io.tidemark.location.UnreliableConsensus;
import io.tidemark.persist.AppendOutcome.Committed;
import io.tidemark.persist.AppendOutcome.Fenced;
import io.tidemark.persist.AppendOutcome.UpperMismatch;
import io.tidemark.persist.InvalidUsageException.Rule;
import io.tidemark.progress.Antichain;
import io.tidemark.row.UpdateBlock;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class WriteHandleTest {

  private final ShardFixture shard = new ShardFixture(new Bounds());

  @Test
  void shouldCommitOnceAndShowItToOthers() {
    WriteHandle writer = shard.startEpoch();
    Append append =
        new Append(
            Antichain.minimum(),
            Antichain.of(5),
            List.of(ShardFixture.inline(rows(1, 1))),
            Map.of("p", new Advance(1, 2, 1, 4, "")),
            Map.of("0", "{\"lsn\":9}"));

    assertEquals(new Committed(Antichain.of(5)), shard.append(writer, append));

    assertEquals(2, writer.position("p").sequence());
    assertEquals(Position.NONE, writer.position("q"));
    assertEquals(1, writer.producers());
    assertEquals(Map.of("0", "{\"lsn\":9}"), writer.offsets());
    ShardContents contents = shard.contents();
    assertSame(List.of(rows(1, 1)), contents.blocks());
    assertEquals(2, contents.position("p").sequence());
    assertEquals(Antichain.of(5), shard.startEpoch().startUpper());
  }

  @Test
  void shouldFenceEveryEarlierEpoch() {
    WriteHandle first = shard.startEpoch();
    WriteHandle second = shard.startEpoch();

    assertEquals(1, first.epoch());
    assertEquals(2, second.epoch());
    assertFalse(shard.world.result(first.isCurrent()));
    assertTrue(shard.world.result(second.isCurrent()));
    assertEquals(new Fenced(2), shard.append(first, inlineAppend(0, 5, rows(1, 1))));
    assertEquals(
        new Committed(Antichain.of(5)), shard.append(second, inlineAppend(0, 5, rows(1, 2))));
    assertSame(List.of(rows(1, 2)), shard.contents().blocks());
  }

  @Test
  void shouldBeginAboveAFloorAndNotAfterTheEnd() {
    Coordinator one = new Coordinator("n1", "c");
    Shard open = shard.open();

    assertEquals(10, shard.world.result(open.succeedEpoch(one, 9)).epoch());
    assertEquals(11, shard.world.result(open.succeedEpoch(one, 9)).epoch());
    assertEquals(12, shard.world.result(open.end()));
    assertEquals(12, shard.world.result(shard.open().end()), "it ends once");

    assertTrue(open.isDropped());
    shard.world.failure(ShardDroppedException.class, open.succeedEpoch(one, 20));
  }

  @Test
  void shouldSucceedTheEpochThatItKnowsAndNoOther() {
    Coordinator one = new Coordinator("n1", "c");
    Coordinator other = new Coordinator("n2", "c");
    Shard first = shard.open();
    Shard second = shard.open();

    WriteHandle begun = shard.world.result(first.succeedEpoch(one, 0));
    FencedException late =
        shard.world.failure(FencedException.class, second.succeedEpoch(other, 0));

    assertEquals(1, begun.epoch());
    assertEquals(1, late.epoch());
    assertEquals(one, late.coordinator());
    assertTrue(shard.world.result(begun.isCurrent()));
    assertEquals(2, shard.world.result(second.succeedEpoch(other, 0)).epoch());
    assertEquals(other, shard.open().coordinator());
    assertEquals("node n2 of cluster c", String.valueOf(other));
  }

  @Test
  void shouldLeaveOneOfTwoEpochsThatRace() {
    Seeds.forEach(100, this::oneEpochWins);
  }

  private void oneEpochWins(long seed) {
    ShardFixture each = new ShardFixture(seed, new Bounds());
    Faults faults =
        new Faults(each.world.environment().entropy(), each.world.environment().timers())
            .answered(0.8)
            .happens(0.7)
            .late(0.4, 50);
    PersistClient client = each.client(each.blob, new UnreliableConsensus(each.consensus, faults));
    List<Future<WriteHandle>> racing = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      racing.add(each.open(client).startEpoch());
    }
    each.world.runAll();
    List<WriteHandle> writers = racing.stream().map(Future::result).toList();
    assertEquals(3, writers.stream().map(WriteHandle::epoch).distinct().count());

    List<Future<AppendOutcome>> appends = new ArrayList<>();
    for (WriteHandle writer : writers) {
      appends.add(writer.compareAndAppend(inlineAppend(0, 5, rows(1, writer.epoch()))));
    }
    each.world.runAll();

    long newest = each.state().epoch();
    for (int i = 0; i < writers.size(); i++) {
      boolean isNewest = writers.get(i).epoch() == newest;
      assertEquals(
          isNewest ? new Committed(Antichain.of(5)) : new Fenced(newest), appends.get(i).result());
    }
    assertSame(List.of(rows(1, newest)), each.contents().blocks());
  }

  @Test
  void shouldApplyAnAppendOnceHoweverItsAnswersAreLost() {
    Set<End> seen = EnumSet.noneOf(End.class);
    Seeds.forEach(100, seed -> seen.addAll(appliesOnce(seed)));
    if (Seeds.replayed() == null) {
      assertEquals(EnumSet.allOf(End.class), seen);
    }
  }

  private Set<End> appliesOnce(long seed) {
    ShardFixture each =
        new ShardFixture(
            seed,
            new Bounds()
                .inlinePartBytes(200)
                .inlineAppendBytes(400)
                .inlineTotalBytes(2000)
                .mergeInlineBytes(1500)
                .mergeInlineBatches(4)
                .rollups(3, 8));
    Faults faults =
        new Faults(each.world.environment().entropy(), each.world.environment().timers())
            .answered(0.7)
            .happens(0.8)
            .late(0.5, 40);
    PersistClient client =
        each.client(
            new UnreliableBlob(each.blob, faults), new UnreliableConsensus(each.consensus, faults));
    WriteHandle writer = each.world.result(each.open(client).startEpoch());
    List<UpdateBlock> expected = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      UpdateBlock block = rows(i, i, i + 100);
      expected.add(block);
      Append append =
          new Append(
              Antichain.of(i),
              Antichain.of(i + 1),
              List.of(ShardFixture.inline(block)),
              Map.of("p", new Advance(i + 1, i + 1, 2, i, "")),
              Map.of());
      assertEquals(new Committed(Antichain.of(i + 1)), each.append(writer, append));
      each.world.advance(i % 3);
    }
    each.world.runAll();
    ShardContents contents = each.contents();
    assertSame(expected, contents.blocks());
    assertEquals(12, contents.position("p").sequence());
    assertEquals(24, contents.position("p").updates());
    Set<End> seen = EnumSet.noneOf(End.class);
    for (End end : End.values()) {
      if (faults.count(end) > 0) {
        seen.add(end);
      }
    }
    return seen;
  }

  @Test
  void shouldSayWhetherAnAppendThatItGaveUpMayHaveHappened() {
    Bounds bounds = new Bounds().retry(new Retry.Policy(1, 10, 100));
    for (Outage outage : List.of(Outage.DETERMINATE, Outage.INDETERMINATE)) {
      ShardFixture each = new ShardFixture(bounds);
      Faults faults =
          new Faults(each.world.environment().entropy(), each.world.environment().timers());
      PersistClient client =
          each.client(each.blob, new UnreliableConsensus(each.consensus, faults));
      WriteHandle writer = each.world.result(each.open(client).startEpoch());
      faults.outage(outage);
      long before = each.world.nowMillis();

      Future<AppendOutcome> append = writer.compareAndAppend(inlineAppend(0, 5, rows(1, 1)));

      if (outage == Outage.DETERMINATE) {
        each.world.failure(DeterminateException.class, append);
        assertEquals(Antichain.minimum(), each.contents().upper());
      } else {
        each.world.failure(IndeterminateException.class, append);
        assertEquals(Antichain.of(5), each.contents().upper());
      }
      assertTrue(each.world.nowMillis() - before <= 100);
      faults.outage(Outage.NONE);
      // The writer finds out by itself what became of it: the upper is where it is.
      AppendOutcome next = each.append(writer, inlineAppend(0, 5, rows(1, 2)));
      assertEquals(
          outage == Outage.DETERMINATE
              ? new Committed(Antichain.of(5))
              : new UpperMismatch(Antichain.minimum(), Antichain.of(5)),
          next);
    }
  }

  @Test
  void shouldDecideOnTheNewestStateBeforeItRefuses() {
    WriteHandle writer = shard.startEpoch();
    assertEquals(
        new UpperMismatch(Antichain.of(5), Antichain.minimum()),
        shard.append(writer, inlineAppend(5, 6, rows(5, 1))));
    assertEquals(Antichain.minimum(), shard.contents().upper());
  }

  @Test
  void shouldRefusePartsThatAreNotItsOwn() {
    WriteHandle first = shard.startEpoch();
    WriteHandle second = shard.startEpoch();
    String key = PartTarget.prefix(shard.id, first.target().writer()) + "p1";
    Part foreign = new Part.Hollow(key, 9, 9, 9, range(0, 5), null);

    InvalidUsageException refused =
        shard.world.failure(
            InvalidUsageException.class,
            second.compareAndAppend(Append.of(new Batch(range(0, 5), List.of(foreign)))));

    assertEquals(Rule.BATCH_NOT_FROM_THIS_SHARD, refused.rule());
  }

  @Test
  void shouldRefuseARangeThatIsNoneWhateverItCarries() {
    WriteHandle writer = shard.startEpoch();
    for (UpdateBlock block : List.of(rows(3, 1), large(3, 1, 100_000))) {
      InvalidUsageException back =
          shard.world.failure(
              InvalidUsageException.class, writer.compareAndAppend(inlineAppend(9, 2, block)));
      InvalidUsageException none =
          shard.world.failure(
              InvalidUsageException.class, writer.compareAndAppend(inlineAppend(3, 3, block)));
      assertEquals(Rule.BOUNDS, back.rule());
      assertEquals(Rule.EMPTY_TIME_INTERVAL, none.rule());
    }
    assertEquals(List.of(), shard.blob.parts(shard.id));
  }

  @Test
  void shouldPutIntoAPartWhatOneAppendMayNotCarry() {
    ShardFixture each = new ShardFixture(new Bounds().inlineAppendBytes(1000));
    WriteHandle writer = each.startEpoch();
    UpdateBlock[] blocks = {large(1, 1, 400), large(2, 2, 400), large(3, 3, 400)};

    assertEquals(new Committed(Antichain.of(5)), each.append(writer, inlineAppend(0, 5, blocks)));

    assertEquals(0, each.state().trace().inlineBytes());
    assertEquals(1, each.blob.parts(each.id).size());
    assertSame(List.of(blocks), each.contents().blocks());
  }

  @Test
  void shouldPutIntoAPartWhatTheStateMayNotCarry() {
    ShardFixture each =
        new ShardFixture(
            new Bounds()
                .inlinePartBytes(1)
                .inlineTotalBytes(3000)
                .mergeInlineBytes(3000)
                .mergeInlineBatches(1000));
    WriteHandle writer = each.startEpoch();
    List<UpdateBlock> expected = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      expected.add(large(i, i, 900));
      assertEquals(
          new Committed(Antichain.of(i + 1)),
          each.append(writer, inlineAppend(i, i + 1, expected.get(i))));
      assertTrue(each.state().trace().inlineBytes() < 3000);
    }

    assertEquals(7, each.blob.parts(each.id).size());
    assertSame(expected, each.contents().blocks());
  }

  @Test
  void shouldNotDeleteWhatTheStateNames() {
    WriteHandle writer = shard.startEpoch();
    BatchBuilder builder =
        new BatchBuilder(
            writer.target(), Antichain.minimum(), BatchBuilder.Times.GIVEN, bytes -> {});
    shard.world.result(builder.add(rows(3, 1)));
    shard.world.result(builder.add(rows(7, 2)));
    builder.flush();
    Append first = Append.of(shard.world.result(builder.cut(range(0, 5))));
    shard.world.result(builder.add(rows(7, 3)));
    builder.flush();
    Append second = Append.of(shard.world.result(builder.cut(range(5, 9))));
    assertEquals(2, shard.blob.parts(shard.id).size());
    assertEquals(new Committed(Antichain.of(5)), shard.append(writer, first));

    shard.world.result(writer.delete(second));

    assertEquals(1, shard.blob.parts(shard.id).size());
    assertSame(List.of(rows(3, 1)), shard.contents().blocks());
    shard.world.result(writer.delete(Append.of(Batch.empty(range(5, 9)))));
  }

  @Test
  void shouldEndWithTheEmptyFrontier() {
    WriteHandle writer = shard.startEpoch();
    Append seal =
        new Append(
            Antichain.minimum(),
            Antichain.empty(),
            List.of(ShardFixture.inline(rows(1, 1))),
            Map.of(),
            Map.of());
    assertEquals(new Committed(Antichain.empty()), shard.append(writer, seal));

    WriteHandle later = shard.startEpoch();

    assertEquals(Antichain.empty(), later.startUpper());
    assertEquals(
        new UpperMismatch(Antichain.of(5), Antichain.empty()),
        shard.append(later, inlineAppend(5, 6, rows(5, 1))));
    assertSame(List.of(rows(1, 1)), shard.contents().blocks());
  }
}
