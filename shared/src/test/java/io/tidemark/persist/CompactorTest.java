package io.tidemark.persist;

import static io.tidemark.persist.ShardFixture.assertSame;
import static io.tidemark.persist.ShardFixture.change;
import static io.tidemark.persist.ShardFixture.inlineAppend;
import static io.tidemark.persist.ShardFixture.large;
import static io.tidemark.persist.ShardFixture.rows;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.Seeds;
import io.tidemark.progress.Antichain;
import io.tidemark.row.UpdateBlock;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class CompactorTest extends CompactionFixture {

  /** How often each row is there at a time, by its text. */
  private static Map<String, Long> contentsAt(List<UpdateBlock> blocks, long time) {
    Map<String, Long> rows = new TreeMap<>();
    for (UpdateBlock block : blocks) {
      UpdateBlock all = block.select(i -> block.times().get(i) <= time).at(0);
      for (int i = 0; i < all.size(); i++) {
        String text = all.value(0, i) + "|" + all.value(1, i) + "|" + all.error(i);
        rows.merge(text, all.diffs().get(i), Long::sum);
      }
    }
    rows.values().removeIf(sum -> sum == 0);
    return rows;
  }

  @Test
  void shouldHoldTheSameAtEveryTimeFromTheSinceOn() {
    Seeds.forEach(25, this::holdsTheSame);
  }

  private void holdsTheSame(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    written.clear();
    at = 0;
    Bounds bounds =
        new Bounds()
            .mergeInlineBatches(random.nextInt(2, 20))
            .partBytes(random.nextInt(100, 4000))
            .inlineAppendBytes(random.nextBoolean() ? 1 : 1000)
            .rollups(5, 10)
            .compaction(random.nextBoolean() ? eager() : onDemand());
    ShardFixture shard = new ShardFixture(seed, bounds);
    WriteHandle writer = shard.startEpoch();
    long since = 0;
    for (int i = 0; i < 60; i++) {
      UpdateBlock[] blocks = new UpdateBlock[random.nextInt(4)];
      for (int b = 0; b < blocks.length; b++) {
        blocks[b] =
            change(at, random.nextInt(6), random.nextBoolean() ? 1 + random.nextInt(2) : -1);
      }
      append(shard, writer, blocks);
      if (random.nextInt(3) == 0) {
        shard.world.runAll();
      }
      if (random.nextInt(12) == 0) {
        shard.world.runAll();
        since = random.nextLong(since, at);
        shard.moveSince(since);
        writer = shard.startEpoch();
      }
      if (random.nextInt(25) == 0) {
        shard.world.result(writer.compact());
        assertTrue(shard.state().trace().runs() <= 1);
      }
    }
    shard.world.result(writer.compact());
    List<UpdateBlock> now = shard.contents().blocks();
    for (long time = since; time < at; time++) {
      assertEquals(contentsAt(written, time), contentsAt(now, time), "at time " + time);
    }
    Trace trace = shard.state().trace();
    assertTrue(trace.runs() <= 1, "runs " + trace.runs());
    assertTrue(shard.blob.parts(shard.id).containsAll(trace.keys()));
  }

  @Test
  void shouldForgetWhatWasRetractedOnceNobodyCanTell() {
    ShardFixture shard = new ShardFixture(new Bounds().compaction(onDemand()));
    WriteHandle writer = shard.startEpoch();
    append(shard, writer, change(0, 1, 1), change(0, 2, 5));
    append(shard, writer, change(1, 1, -1), change(1, 2, -3));
    append(shard, writer, change(2, 3, 1));
    shard.world.result(writer.compact());
    assertEquals(5, shard.state().trace().updates(), "at their times they differ still");

    shard.moveSince(1);
    writer = shard.startEpoch();
    append(shard, writer);
    append(shard, writer, change(4, 4, 1));
    shard.world.result(writer.compact());

    assertSame(
        List.of(change(1, 2, 2), change(2, 3, 1), change(4, 4, 1)), shard.contents().blocks());
    assertEquals(1, writer.compactions().applied());
    assertTrue(writer.compactions().bytesIn() > 0 && writer.compactions().bytesOut() > 0);
  }

  @Test
  void shouldMakeFewFullPartsOfManySmallOnes() {
    ShardFixture shard =
        new ShardFixture(
            new Bounds().inlineAppendBytes(1).partBytes(100_000).compaction(onDemand()));
    WriteHandle writer = shard.startEpoch();
    for (int i = 0; i < 40; i++) {
      append(shard, writer, large(at, i, 10_000));
    }
    assertEquals(40, shard.state().trace().parts());

    shard.world.result(writer.compact());

    Trace trace = shard.state().trace();
    assertEquals(1, trace.runs());
    assertTrue(trace.parts() <= 5, "parts " + trace.parts());
    assertSame(written, shard.contents().blocks());
  }

  @Test
  void shouldMergeFarMoreThanItsMemoryHolds() throws Exception {
    ShardFixture shard =
        new ShardFixture(
            new Bounds().inlineAppendBytes(1).partBytes(50_000).compaction(onDemand()));
    WriteHandle writer = shard.startEpoch();
    for (int i = 0; i < 100; i++) {
      append(shard, writer, large(at, i, 40_000));
    }
    shard.moveSince(at - 1);
    writer = shard.startEpoch();

    shard.world.result(writer.compact());
    shard.world.runAll();

    List<UpdateBlock> advanced = written.stream().map(block -> block.at(at - 1)).toList();
    assertSame(advanced, shard.contents().blocks());
    assertEquals(1, shard.state().trace().runs());
    try (var left = Files.list(spill)) {
      assertEquals(List.of(), left.toList(), "what was spilled is deleted");
    }
  }

  @Test
  void shouldLeaveFewRunsAndPartsHoweverManySmallCommitsCome() {
    ShardFixture shard =
        new ShardFixture(
            new Bounds()
                .mergeInlineBatches(64)
                .compaction(CompactionOptions.DEFAULTS.withSpillDirectory(spill)));
    WriteHandle writer = shard.startEpoch();
    for (int i = 0; i < 20_000; i++) {
      shard.append(writer, inlineAppend(i, i + 1, change(i, i, 1)));
      if (i % 10 == 0) {
        shard.world.runAll();
      }
    }
    shard.world.runAll();

    Trace trace = shard.state().trace();
    assertEquals(20_000, trace.updates());
    assertTrue(trace.runs() - trace.inlineBatches() <= 30, "hollow runs " + trace.runs());
    assertTrue(trace.inlineBatches() < 64, "inline batches " + trace.inlineBatches());
    assertTrue(trace.size() < 128, "batches " + trace.size());
    assertTrue(writer.compactions().applied() > 10);
    assertEquals(0, writer.compactions().failed() + writer.compactions().refused());
  }

  @Test
  void shouldGiveAListenerEachUpdateOnceWhateverIsMerged() {
    Seeds.forEach(20, this::listensOnce);
  }

  private void listensOnce(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    written.clear();
    at = 0;
    ShardFixture shard =
        new ShardFixture(
            seed, new Bounds().inlineAppendBytes(1).partBytes(300).compaction(onDemand()));
    WriteHandle writer = shard.startEpoch();
    Shard reading = shard.open();
    ReadHandle reader = shard.world.result(reading.openReader("a test"));
    Listen listen = shard.world.result(reader.listen(-1));
    SinceHandle since = shard.world.result(shard.open().openSince("a test", 1));
    List<UpdateBlock> seen = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      append(shard, writer, rows(at, at, at + 100, at + 200));
      long behind = at - random.nextInt(1, 6);
      while (listen.frontier().time() < behind) {
        if (shard.world.result(listen.next()) instanceof ListenEvent.Updates updates) {
          seen.add(updates.block());
        }
      }
      if (random.nextInt(4) == 0) {
        shard.world.advance(20_000);
        shard.world.result(since.compareAndDowngradeSince(1, 1, Antichain.of(at)));
        shard.world.result(writer.compact());
      }
    }
    while (listen.frontier().time() < at) {
      if (shard.world.result(listen.next()) instanceof ListenEvent.Updates updates) {
        seen.add(updates.block());
      }
    }
    assertSame(written, seen);
    assertTrue(writer.compactions().applied() > 0);
  }

  @Test
  void shouldLeaveAloneWhatNobodyCanEverReadAgain() {
    ShardFixture shard = new ShardFixture(new Bounds().compaction(onDemand()));
    WriteHandle writer = shard.startEpoch();
    append(shard, writer, rows(at, 1));
    append(shard, writer, rows(at, 2));
    shard.append(
        writer, new Append(Antichain.of(2), Antichain.empty(), List.of(), Map.of(), Map.of()));
    SinceHandle since = shard.world.result(shard.open().openSince("a test", 1));
    assertTrue(shard.world.result(since.compareAndDowngradeSince(1, 1, Antichain.empty())));

    shard.world.result(shard.startEpoch().compact());

    assertSame(written, shard.contents().blocks());
  }

  @Test
  void shouldRunTwoAtOnceInAProcess() {
    ShardFixture shard = new ShardFixture(new Bounds().inlineAppendBytes(1).compaction(eager()));
    PersistClient client = shard.client();
    List<WriteHandle> writers = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      ShardId each = ShardId.random(shard.world.environment().entropy());
      Shard opened =
          shard.world.result(client.open(each, ShardFixture.SCHEMA, shard.world.environment()));
      writers.add(shard.world.result(opened.startEpoch()));
    }
    for (WriteHandle writer : writers) {
      at = 0;
      append(shard, writer, rows(at, 1));
      append(shard, writer, rows(at, 2));
    }
    shard.blob.hold();
    for (WriteHandle writer : writers) {
      shard.world.result(writer.compareAndAppend(inlineAppend(2, 3)));
    }
    shard.world.advance(10);

    assertEquals(2, shard.blob.held());
    assertEquals(1, writers.get(2).compactions().postponed());
    writers.get(1).close();
    shard.world.result(writers.get(2).compareAndAppend(inlineAppend(3, 4)));
    shard.world.advance(10);
    assertEquals(3, shard.blob.held(), "whoever is closed keeps nobody waiting");
    shard.blob.releaseAll();
    shard.world.runAll();
    assertEquals(1, writers.get(0).compactions().applied());
    assertEquals(1, writers.get(2).compactions().applied());
  }
}
