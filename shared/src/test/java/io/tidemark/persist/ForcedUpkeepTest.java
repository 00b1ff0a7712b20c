package io.tidemark.persist;

import static io.tidemark.persist.ShardFixture.assertSame;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.progress.Antichain;
import io.vertx.core.Future;
import org.junit.jupiter.api.Test;

/** Compaction and garbage collection of all that there is, when somebody asks for it. */
class ForcedUpkeepTest {

  private static final int MAX_APPENDS = 500;
  private static final long WAIT_MILLIS = 1_000;

  private final AgedShard aged = new AgedShard(new Bounds());

  @Test
  void shouldEndACompactionThoughAppendsGoOn() {
    for (int i = 0; i < 5; i++) {
      aged.append();
    }
    Antichain upper = aged.shard.state().upper();

    Future<Void> compacting = aged.writer.compact();
    for (int i = 0; i < MAX_APPENDS && !compacting.isComplete(); i++) {
      aged.append();
    }

    assertTrue(compacting.succeeded(), String.valueOf(compacting.cause()));
    assertEquals(1, aged.shard.state().trace().runsBefore(upper));
    assertSame(aged.expected, aged.shard.contents().blocks());
  }

  @Test
  void shouldCollectAllOfThePastOnceSomethingIsAppended() {
    aged.append();
    aged.append();
    aged.merge();
    Shard shard = aged.shard.open();

    Future<Collected> collecting = shard.collectAll(WAIT_MILLIS);
    aged.shard.world.advance(WAIT_MILLIS / 2);
    assertTrue(!collecting.isComplete(), "it waits for the next append");
    aged.append();
    aged.shard.world.result(shard.refresh());
    Collected collected = aged.shard.world.result(collecting);

    assertTrue(collected.parts() >= 2, collected.toString());
    assertTrue(collected.versions() > 0, collected.toString());
    assertEquals(aged.named(), aged.stored());
    assertEquals(aged.shard.state().rollup().seqno(), aged.versions().get(0).seqno());
    assertSame(aged.expected, aged.shard.contents().blocks());
  }

  @Test
  void shouldNotWaitForEverForAnAppend() {
    aged.append();
    aged.append();
    aged.merge();

    Collected collected = aged.shard.world.result(aged.shard.open().collectAll(WAIT_MILLIS));

    assertEquals(0, collected.parts());
    assertSame(aged.expected, aged.shard.contents().blocks());
  }

  @Test
  void shouldTellHowTheBatchesLie() {
    aged.append();
    aged.append();
    aged.merge();
    aged.append();
    Shard shard = aged.shard.open();

    ShardAnatomy anatomy = aged.shard.world.result(shard.anatomy());

    long updates = 0;
    Antichain at = Antichain.minimum();
    for (ShardAnatomy.Level level : anatomy.levels()) {
      assertEquals(level.groups().size() == 2, level.mergeRemaining() != null);
      for (ShardAnatomy.Group group : level.groups()) {
        for (ShardAnatomy.Stored batch : group.batches()) {
          assertEquals(at, batch.range().lower());
          at = batch.range().upper();
          updates += batch.updates();
        }
      }
    }
    assertEquals(shard.upper(), at);
    assertEquals(anatomy.summary().updates(), updates);
    assertEquals(0, anatomy.earliestSeqno());
    assertEquals(aged.writer.epoch(), anatomy.writers().get(0).epoch());
  }
}
