package io.tidemark.persist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.persist.ShardUsage.Amount;
import io.tidemark.persist.ShardUsage.Report;
import io.tidemark.persist.ShardUsage.Standing;
import org.junit.jupiter.api.Test;

class ShardUsageTest {

  private final AgedShard aged = new AgedShard(new Bounds());

  private Report usage() {
    ShardUsage usage =
        new ShardUsage(aged.shard.client(), aged.shard.id, aged.shard.world.environment());
    return aged.shard.world.result(usage.run());
  }

  private static long all(Report report) {
    return report
        .current()
        .plus(report.history())
        .plus(report.rollups())
        .plus(report.inFlight())
        .plus(report.garbage())
        .plus(report.foreign())
        .count();
  }

  @Test
  void shouldTellWhatIsCurrentFromWhatOnlyThePastNeeds() {
    aged.age(2);

    Report before = usage();

    assertEquals(aged.shard.state().trace().keys().size(), before.current().count());
    assertTrue(before.history().count() > 0, before.toString());
    assertEquals(aged.shard.state().rollups().size(), before.rollups().count());
    assertEquals(aged.stored().size(), all(before));
    assertEquals(aged.versions().size(), before.versions().count());
    assertEquals(Amount.NONE, before.garbage());
    assertEquals(Standing.LIVE, before.standing());

    aged.collect();
    Report after = usage();
    assertEquals(Amount.NONE, after.history());
    assertEquals(before.current(), after.current());
    assertEquals(1, after.rollups().count());
  }

  @Test
  void shouldCallUnnamedPartsGarbageOnceTheirWriterIsGone() {
    aged.append();
    Batch unnamed =
        aged.upload(ShardFixture.range(aged.at, aged.at + 1), ShardFixture.rows(aged.at, 1));
    assertEquals(1, unnamed.keys().size());
    assertEquals(1, usage().inFlight().count());
    assertEquals(0, usage().garbage().count());

    aged.begin();

    assertEquals(0, usage().inFlight().count());
    assertEquals(1, usage().garbage().count());
    assertEquals(1, aged.collect().parts());
    assertEquals(Amount.NONE, usage().garbage());
  }

  @Test
  void shouldSeeThatAShardIsGone() {
    aged.append();
    aged.shard.world.result(aged.shard.open().drop());

    Report report = usage();

    assertEquals(Standing.DROPPED, report.standing());
    assertEquals(2, report.versions().count());
    assertEquals(1, all(report));
  }
}
