package io.tidemark.persist;

import static io.tidemark.persist.ShardFixture.assertSame;
import static io.tidemark.persist.ShardFixture.range;
import static io.tidemark.persist.ShardFixture.rows;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.persist.CuttingStores.Last;
import io.tidemark.persist.ListenEvent.Updates;
import io.tidemark.progress.Antichain;
import io.tidemark.row.UpdateBlock;
import io.tidemark.row.UpdateBlockBuilder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GarbageCollectionTest {

  @TempDir Path spill;

  private final AgedShard aged = new AgedShard(new Bounds());

  private SnapshotOptions options() {
    return new SnapshotOptions(1 << 20, spill, 100, 0);
  }

  private void assertNothingLeftOver(AgedShard of) {
    assertEquals(of.named(), of.stored());
    assertEquals(of.shard.state().rollups().firstKey(), of.versions().get(0).seqno());
    assertSame(of.expected, of.shard.contents().blocks());
  }

  @Test
  void shouldRemoveThePastThatNobodyHolds() {
    aged.age(4);
    int before = aged.stored().size();

    Collected collected = aged.collect();

    assertNothingLeftOver(aged);
    assertEquals(1, aged.shard.state().rollups().size());
    assertTrue(collected.parts() > 10, collected.toString());
    assertEquals(before, collected.parts() + collected.rollups() + aged.stored().size());
    assertEquals(Collected.NOTHING, aged.collect());
  }

  @Test
  void shouldGoOnAfterACrashAnywhere() {
    for (Last last : Last.values()) {
      int cuts = 0;
      for (long calls = 0; ; calls++) {
        AgedShard dying = new AgedShard(new Bounds());
        dying.age(3);
        CuttingStores stores =
            new CuttingStores(dying.shard.blob, dying.shard.consensus, calls, last);
        var died =
            dying
                .shard
                .client(stores.blob(), stores.consensus())
                .open(dying.shard.id, ShardFixture.SCHEMA, dying.shard.world.environment())
                .compose(Shard::collectGarbage);
        dying.shard.world.runAll();
        assertEquals(stores.isCut(), died.failed(), "a crash shows");
        assertSame(dying.expected, dying.shard.contents().blocks());

        dying.append();
        dying.collect();
        assertNothingLeftOver(dying);
        if (!stores.isCut()) {
          break;
        }
        cuts++;
      }
      assertTrue(cuts > 20, "there were " + cuts + " calls to die at");
    }
  }

  @Test
  void shouldLeaveWhatASnapshotStillReads() {
    aged.age(2);
    List<UpdateBlock> then = List.copyOf(aged.expected);
    Snapshot snapshot =
        aged.shard.world.result(aged.shard.open().snapshot(OptionalLong.empty(), options()));
    aged.age(3);
    aged.collect();

    List<UpdateBlock> read = ReadHandleTest.drain(aged.shard, snapshot);
    aged.shard.world.advance(10);

    assertSame(at(snapshot.asOf(), then), read);
    aged.append();
    aged.collect();
    assertNothingLeftOver(aged);
  }

  private static List<UpdateBlock> at(long time, List<UpdateBlock> blocks) {
    return blocks.stream().map(block -> block.noEarlierThan(time)).toList();
  }

  @Test
  void shouldLeaveWhatAListenIsInTheMiddleOf() {
    for (int i = 0; i < 3; i++) {
      aged.append();
    }
    aged.merge();
    ReadHandle reader = aged.shard.world.result(aged.shard.open().openReader("a test"));
    Listen listen = aged.shard.world.result(reader.listen(-1));
    List<UpdateBlock> seen = new ArrayList<>();
    while (listen.frontier().lessThan(Antichain.of(aged.at))) {
      if (aged.shard.world.result(listen.next()) instanceof Updates updates) {
        seen.add(updates.block());
      }
      if (aged.at < 30) {
        aged.age(1);
        aged.shard.world.advance(ReadOptions.DEFAULTS.updateMillis());
        aged.collect();
      }
    }

    assertSame(aged.expected, seen);
    assertFalse(aged.versions().get(0).seqno() == 0, "some of the past is gone all the same");
  }

  @Test
  void shouldLeaveAPartThatReachesIntoTheNextAppend() {
    aged.append();
    UpdateBlock both = join(rows(2, 1), rows(7, 2));
    Batch first = aged.upload(range(1, 5), both);
    // The builder has it again for the batch that follows.
    Part.Hollow part = (Part.Hollow) first.parts().get(0);
    Batch second = new Batch(range(5, 9), List.of(part.within(range(7, 8))));
    aged.shard.append(aged.writer, Append.of(first));
    aged.expected.add(rows(2, 1));
    aged.at = 5;
    aged.merge();
    aged.rollUp();
    aged.rollUp();
    aged.collect();
    assertTrue(aged.stored().contains(part.key()), "it may be named again");

    aged.shard.append(aged.writer, Append.of(second));
    aged.expected.add(rows(7, 2));
    aged.at = 9;
    aged.append();
    aged.collect();

    assertNothingLeftOver(aged);
    assertTrue(aged.stored().contains(part.key()));
  }

  private static UpdateBlock join(UpdateBlock one, UpdateBlock other) {
    UpdateBlockBuilder builder = new UpdateBlockBuilder(ShardFixture.SCHEMA);
    builder.copyAll(one);
    builder.copyAll(other);
    return builder.build();
  }

  @Test
  void shouldDoNothingIfSomebodyElseIsFurther() {
    aged.age(2);
    Machine stale = ReadHandleTest.machine(aged.shard);
    aged.age(2);
    aged.collect();
    aged.age(1);
    Set<String> stored = aged.stored();

    Collected collected = aged.shard.world.result(collection(stale).run());

    assertEquals(Collected.NOTHING, collected, "what it wants to collect is gone already");
    assertEquals(stored, aged.stored());
    aged.collect();
    assertNothingLeftOver(aged);
  }

  private GarbageCollection collection(Machine machine) {
    var environment = aged.shard.world.environment();
    StateLoader loader =
        new StateLoader(aged.shard.id, aged.shard.blob, aged.shard.consensus, environment);
    return new GarbageCollection(
        machine,
        new History(loader, environment, AgedShard.IMPATIENT),
        new Deletion(aged.shard.blob, environment, AgedShard.IMPATIENT),
        aged.shard.consensus);
  }

  @Test
  void shouldKeepVersionsFewAsAppendsGoOn() {
    AgedShard busy =
        new AgedShard(new Bounds().inlinePartBytes(1).mergeInlineBatches(8).rollups(10, 20));
    busy.writer = busy.shard.startEpoch();
    Set<Integer> sizes = new HashSet<>();
    int most = 0;
    for (int i = 0; i < 400; i++) {
      UpdateBlock block = rows(i, i);
      busy.expected.add(block);
      busy.shard.append(busy.writer, ShardFixture.inlineAppend(i, i + 1, block));
      busy.shard.world.advance(10);
      most = Math.max(most, busy.versions().size());
      sizes.add(busy.shard.state().rollups().size());
    }

    assertTrue(most <= 60, "at most " + most + " versions");
    assertTrue(sizes.stream().allMatch(size -> size <= 3), "rollups " + sizes);
    assertSame(busy.expected, busy.shard.contents().blocks());
  }

  @Test
  void shouldTakeDeadReadersAwayAndMoveNoSinceByThat() {
    SinceHandle since = aged.shard.world.result(aged.shard.open().openSince("a test", 1));
    aged.age(2);
    Machine dead = ReadHandleTest.machine(aged.shard);
    ReaderId id = ReaderId.random(aged.shard.world.environment().entropy());
    aged.shard.world.result(
        dead.apply(new UpdateReaders(Map.of(id, "dead"), List.of(), Set.of(), 60_000)));
    assertTrue(aged.shard.world.result(since.compareAndDowngradeSince(1, 1, Antichain.of(3))));
    aged.begin();
    aged.writer = aged.shard.startEpoch();
    aged.append();
    assertEquals(1, aged.shard.state().readers().size());

    aged.shard.world.advance(70_000);
    aged.append();
    aged.shard.world.advance(10);

    assertEquals(0, aged.shard.state().readers().size());
    assertEquals(Antichain.minimum(), aged.shard.state().since());
  }

  @Test
  void shouldKeepNoMoreThanItsRetention() {
    aged.writer = aged.shard.startEpoch();
    aged.writer.retain(10);
    for (int i = 0; i < 50; i++) {
      aged.append();
      aged.shard.world.advance(HistoryUpkeep.RETAIN_MILLIS);
      long kept = aged.shard.state().since().time();
      assertTrue(kept <= Math.max(0, aged.at - 10), "nothing that is to be kept goes");
      assertTrue(kept >= aged.at - 12, "since " + kept + " at " + aged.at);
    }
    WriteHandle old = aged.writer;
    aged.writer = aged.shard.startEpoch();
    aged.writer.retain(20);
    aged.append();
    aged.shard.world.advance(HistoryUpkeep.RETAIN_MILLIS);

    assertFalse(aged.shard.world.result(old.isCurrent()));
    assertTrue(aged.shard.state().since().time() <= aged.at - 11);
  }
}
