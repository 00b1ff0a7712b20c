package io.tidemark.persist;

import static io.tidemark.persist.ShardFixture.SCHEMA;
import static io.tidemark.persist.ShardFixture.large;
import static io.tidemark.persist.ShardFixture.range;
import static io.tidemark.persist.ShardFixture.rows;
import static io.tidemark.persist.ShardFixture.updates;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.Seeds;
import io.tidemark.environment.Retry;
import io.tidemark.location.DeterminateException;
import io.tidemark.persist.BatchBuilder.Times;
import io.tidemark.persist.InvalidUsageException.Rule;
import io.tidemark.progress.Antichain;
import io.tidemark.progress.BatchDescription;
import io.tidemark.row.RandomBlocks;
import io.tidemark.row.Schema;
import io.tidemark.row.UpdateBlock;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BatchBuilderTest {

  private final List<Long> released = new ArrayList<>();

  private ShardFixture shard;

  private PartTarget target(Bounds bounds, Schema schema) {
    return target(1, bounds, schema);
  }

  private PartTarget target(long seed, Bounds bounds, Schema schema) {
    shard = new ShardFixture(seed, bounds);
    WriterId writer = WriterId.random(shard.world.environment().entropy());
    return new PartTarget(
        shard.blob,
        shard.id,
        writer,
        VersionedSchema.first(schema),
        shard.world.environment(),
        shard.options);
  }

  private BatchBuilder builder(Bounds bounds, Times times) {
    return new BatchBuilder(target(bounds, SCHEMA), Antichain.minimum(), times, released::add);
  }

  private long releasedBytes() {
    return released.stream().mapToLong(Long::longValue).sum();
  }

  /** What reading a batch gives. */
  private List<UpdateBlock> read(Batch batch, Schema schema) {
    Parts parts =
        new Parts(
            shard.id, Schemas.of(schema), shard.blob::get, shard.world.environment().offload());
    List<UpdateBlock> blocks = new ArrayList<>();
    for (Part part : batch.parts()) {
      blocks.addAll(shard.world.result(parts.read(List.of(part))));
    }
    return blocks;
  }

  @Test
  void shouldCarryInlineWhatIsBelowTheBound() {
    UpdateBlock block = rows(3, 1, 2);
    BatchBuilder inline = builder(new Bounds().inlinePartBytes(block.bytes() + 1), Times.GIVEN);
    shard.world.result(inline.add(block));

    Batch batch = shard.world.result(inline.cut(range(0, 5)));

    assertInstanceOf(Part.Inline.class, batch.parts().get(0));
    assertEquals(range(3, 4), batch.parts().get(0).bounds());
    assertEquals(updates(List.of(block)), updates(read(batch, SCHEMA)));
    assertEquals(block.bytes(), releasedBytes());
    assertEquals(0, inline.heldBytes());
    assertEquals(List.of(), shard.blob.keys());
  }

  @Test
  void shouldUploadWhatReachesTheInlineBound() {
    UpdateBlock block = rows(3, 1, 2);
    BatchBuilder builder = builder(new Bounds().inlinePartBytes(block.bytes()), Times.GIVEN);
    shard.world.result(builder.add(block));

    Batch batch = shard.world.result(builder.cut(range(0, 5)));

    assertInstanceOf(Part.Hollow.class, batch.parts().get(0));
    assertEquals(updates(List.of(block)), updates(read(batch, SCHEMA)));
    assertEquals(block.bytes(), releasedBytes());
  }

  @Test
  void shouldGiveAnEmptyBatchForNothing() {
    BatchBuilder builder = builder(new Bounds(), Times.GIVEN);

    assertEquals(Batch.empty(range(0, 5)), shard.world.result(builder.cut(range(0, 5))));
    assertEquals(Batch.empty(range(5, 9)), shard.world.result(builder.cut(range(5, 9))));
  }

  @Test
  void shouldLeaveForTheNextCutWhatLiesPastThisOne() {
    BatchBuilder builder = builder(new Bounds(), Times.GIVEN);
    shard.world.result(builder.add(rows(7, 1)));
    shard.world.result(builder.add(rows(3, 2)));

    Batch first = shard.world.result(builder.cut(range(0, 5)));
    Batch second = shard.world.result(builder.cut(range(5, 8)));

    assertEquals(updates(List.of(rows(3, 2))), updates(read(first, SCHEMA)));
    assertEquals(updates(List.of(rows(7, 1))), updates(read(second, SCHEMA)));
  }

  @Test
  void shouldRegisterAPartInBothBatchesThatItReachesInto() {
    BatchBuilder builder = builder(new Bounds().spillBytes(1), Times.GIVEN);
    shard.world.result(builder.add(rows(7, 1)));
    shard.world.result(builder.add(rows(3, 2)));

    Batch first = shard.world.result(builder.cut(range(0, 5)));
    Batch second = shard.world.result(builder.cut(range(5, 8)));

    Part.Hollow left = (Part.Hollow) first.parts().get(0);
    Part.Hollow right = (Part.Hollow) second.parts().get(0);
    assertEquals(left.key(), right.key());
    assertEquals(range(3, 5), left.bounds());
    assertEquals(range(5, 8), right.bounds());
    assertEquals(updates(List.of(rows(3, 2))), updates(read(first, SCHEMA)));
    assertEquals(updates(List.of(rows(7, 1))), updates(read(second, SCHEMA)));
  }

  @Test
  void shouldGiveAllUpdatesTheLastTimeOfTheCut() {
    for (Bounds bounds : List.of(new Bounds(), new Bounds().spillBytes(1))) {
      BatchBuilder builder = builder(bounds, Times.AT_CUT);
      shard.world.result(builder.add(rows(0, 1)));
      shard.world.result(builder.add(rows(0, 2)));

      Batch first = shard.world.result(builder.cut(range(0, 90)));
      shard.world.result(builder.add(rows(0, 3)));
      Batch last =
          shard.world.result(
              builder.cut(new BatchDescription(Antichain.of(90), Antichain.empty())));

      assertEquals(updates(List.of(rows(89, 1, 2))), updates(read(first, SCHEMA)));
      assertEquals(updates(List.of(rows(Antichain.MAX_TIME, 3))), updates(read(last, SCHEMA)));
    }
  }

  @Test
  void shouldMoveThePartsThatWereDurableBeforeTheCutToItsTime() {
    BatchBuilder builder = builder(new Bounds().spillBytes(1).partBytes(1), Times.AT_CUT);
    shard.world.result(builder.add(rows(0, 1)));
    shard.world.result(builder.add(rows(0, 2)));
    shard.world.runAll();
    assertEquals(2, shard.blob.sets());

    Batch batch = shard.world.result(builder.cut(range(0, 90)));

    for (Part part : batch.parts()) {
      assertEquals(range(89, 90), part.bounds());
      assertEquals(89L, part.rewrite());
    }
    assertEquals(updates(List.of(rows(89, 1, 2))), updates(read(batch, SCHEMA)));
  }

  @Test
  void shouldKeepEveryUpdateOfACutWhosePartsFillAtTheCutItself() {
    BatchBuilder builder = builder(new Bounds().inlinePartBytes(1).partBytes(1), Times.AT_CUT);
    shard.world.result(builder.add(rows(0, 1)));
    shard.world.result(builder.add(rows(0, 2)));

    Batch batch = shard.world.result(builder.cut(range(0, 90)));

    assertEquals(updates(List.of(rows(89, 1, 2))), updates(read(batch, SCHEMA)));
  }

  @Test
  void shouldCloseAPartOnceItHasItsSize() {
    long one = large(0, 1, 1000).bytes();
    BatchBuilder builder = builder(new Bounds().spillBytes(1).partBytes(3 * one), Times.GIVEN);
    for (int i = 0; i < 10; i++) {
      shard.world.result(builder.add(large(1, i, 1000)));
    }

    Batch batch = shard.world.result(builder.cut(range(0, 5)));

    assertEquals(List.of(3L, 3L, 3L, 1L), batch.parts().stream().map(Part::updates).toList());
  }

  @Test
  void shouldUploadNoMorePartsAtOnceThanItMay() {
    for (int uploads = 1; uploads <= 3; uploads++) {
      BatchBuilder builder =
          builder(new Bounds().inlinePartBytes(1).partBytes(1000).uploads(uploads), Times.GIVEN);
      shard.blob.hold();
      List<UpdateBlock> blocks = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        blocks.add(large(1, i, 1000));
        shard.world.result(builder.add(blocks.get(i)));
      }
      Future<Batch> cut = builder.cut(range(0, 5));
      while (!cut.isComplete()) {
        shard.world.runAll();
        assertTrue(shard.blob.held() > 0, "nothing is uploaded, and there is no batch");
        shard.blob.release();
      }

      assertEquals(uploads, shard.blob.mostOutstanding());
      assertEquals(updates(blocks), updates(read(cut.result(), SCHEMA)));
    }
  }

  @Test
  void shouldEncodeNothingMoreWhileTheStoreIsSlow() {
    BatchBuilder builder =
        builder(new Bounds().spillBytes(1).partBytes(1000).uploads(2), Times.GIVEN);
    shard.blob.hold();
    shard.world.result(builder.add(large(1, 1, 1000)));
    shard.world.result(builder.add(large(1, 2, 1000)));
    Future<Void> third = builder.add(large(1, 3, 1000));
    shard.world.runAll();

    assertFalse(third.isComplete());
    assertEquals(0, releasedBytes());
    shard.blob.release();
    shard.world.runAll();
    assertTrue(third.succeeded());
    assertEquals(large(1, 1, 1000).bytes(), releasedBytes());
    assertEquals(2, shard.blob.held());
  }

  @Test
  void shouldGiveBackItsMemoryAfterAFlush() {
    BatchBuilder builder = builder(new Bounds(), Times.AT_CUT);
    UpdateBlock block = rows(0, 1, 2, 3);
    shard.world.result(builder.add(block));
    assertEquals(block.bytes(), builder.heldBytes());

    builder.flush();
    shard.world.runAll();

    assertEquals(0, builder.heldBytes());
    assertEquals(block.bytes(), releasedBytes());
    Batch batch = shard.world.result(builder.cut(range(0, 10)));
    assertEquals(updates(List.of(rows(9, 1, 2, 3))), updates(read(batch, SCHEMA)));
  }

  @Test
  void shouldCloseNoPartForAFlushOfNothing() {
    BatchBuilder builder = builder(new Bounds(), Times.AT_CUT);
    shard.world.result(builder.add(rows(0, 1)));
    builder.flush();
    shard.world.runAll();
    builder.flush();
    shard.world.result(builder.add(rows(0, 2)));
    shard.world.result(builder.add(rows(0, 3)));
    shard.world.runAll();

    assertEquals(1, shard.blob.sets());
    assertEquals(2, shard.world.result(builder.cut(range(0, 10))).parts().size());
  }

  @Test
  void shouldFailTheBatchWhoseUploadFails() {
    BatchBuilder builder =
        builder(
            new Bounds().spillBytes(1).partBytes(1).retry(new Retry.Policy(1, 10, 100)),
            Times.GIVEN);
    shard.world.result(builder.add(rows(1, 1)));
    shard.world.runAll();
    shard.blob.fail(new DeterminateException("the store is full"));
    shard.world.result(builder.add(rows(1, 2)));
    Future<Batch> cut = builder.cut(range(0, 5));

    assertTrue(shard.world.failure(DeterminateException.class, cut).getMessage().contains("full"));
    assertTrue(shard.blob.sets() > 3, "an upload is tried again");
    shard.world.failure(DeterminateException.class, builder.cut(range(5, 6)));
    shard.blob.fail(null);
    shard.world.result(builder.discard());
    assertEquals(List.of(), shard.blob.keys());
    assertEquals(rows(1, 1).bytes() + rows(1, 2).bytes(), releasedBytes());
  }

  @Test
  void shouldFailTheCutThatComesAfterTheFailure() {
    BatchBuilder builder =
        builder(
            new Bounds().spillBytes(1).partBytes(1).retry(new Retry.Policy(1, 10, 100)),
            Times.GIVEN);
    shard.blob.fail(new DeterminateException("the store is full"));
    shard.world.result(builder.add(rows(1, 1)));
    shard.world.runAll();

    shard.world.failure(DeterminateException.class, builder.add(rows(1, 2)));
    shard.world.failure(DeterminateException.class, builder.cut(range(0, 5)));
  }

  @Test
  void shouldUploadNothingAfterItWasDiscarded() {
    BatchBuilder builder = builder(new Bounds().spillBytes(1).partBytes(1), Times.GIVEN);
    Future<Void> added = builder.add(rows(1, 1));

    shard.world.result(builder.discard());
    shard.world.runAll();

    assertEquals(List.of(), shard.blob.keys());
    assertTrue(added.failed());
    assertEquals(rows(1, 1).bytes(), releasedBytes());
  }

  @Test
  void shouldDiscardWhatWasNotCutAndKeepWhatWas() {
    BatchBuilder builder = builder(new Bounds().spillBytes(1).partBytes(1), Times.GIVEN);
    shard.world.result(builder.add(rows(1, 1)));
    shard.world.result(builder.add(rows(7, 2)));
    Batch cut = shard.world.result(builder.cut(range(0, 5)));
    shard.world.result(builder.add(rows(8, 3)));
    shard.world.runAll();
    assertEquals(3, shard.blob.keys().size());

    shard.world.result(builder.discard());

    // The part at 7 lies past the cut, but nobody knows here whether one that reaches over is in
    // the shard: so parts of what was cut stay, and only those of what was not go.
    assertEquals(2, shard.blob.keys().size());
    assertEquals(updates(List.of(rows(1, 1))), updates(read(cut, SCHEMA)));
  }

  @Test
  void shouldRefuseWhatLiesBeforeTheNextCut() {
    BatchBuilder builder = builder(new Bounds(), Times.GIVEN);
    shard.world.result(builder.cut(range(0, 5)));

    InvalidUsageException early =
        assertThrows(InvalidUsageException.class, () -> builder.add(rows(4, 1)));
    InvalidUsageException gap =
        assertThrows(InvalidUsageException.class, () -> builder.cut(range(6, 7)));

    assertEquals(Rule.UPDATE_NOT_BEYOND_LOWER, early.rule());
    assertEquals("an update at 4 lies before {5}", early.getMessage());
    assertEquals(Rule.BATCH_BOUNDS, gap.rule());
  }

  @Test
  void shouldKeepEveryUpdateWhateverTheBounds() {
    Seeds.forEach(120, this::keepsEveryUpdate);
  }

  private void keepsEveryUpdate(long seed) {
    released.clear();
    RandomBlocks random = new RandomBlocks(seed);
    Schema schema = random.schema();
    Times times = random.random().nextBoolean() ? Times.GIVEN : Times.AT_CUT;
    long partBytes = 1L << random.random().nextInt(6, 16);
    Bounds bounds =
        new Bounds()
            .inlinePartBytes(1L << random.random().nextInt(0, 14))
            .spillBytes(1L << random.random().nextInt(0, 16))
            .partBytes(partBytes)
            .uploads(random.random().nextInt(1, 4));
    BatchBuilder builder =
        new BatchBuilder(target(seed, bounds, schema), Antichain.minimum(), times, released::add);
    List<UpdateBlock> added = new ArrayList<>();
    List<Future<Batch>> cuts = new ArrayList<>();
    List<UpdateBlock> expected = new ArrayList<>();
    long lower = 0;
    long bytes = 0;
    for (int cut = 0; cut < 5; cut++) {
      for (int i = random.random().nextInt(6); i > 0; i--) {
        UpdateBlock block =
            random.block(schema, random.random().nextInt(1, 60), lower, lower + 100);
        bytes += block.bytes();
        added.add(block);
        var unused = builder.add(block);
        if (random.random().nextInt(4) == 0) {
          builder.flush();
        }
        if (random.random().nextBoolean()) {
          shard.world.runAll();
        }
      }
      long upper = lower + random.random().nextInt(1, 80);
      BatchDescription description =
          cut < 4
              ? range(lower, upper)
              : new BatchDescription(Antichain.of(lower), Antichain.empty());
      cuts.add(builder.cut(description));
      if (times == Times.AT_CUT) {
        long at = cut < 4 ? upper - 1 : Antichain.MAX_TIME;
        added.forEach(block -> expected.add(block.at(at)));
        added.clear();
      }
      lower = upper;
    }
    expected.addAll(added);
    List<UpdateBlock> read = new ArrayList<>();
    for (Future<Batch> cut : cuts) {
      Batch batch = shard.world.result(cut);
      for (UpdateBlock block : read(batch, schema)) {
        assertTrue(batch.description().contains(block.minTime()));
        assertTrue(batch.description().contains(block.maxTime()));
        read.add(block);
      }
    }
    ShardFixture.assertSame(expected, read);
    assertEquals(0, builder.heldBytes());
    assertEquals(bytes, releasedBytes());
  }
}
