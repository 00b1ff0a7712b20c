package io.tidemark.persist;

import static io.tidemark.persist.ShardFixture.inlineAppend;
import static io.tidemark.persist.ShardFixture.rows;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.environment.Retry;
import io.tidemark.location.Consensus;
import io.tidemark.location.Consensus.Version;
import io.tidemark.location.DeterminateException;
import io.tidemark.location.Faults;
import io.tidemark.location.Faults.Outage;
import io.tidemark.location.UnreliableConsensus;
import io.tidemark.progress.Antichain;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MachineTest {

  private static final int MAX_BYTES = Consensus.MAX_VALUE_BYTES;

  private final ShardFixture shard =
      new ShardFixture(new Bounds().retry(new Retry.Policy(4, 100, 1000)));
  private final Faults faults =
      new Faults(shard.world.environment().entropy(), shard.world.environment().timers());
  private final PersistClient client =
      shard.client(shard.blob, new UnreliableConsensus(shard.consensus, faults));

  @Test
  void shouldRefuseCommandsPastThoseThatMayWait() {
    Shard opened = shard.open(client);
    faults.outage(Outage.DETERMINATE);
    List<Future<Void>> waiting = new ArrayList<>();
    for (int i = 0; i < Machine.MAX_QUEUED; i++) {
      waiting.add(opened.refresh());
    }

    DeterminateException full = shard.world.failure(DeterminateException.class, opened.refresh());

    assertTrue(full.getMessage().contains(Machine.MAX_QUEUED + " commands wait already"));
    faults.outage(Outage.NONE);
    waiting.forEach(shard.world::result);
    shard.world.result(opened.refresh());
  }

  @Test
  void shouldTryNoLongerThanThePolicySays() {
    Shard opened = shard.open(client);
    faults.outage(Outage.DETERMINATE);
    long before = shard.world.nowMillis();

    DeterminateException gaveUp =
        shard.world.failure(DeterminateException.class, opened.startEpoch());

    assertTrue(gaveUp.getMessage().contains("gave up after "), gaveUp.getMessage());
    assertTrue(shard.world.nowMillis() - before <= 1000);
    assertTrue(shard.world.nowMillis() - before >= 500);
  }

  @Test
  void shouldDecideNothingMoreOnceMemoryAndStoreDiffer() {
    Shard opened = shard.open();
    byte[] nonsense = {1, 2, 3};
    shard.world.result(shard.consensus.compareAndSet(shard.id.text(), new Version(1, nonsense)));

    shard.world.failure(CorruptShardException.class, opened.startEpoch());
    shard.world.failure(CorruptShardException.class, opened.refresh());
    shard.world.failure(CorruptShardException.class, opened.startEpoch());
  }

  @Test
  void shouldRaiseTheClockOfEachVersionEvenIfTheWallClockFallsBack() {
    WriteHandle writer = shard.startEpoch();
    shard.append(writer, inlineAppend(0, 5, rows(1, 1)));
    long before = shard.state().wallMillis();
    shard.world.jumpWall(-100_000);

    shard.append(writer, inlineAppend(5, 6, rows(5, 1)));

    assertEquals(before + 1, shard.state().wallMillis());
  }

  @Test
  void shouldCatchUpWithOthersBeforeItCommits() {
    Shard one = shard.open();
    Shard other = shard.open();
    WriteHandle first = shard.world.result(one.startEpoch());
    WriteHandle second = shard.world.result(other.startEpoch());

    assertEquals(1, first.epoch());
    assertEquals(2, second.epoch());
    shard.append(second, inlineAppend(0, 5, rows(1, 1)));
    assertEquals(0, one.upper().time());
    shard.world.result(one.refresh());
    assertEquals(5, one.upper().time());
    assertEquals(1, one.summary().updates());
  }

  @Test
  void shouldCommitOnceOpenedByManyAtATime() {
    List<Future<Shard>> opening = new ArrayList<>();
    faults.answered(0.5).happens(0.8).late(0.5, 30);
    for (int i = 0; i < 8; i++) {
      opening.add(client.open(shard.id, ShardFixture.SCHEMA, shard.world.environment()));
    }
    shard.world.runAll();

    assertTrue(opening.stream().anyMatch(Future::succeeded));
    opening.stream()
        .filter(Future::succeeded)
        .forEach(opened -> assertEquals(0, opened.result().summary().seqno()));
  }

  @Test
  void shouldRefuseOptionsThatContradictEachOther() {
    for (Bounds bounds :
        List.of(
            new Bounds().inlinePartBytes(3 << 20),
            new Bounds().mergeInlineBytes(3 << 20),
            new Bounds().partBytes(0),
            new Bounds().uploads(0),
            new Bounds().rollups(0, 1),
            new Bounds().rollups(5, 4))) {
      assertThrows(IllegalArgumentException.class, bounds::build);
    }
  }

  @Test
  void shouldRefuseIdsThatAreNone() {
    String digits = "0123456789abcdef0123456789abcdef";
    assertEquals("s" + digits, new ShardId("s" + digits).toString());
    for (String wrong : List.of("", "s", digits, "w" + digits, "s" + digits + "0", "S" + digits)) {
      assertThrows(IllegalArgumentException.class, () -> new ShardId(wrong));
    }
    assertThrows(IllegalArgumentException.class, () -> new WriterId("s" + digits));
  }

  @Test
  void shouldRefuseAVersionThatConsensusWouldNotTake() {
    WriteHandle writer = shard.startEpoch();
    long before = shard.state().seqno();

    InvalidUsageException refused =
        shard.world.failure(
            InvalidUsageException.class, writer.compareAndAppend(withOffset(0, MAX_BYTES)));

    assertEquals(InvalidUsageException.Rule.VERSION_TOO_LARGE, refused.rule());
    assertTrue(refused.getMessage().startsWith("shard " + shard.id + ": version "));
    assertTrue(refused.getMessage().contains("append less at once"), refused.getMessage());
    assertEquals(before, shard.state().seqno(), "nothing was written");
    // What is around the offset takes less than that. The shard goes on.
    shard.append(writer, withOffset(0, MAX_BYTES - (64 << 10)));
    shard.append(writer, inlineAppend(5, 9, rows(5, 1)));
    assertEquals(Antichain.of(9), shard.state().upper());
  }

  /** An append whose version has so many bytes, and some more. */
  private static Append withOffset(long lower, int bytes) {
    Map<String, String> offsets = Map.of("0", "x".repeat(bytes));
    return new Append(Antichain.of(lower), Antichain.of(lower + 5), List.of(), Map.of(), offsets);
  }
}
