package io.tidemark.persist;

import static io.tidemark.persist.ShardFixture.assertSame;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.environment.Environment;
import io.tidemark.location.Consensus.Version;
import io.tidemark.location.DryBlob;
import io.tidemark.persist.Restoration.Outcome;
import io.tidemark.persist.Restoration.Report;
import io.vertx.core.Future;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Over a store that keeps what was deleted. */
class RestorationTest {

  private final AgedShard aged = new AgedShard(new Bounds());
  private final List<Outcome> told = new ArrayList<>();

  private Future<Report> restoring(PersistClient client) {
    Environment environment = aged.shard.world.environment();
    return new Restoration(client, aged.shard.id, environment, told::add).run();
  }

  private Report restore() {
    return aged.shard.world.result(restoring(aged.shard.client()));
  }

  private void delete(String key) {
    aged.shard.world.result(aged.shard.blob.delete(key));
  }

  @Test
  void shouldBringBackEverythingThatWasDeleted() {
    aged.age(3);
    Set<String> before = aged.stored();
    before.forEach(this::delete);
    assertEquals(Set.of(), aged.stored());

    Report report = restore();

    // What lost a race is named by nothing, and stays away.
    assertTrue(before.containsAll(aged.stored()));
    assertTrue(aged.stored().containsAll(aged.named()));
    assertEquals(report.named(), report.restored());
    assertEquals(0, report.failed());
    assertEquals(aged.stored().size(), told.size());
    assertSame(aged.expected, aged.shard.contents().blocks());
    assertEquals(new Report(report.named(), 0, 0), restore());
  }

  @Test
  void shouldFindTheStateOfTheOldestVersionAfterACollection() {
    aged.age(3);
    aged.collect();
    Set<String> before = aged.stored();
    before.forEach(this::delete);

    Report report = restore();

    assertEquals(before, aged.stored());
    assertEquals(0, report.failed());
    assertSame(aged.expected, aged.shard.contents().blocks());
  }

  @Test
  void shouldChangeNothingInADryRun() {
    aged.age(1);
    String key = aged.shard.state().trace().keys().iterator().next();
    delete(key);
    Set<String> before = aged.stored();

    Report report =
        aged.shard.world.result(
            restoring(aged.shard.client(new DryBlob(aged.shard.blob), aged.shard.consensus)));

    assertEquals(before, aged.stored());
    assertEquals(1, report.restored());
    assertEquals(List.of(new Outcome(key, "the contents", null)), told);
  }

  @Test
  void shouldTellWhatTheStoreHasNotKept() {
    aged.age(1);
    String key = aged.shard.state().trace().keys().iterator().next();
    delete(key);
    // So many deletions later it has forgotten this one.
    for (int i = 0; i < 1024; i++) {
      aged.shard.world.result(aged.shard.blob.set("other/" + i, new byte[1]));
      delete("other/" + i);
    }

    assertEquals(1, restore().failed());

    assertEquals(key, told.get(0).key());
    assertNotNull(told.get(0).failure());
  }

  @Test
  void shouldDoNothingIfANewerTidemarkWroteIt() {
    aged.append();
    String key = aged.shard.state().trace().keys().iterator().next();
    delete(key);
    long seqno = aged.shard.state().seqno();
    StateDiff diff =
        new StateDiff.Builder().build(seqno + 1, Long.MAX_VALUE / 2, aged.shard.state().rollup());
    byte[] newer = StateCodec.encode(diff);
    byte[] name = "format".getBytes(StandardCharsets.US_ASCII);
    for (int i = 0; i < newer.length - name.length; i++) {
      if (Arrays.equals(newer, i, i + name.length, name, 0, name.length)) {
        newer[i + name.length] = 23; // a small number of CBOR is one byte
      }
    }
    assertTrue(
        aged.shard.world.result(
            aged.shard.consensus.compareAndSet(
                aged.shard.id.text(), new Version(seqno + 1, newer))));

    Throwable refused =
        aged.shard.world.failure(CorruptShardException.class, restoring(aged.shard.client()));

    assertTrue(refused.getMessage().contains("use the newer version"), refused.getMessage());
    assertTrue(!aged.stored().contains(key));
    assertEquals(List.of(), told);
  }
}
