package io.tidemark.persist;

import static io.tidemark.persist.ShardFixture.assertSame;
import static io.tidemark.persist.ShardFixture.range;
import static io.tidemark.persist.ShardFixture.rows;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.persist.CuttingStores.Last;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What dead processes left behind goes, and nothing else does. */
class SweepTest {

  @TempDir Path spill;

  private final AgedShard aged = new AgedShard(new Bounds());

  private void store(String key) {
    aged.shard.world.result(aged.shard.blob.set(key, new byte[] {1}));
  }

  private static String key(Batch batch) {
    return batch.keys().get(0);
  }

  @Test
  void shouldDeletePartsOfWritersThatCanAppendNoMore() {
    aged.append();
    String left = key(aged.upload(range(1, 2), rows(1, 1)));
    aged.begin();

    assertEquals(new Collected(1, 0, 0), aged.collect());

    assertFalse(aged.stored().contains(left));
    assertSame(aged.expected, aged.shard.contents().blocks());
  }

  @Test
  void shouldLeavePartsOfTheWriterThatMayAppendThemYet() {
    aged.append();
    Batch waiting = aged.upload(range(1, 2), rows(1, 7));

    assertEquals(Collected.NOTHING, aged.collect());

    aged.shard.append(aged.writer, Append.of(waiting));
    aged.expected.add(rows(1, 7));
    assertSame(aged.expected, aged.shard.contents().blocks());
  }

  @Test
  void shouldLeavePartsOfAWriterThatItHasNotHeardOf() {
    aged.append();
    Shard stale = aged.shard.open();
    aged.begin();
    Batch waiting = aged.upload(range(1, 2), rows(1, 7));

    assertEquals(Collected.NOTHING, aged.shard.world.result(stale.collectGarbage()));

    aged.shard.append(aged.writer, Append.of(waiting));
    aged.expected.add(rows(1, 7));
    assertSame(aged.expected, aged.shard.contents().blocks());
  }

  /** Everything between the listing and the reading of the state that could hurt. */
  @Test
  void shouldJudgeByTheStateAfterTheListing() {
    aged.append();
    String left = key(aged.upload(range(1, 2), rows(1, 1)));
    Shard sweeping = aged.shard.open();
    Future<Collected> collecting = sweeping.collectGarbage();
    aged.begin();
    aged.append();
    String waiting = key(aged.upload(range(2, 3), rows(2, 1)));
    aged.shard.world.result(collecting);
    aged.collect();

    assertFalse(aged.stored().contains(left));
    assertTrue(aged.stored().contains(waiting));
    assertSame(aged.expected, aged.shard.contents().blocks());
  }

  @Test
  void shouldLeaveWhatOnlyOlderVersionsName() {
    aged.append();
    aged.append();
    Snapshot snapshot =
        aged.shard.world.result(
            aged.shard
                .open()
                .snapshot(OptionalLong.empty(), new SnapshotOptions(1 << 20, spill, 100, 0)));
    aged.merge();
    aged.begin();
    aged.rollUp();

    assertEquals(Collected.NOTHING, aged.collect());

    assertSame(
        aged.expected.stream().map(block -> block.noEarlierThan(1)).toList(),
        ReadHandleTest.drain(aged.shard, snapshot));
  }

  @Test
  void shouldDeleteRollupsThatCanBeNoRollupAnyMore() {
    aged.age(1);
    long newest = aged.shard.state().rollup().seqno();
    String lost = aged.shard.id + "/" + newest + "/r0123";
    String older = aged.shard.id + "/1/r0123";
    String coming = aged.shard.id + "/" + (newest + 1) + "/r0123";
    store(lost);
    store(older);
    store(coming);

    aged.collect();

    assertFalse(aged.stored().contains(lost));
    assertFalse(aged.stored().contains(older));
    assertTrue(aged.stored().contains(coming), "its version may be about to name it");
  }

  @Test
  void shouldLeaveWhatIsNotTheShards() {
    String other = ShardId.random(aged.shard.world.environment().entropy()) + "/1/r0123";
    String strange = aged.shard.id + "/notes.txt";
    store(other);
    store(strange);
    aged.begin();

    assertEquals(Collected.NOTHING, aged.collect());

    assertTrue(aged.stored().contains(other));
    assertTrue(aged.stored().contains(strange));
  }

  @Test
  void shouldSweepBesideAppendsSomeTimeAfterAnEpochHasBegun() {
    String left = key(aged.upload(range(0, 1), rows(0, 1)));
    aged.writer = aged.shard.startEpoch();
    aged.append();
    aged.shard.world.advance(1_000);
    assertTrue(aged.stored().contains(left), "not at once: many epochs begin at one time");

    aged.shard.world.advance(2 * HistoryUpkeep.FIRST_SWEEP_MILLIS);
    aged.append();
    aged.shard.world.advance(10);

    assertFalse(aged.stored().contains(left));
    assertSame(aged.expected, aged.shard.contents().blocks());
  }

  @Test
  void shouldLeaveARollupThatSomebodyElseMayBeAboutToAdd() {
    aged.age(1);
    String newer = aged.shard.id + "/1000/r1";
    String older = aged.shard.id + "/1/r1";
    aged.shard.world.result(aged.shard.blob.set(newer, new byte[1]));
    aged.shard.world.result(aged.shard.blob.set(older, new byte[1]));

    aged.shard.world.result(aged.shard.open().drop());

    assertTrue(aged.stored().contains(newer));
    assertFalse(aged.stored().contains(older));
  }

  @Test
  void shouldBeDroppedByManyAtOnce() {
    aged.age(2);
    List<Future<Void>> dropping = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      dropping.add(aged.shard.open().drop());
    }
    dropping.forEach(aged.shard.world::result);

    aged.shard.world.result(aged.shard.open().drop());

    assertDropped(aged);
  }

  @Test
  void shouldLeaveTwoVersionsAndOneRollupOfADroppedShard() {
    aged.age(3);
    String left = key(aged.upload(range(50, 51), rows(50, 1)));
    ReadHandle reader = aged.shard.world.result(aged.shard.open().openReader("a test"));
    Shard opened = aged.shard.open();

    aged.shard.world.result(opened.drop());
    assertDropped(aged);
    assertFalse(aged.stored().contains(left));
    aged.shard.world.result(opened.drop());

    assertDropped(aged);
    aged.shard.world.failure(ShardDroppedException.class, aged.shard.open().startEpoch());
    aged.shard.world.failure(
        LeaseExpiredException.class,
        reader.snapshot(OptionalLong.empty(), new SnapshotOptions(1 << 20, spill, 100, 0)));
    assertTrue(
        aged.shard.append(aged.writer, Append.of(Batch.empty(range(aged.at, aged.at + 1))))
            instanceof AppendOutcome.Fenced);
    ReadHandle late = aged.shard.world.result(aged.shard.open().openReader("a test"));
    aged.shard.world.failure(UnreadableTimeException.class, late.listen(5));
    aged.shard.world.result(late.close());
    SinceHandle since = aged.shard.world.result(aged.shard.open().openSince("retention", 5));
    assertTrue(since.since().isEmpty());
    assertEquals(Collected.NOTHING, aged.collect());
    assertDropped(aged);
  }

  private static void assertDropped(AgedShard of) {
    assertTrue(of.shard.state().isTombstone());
    assertEquals(2, of.versions().size());
    assertEquals(of.named(), of.stored());
    assertEquals(1, of.stored().size());
  }

  @Test
  void shouldDropAfterACrashAnywhere() {
    for (Last last : Last.values()) {
      for (long calls = 0; ; calls++) {
        AgedShard dying = new AgedShard(new Bounds());
        dying.age(1);
        CuttingStores stores =
            new CuttingStores(dying.shard.blob, dying.shard.consensus, calls, last);
        var unused =
            dying
                .shard
                .client(stores.blob(), stores.consensus())
                .open(dying.shard.id, ShardFixture.SCHEMA, dying.shard.world.environment())
                .compose(Shard::drop);
        dying.shard.world.runAll();

        dying.shard.world.result(dying.shard.open().drop());
        assertDropped(dying);
        if (!stores.isCut()) {
          assertTrue(calls > 10, "there were " + calls + " calls to die at");
          break;
        }
      }
    }
  }

  @Test
  void shouldFinishOnlyWhatNobodyCanReadOrWrite() {
    aged.age(1);
    InvalidUsageException refused =
        aged.shard.world.failure(InvalidUsageException.class, aged.shard.open().finish());

    assertEquals(InvalidUsageException.Rule.FINALIZATION, refused.rule());
    assertSame(aged.expected, aged.shard.contents().blocks());
  }
}
