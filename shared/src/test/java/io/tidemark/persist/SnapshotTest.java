package io.tidemark.persist;

import static io.tidemark.persist.ShardFixture.SCHEMA;
import static io.tidemark.persist.ShardFixture.change;
import static io.tidemark.persist.ShardFixture.inlineAppend;
import static io.tidemark.persist.ShardFixture.range;
import static io.tidemark.persist.ShardFixture.rows;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.tidemark.Seeds;
import io.tidemark.location.DeterminateException;
import io.tidemark.location.memory.MemoryConsensus;
import io.tidemark.persist.BatchBuilder.Times;
import io.tidemark.persist.consolidate.ConsolidatorOptions;
import io.tidemark.persist.consolidate.DiffOverflowException;
import io.tidemark.progress.Antichain;
import io.tidemark.progress.BatchDescription;
import io.tidemark.row.RandomBlocks;
import io.tidemark.row.Update;
import io.tidemark.row.UpdateBlock;
import io.tidemark.row.UpdateBlockBuilder;
import io.vertx.core.Future;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SnapshotTest {

  @TempDir Path spill;

  private final ShardFixture shard = new ShardFixture(new Bounds());

  private SnapshotOptions options(long waitMillis) {
    return new SnapshotOptions(1 << 20, spill, 100, waitMillis);
  }

  private Snapshot open(ShardFixture of, OptionalLong asOf) {
    return of.world.result(of.open().snapshot(asOf, options(0)));
  }

  private List<Update> read(ShardFixture of, long asOf) {
    return drain(of, open(of, OptionalLong.of(asOf)));
  }

  private static List<Update> drain(ShardFixture of, Snapshot snapshot) {
    List<Update> updates = new ArrayList<>();
    Optional<UpdateBlock> block = of.world.result(snapshot.next());
    while (block.isPresent()) {
      updates.addAll(Update.listOf(block.get()));
      block = of.world.result(snapshot.next());
    }
    of.world.result(snapshot.close());
    updates.sort(Comparator.comparing(Update::toString));
    return updates;
  }

  private static List<Update> sorted(UpdateBlock... blocks) {
    return ShardFixture.updates(List.of(blocks));
  }

  @Test
  void shouldShowEachRowOnceWithItsMultiplicityAtEveryTime() {
    WriteHandle writer = shard.startEpoch();
    shard.append(writer, inlineAppend(0, 5, change(1, 7, 1), change(3, 7, 2)));
    shard.append(writer, inlineAppend(5, 9, change(5, 7, -3), change(8, 8, 1)));

    assertEquals(List.of(), read(shard, 0));
    assertEquals(sorted(change(1, 7, 1)), read(shard, 1));
    assertEquals(sorted(change(2, 7, 1)), read(shard, 2));
    assertEquals(sorted(change(4, 7, 3)), read(shard, 4));
    assertEquals(List.of(), read(shard, 5));
    assertEquals(sorted(change(8, 8, 1)), read(shard, 8));
  }

  @Test
  void shouldReadTheNewestCompleteTimeUnlessOneIsGiven() {
    WriteHandle writer = shard.startEpoch();
    Snapshot nothing = open(shard, OptionalLong.empty());
    assertEquals(-1, nothing.asOf());
    assertEquals(List.of(), drain(shard, nothing));

    shard.append(writer, inlineAppend(0, 5, rows(1, 1)));
    assertEquals(4, open(shard, OptionalLong.empty()).asOf());

    shard.append(
        writer, new Append(Antichain.of(5), Antichain.empty(), List.of(), Map.of(), Map.of()));
    Snapshot last = open(shard, OptionalLong.empty());
    assertEquals(Antichain.MAX_TIME, last.asOf());
    assertEquals(sorted(rows(Antichain.MAX_TIME, 1)), drain(shard, last));
  }

  @Test
  void shouldEndABlockOfLargeRowsAtItsBytes() {
    int rowBytes = 1 << 20;
    long perBlock = SnapshotOptions.BLOCK_BYTES / rowBytes;
    WriteHandle writer = shard.startEpoch();
    for (int i = 0; i < 3 * perBlock; i++) {
      shard.append(writer, inlineAppend(i, i + 1, ShardFixture.large(i, i, rowBytes)));
    }
    SnapshotOptions roomy = new SnapshotOptions(64 << 20, spill, 100, 0);
    Snapshot snapshot = shard.world.result(shard.open().snapshot(OptionalLong.empty(), roomy));

    List<Integer> sizes = new ArrayList<>();
    Optional<UpdateBlock> block = shard.world.result(snapshot.next());
    while (block.isPresent()) {
      sizes.add(block.get().size());
      assertTrue(block.get().bytes() < SnapshotOptions.BLOCK_BYTES + 2L * rowBytes);
      block = shard.world.result(snapshot.next());
    }
    shard.world.result(snapshot.close());
    assertEquals(3 * perBlock, sizes.stream().mapToInt(Integer::intValue).sum());
    assertTrue(sizes.size() >= 3, sizes::toString);
  }

  @Test
  void shouldSayWhichTimesCanBeRead() {
    WriteHandle writer = shard.startEpoch();
    shard.append(writer, inlineAppend(0, 5, rows(1, 1)));

    UnreadableTimeException early =
        shard.world.failure(
            UnreadableTimeException.class, shard.open().snapshot(OptionalLong.of(5), options(0)));
    UnreadableTimeException negative =
        shard.world.failure(
            UnreadableTimeException.class, shard.open().snapshot(OptionalLong.of(-3), options(0)));

    assertEquals(
        "time 5 is not complete yet: the upper is {5}, read at a time before it",
        early.getMessage());
    assertEquals("time -3 cannot be read any more: the earliest is {0}", negative.getMessage());
  }

  @Test
  void shouldRefuseTimesBeforeSince() {
    ShardFixture of = new ShardFixture(new Bounds());
    of.append(of.startEpoch(), Append.of(Batch.empty(range(0, 20))));
    SinceHandle since = of.world.result(of.open().openSince("a test", 1));
    assertTrue(of.world.result(since.compareAndDowngradeSince(1, 1, Antichain.of(10))));

    UnreadableTimeException before =
        of.world.failure(
            UnreadableTimeException.class, of.open().snapshot(OptionalLong.of(9), options(0)));

    assertEquals("time 9 cannot be read any more: the earliest is {10}", before.getMessage());
    assertEquals(List.of(), read(of, 10));
  }

  @Test
  void shouldWaitUntilTheTimeIsComplete() {
    WriteHandle writer = shard.startEpoch();
    Future<Snapshot> early = shard.open().snapshot(OptionalLong.of(4), options(1000));
    shard.world.advance(500);
    assertFalse(early.isComplete());

    shard.append(writer, inlineAppend(0, 5, rows(1, 1)));

    assertEquals(sorted(rows(4, 1)), drain(shard, shard.world.result(early)));
    long before = shard.world.nowMillis();
    shard.world.failure(
        UnreadableTimeException.class, shard.open().snapshot(OptionalLong.of(5), options(1000)));
    assertTrue(shard.world.nowMillis() - before >= 1000);
  }

  @Test
  void shouldShowErrorsAsData() {
    UpdateBlockBuilder builder = new UpdateBlockBuilder(SCHEMA);
    builder.error("no such table", 1, 2);
    builder.int64(0, 1);
    builder.row(1, 1);
    builder.error("no such table", 3, -2);
    WriteHandle writer = shard.startEpoch();
    shard.append(writer, inlineAppend(0, 5, builder.build()));

    List<Update> failed = read(shard, 2);
    assertEquals(2, failed.size());
    assertTrue(failed.stream().anyMatch(u -> "no such table".equals(u.error()) && u.diff() == 2));
    assertEquals(sorted(change(4, 1, 1)), read(shard, 4));
  }

  @Test
  void shouldSayThatADiffDoesNotFit() {
    WriteHandle writer = shard.startEpoch();
    shard.append(writer, inlineAppend(0, 5, change(1, 7, Long.MAX_VALUE)));
    shard.append(writer, inlineAppend(5, 9, change(6, 7, 1)));

    assertEquals(sorted(change(4, 7, Long.MAX_VALUE)), read(shard, 4));
    Snapshot overflowing = open(shard, OptionalLong.of(8));
    shard.world.failure(DiffOverflowException.class, overflowing.next());
    shard.world.result(overflowing.close());
  }

  @CanIgnoreReturnValue
  private Part.Hollow appendPart(ShardFixture of, WriteHandle writer, long lower, long upper) {
    BatchBuilder builder =
        new BatchBuilder(writer.target(), Antichain.of(lower), Times.GIVEN, bytes -> {});
    of.world.result(builder.add(rows(lower, lower)));
    builder.flush();
    Batch batch = of.world.result(builder.cut(range(lower, upper)));
    of.append(writer, Append.of(batch));
    return (Part.Hollow) batch.parts().get(0);
  }

  @Test
  void shouldNameThePartThatIsDamagedOrMissing() {
    WriteHandle writer = shard.startEpoch();
    Part.Hollow part = appendPart(shard, writer, 0, 5);
    appendPart(shard, writer, 5, 9);
    byte[] bytes = shard.world.result(shard.blob.get(part.key())).orElseThrow();
    byte[] damaged = bytes.clone();
    damaged[bytes.length / 2] ^= 4;

    shard.world.result(shard.blob.set(part.key(), damaged));
    assertFails("part " + part.key() + " is damaged");
    shard.world.result(shard.blob.set(part.key(), new byte[0]));
    assertFails("part " + part.key() + " is damaged");
    shard.world.result(shard.blob.delete(part.key()));
    assertFails("part " + part.key() + " is missing from the blob store");
    shard.world.result(shard.blob.set(part.key(), bytes));
    assertEquals(sorted(rows(8, 0), rows(8, 5)), read(shard, 8));
  }

  private void assertFails(String text) {
    Snapshot snapshot = open(shard, OptionalLong.of(8));
    for (int i = 0; i < 3; i++) {
      CorruptShardException failed =
          shard.world.failure(CorruptShardException.class, snapshot.next());
      assertTrue(failed.getMessage().contains(text), failed.getMessage());
    }
    shard.world.result(snapshot.close());
  }

  @Test
  void shouldReadAPartAgainWhenTheStoreIsBack() {
    WriteHandle writer = shard.startEpoch();
    appendPart(shard, writer, 0, 5);
    Snapshot snapshot = open(shard, OptionalLong.of(4));
    shard.blob.fail(new DeterminateException("the store is away"));
    Future<Optional<UpdateBlock>> read = snapshot.next();
    shard.world.advance(1);
    assertFalse(read.isComplete());
    shard.blob.fail(null);
    assertTrue(shard.world.result(read).isPresent());
    shard.world.result(snapshot.close());
  }

  @Test
  void shouldGiveNoRowsAfterAPartThatItCouldNotRead() {
    WriteHandle writer = shard.startEpoch();
    appendPart(shard, writer, 0, 5);
    appendPart(shard, writer, 5, 9);
    Snapshot snapshot = open(shard, OptionalLong.of(8));
    shard.blob.fail(new DeterminateException("the store is away"));
    shard.world.failure(DeterminateException.class, snapshot.next());
    shard.blob.fail(null);

    for (int i = 0; i < 3; i++) {
      shard.world.failure(DeterminateException.class, snapshot.next());
    }
    shard.world.result(snapshot.close());
  }

  @Test
  void shouldSayWhichInlinePartIsDamaged() {
    WriteHandle writer = shard.startEpoch();
    byte[] block = ShardFixture.inline(rows(1, 1)).block().clone();
    block[block.length / 2] ^= 1;
    Part damaged = new Part.Inline(block, 1, range(1, 2), null);
    shard.append(
        writer,
        new Append(Antichain.minimum(), Antichain.of(5), List.of(damaged), Map.of(), Map.of()));

    Snapshot snapshot = open(shard, OptionalLong.of(4));

    CorruptShardException failed =
        shard.world.failure(CorruptShardException.class, snapshot.next());
    assertTrue(
        failed.getMessage().endsWith("an inline part of [{1}, {2}) is damaged"),
        failed.getMessage());
    shard.world.result(snapshot.close());
  }

  @Test
  void shouldSpillWhatItsMemoryDoesNotHold() throws IOException {
    WriteHandle writer = shard.startEpoch();
    BatchBuilder builder =
        new BatchBuilder(writer.target(), Antichain.minimum(), Times.GIVEN, bytes -> {});
    UpdateBlockBuilder rows = new UpdateBlockBuilder(SCHEMA);
    int count = 20_000;
    for (int i = 0; i < count; i++) {
      rows.int64(0, i).string(1, "the name of row " + i);
      rows.row(1, 1);
    }
    shard.world.result(builder.add(rows.build()));
    shard.append(writer, Append.of(shard.world.result(builder.cut(range(0, 5)))));
    SnapshotOptions small =
        new SnapshotOptions(ConsolidatorOptions.MIN_MEMORY_BYTES, spill, 1000, 0);
    Snapshot snapshot = shard.world.result(shard.open().snapshot(OptionalLong.of(4), small));

    UpdateBlock first = shard.world.result(snapshot.next()).orElseThrow();
    assertTrue(first.size() <= 1000);
    try (Stream<Path> files = Files.list(spill)) {
      assertEquals(1, files.count(), "it has spilled");
    }
    long read = first.size();
    Optional<UpdateBlock> block = shard.world.result(snapshot.next());
    while (block.isPresent()) {
      assertTrue(block.get().size() <= 1000);
      read += block.get().size();
      block = shard.world.result(snapshot.next());
    }
    assertEquals(count, read);
    shard.world.result(snapshot.close());
    try (Stream<Path> files = Files.list(spill)) {
      assertEquals(0, files.count(), "nothing is left");
    }
  }

  @Test
  void shouldReadAtAnyTimeWhatTheUpdatesSay() {
    Seeds.forEach(60, this::readsWhatTheUpdatesSay);
  }

  private void readsWhatTheUpdatesSay(long seed) {
    ShardFixture of =
        new ShardFixture(
            seed,
            new Bounds()
                .inlinePartBytes(600)
                .mergeInlineBatches(3)
                .spillBytes(900)
                .partBytes(1500)
                .rollups(4, 8));
    RandomBlocks random = new RandomBlocks(seed);
    WriteHandle writer = of.startEpoch();
    BatchBuilder builder =
        new BatchBuilder(writer.target(), Antichain.minimum(), Times.GIVEN, bytes -> {});
    List<Update> all = new ArrayList<>();
    long lower = 0;
    for (int i = 0; i < 8; i++) {
      for (int n = random.random().nextInt(3); n > 0; n--) {
        UpdateBlock block = random.block(SCHEMA, random.random().nextInt(1, 30), lower, lower + 20);
        all.addAll(Update.listOf(block));
        of.world.result(builder.add(block));
      }
      long upper = lower + random.random().nextInt(1, 15);
      BatchDescription description = range(lower, upper);
      of.append(writer, Append.of(of.world.result(builder.cut(description))));
      lower = upper;
    }
    of.world.runAll();
    for (int i = 0; i < 5; i++) {
      long asOf = random.random().nextLong(lower);
      Map<List<Object>, BigInteger> expected = model(all, asOf);
      if (expected.values().stream().anyMatch(sum -> sum.bitLength() > 63)) {
        continue;
      }
      Map<List<Object>, BigInteger> actual = new HashMap<>();
      for (Update update : read(of, asOf)) {
        assertEquals(asOf, update.time());
        BigInteger twice = actual.put(key(update), BigInteger.valueOf(update.diff()));
        assertEquals(null, twice, "each row once");
      }
      assertEquals(expected, actual);
    }
  }

  private static Map<List<Object>, BigInteger> model(List<Update> updates, long asOf) {
    Map<List<Object>, BigInteger> sums = new HashMap<>();
    for (Update update : updates) {
      if (update.time() <= asOf) {
        sums.merge(key(update), BigInteger.valueOf(update.diff()), BigInteger::add);
      }
    }
    sums.values().removeIf(sum -> sum.signum() == 0);
    return sums;
  }

  private static List<Object> key(Update update) {
    List<Object> key = new ArrayList<>(update.row());
    key.add(update.error());
    return key;
  }

  @Test
  void shouldNotOpenAShardWhoseRollupIsDamagedOrMissing() {
    shard.startEpoch();
    String key = shard.blob.keys(shard.id + "/0/").get(0);
    byte[] bytes = shard.world.result(shard.blob.get(key)).orElseThrow();
    byte[] damaged = bytes.clone();
    damaged[3] ^= 1;

    shard.world.result(shard.blob.set(key, damaged));
    assertDoesNotOpen("rollup " + key + " is damaged");
    shard.world.result(shard.blob.delete(key));
    assertDoesNotOpen("rollup " + key + " is missing");
    PersistClient empty = shard.client(shard.blob, new MemoryConsensus());
    assertEquals(Antichain.minimum(), shard.open(empty).upper());
  }

  private void assertDoesNotOpen(String text) {
    CorruptShardException failed =
        shard.world.failure(
            CorruptShardException.class,
            shard.client().open(shard.id, SCHEMA, shard.world.environment()));
    assertTrue(failed.getMessage().contains(text), failed.getMessage());
  }
}
