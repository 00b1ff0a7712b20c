package io.tidemark.persist;

import static io.tidemark.persist.ShardFixture.inlineAppend;
import static io.tidemark.persist.ShardFixture.rows;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.tidemark.Seeds;
import io.tidemark.environment.Retry;
import io.tidemark.location.Consensus.Version;
import io.tidemark.location.ExternalException;
import io.tidemark.location.Faults;
import io.tidemark.location.UnreliableBlob;
import io.tidemark.location.UnreliableConsensus;
import io.tidemark.persist.ListenEvent.Updates;
import io.tidemark.progress.Antichain;
import io.tidemark.row.Update;
import io.tidemark.row.UpdateBlock;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A listen that runs all the time sees what fresh snapshots see, while parts are merged, garbage is
 * collected, epochs change, history is given up, and stores lose calls and answers.
 */
class ReadersUnderFaultsTest {

  private static final int SEEDS = 6;
  private static final int STEPS = 100;

  @TempDir Path spill;

  @Test
  void shouldSeeInAListenWhatSnapshotsSee() {
    Seeds.forEach(SEEDS, seed -> new Run(seed, spill).run());
  }

  /** One shard, one writer, one reader. */
  private static final class Run {
    private final ShardFixture shard;
    private final Faults faults;
    private final PersistClient client;
    private final SplittableRandom random;
    private final SnapshotOptions options;
    private final Map<String, Long> seen = new TreeMap<>();
    private WriteHandle writer;
    private ReadHandle reader;
    private Listen listen;
    private long row;
    private int compared;

    Run(long seed, Path spill) {
      Bounds bounds =
          new Bounds()
              .inlinePartBytes(1)
              .mergeInlineBatches(5)
              .rollups(6, 12)
              .retry(new Retry.Policy(4, 100, 2_000))
              .reads(new ReadOptions(600_000, 500, 10, 200));
      shard = new ShardFixture(seed, bounds);
      random = new SplittableRandom(seed);
      options = new SnapshotOptions(1 << 20, spill, 100, 0);
      var environment = shard.world.environment();
      faults = new Faults(environment.entropy(), environment.timers());
      client =
          shard.client(
              new UnreliableBlob(shard.blob, faults),
              new UnreliableConsensus(shard.consensus, faults));
    }

    void run() {
      begin();
      reader = shard.world.result(shard.open(client).openReader("a test"));
      listen = shard.world.result(reader.listen(-1));
      faults.happens(0.95).answered(0.95).late(0.3, 400);
      for (int i = 0; i < STEPS; i++) {
        step();
        shard.world.advance(random.nextInt(300));
      }
      faults.happens(1).answered(1);
      shard.world.advance(10_000);
      checkTheEnd();
    }

    private void step() {
      switch (random.nextInt(12)) {
        case 0 -> begin();
        case 1 -> ended(shard.open(client).collectGarbage());
        case 2 -> moveSince();
        case 3, 4, 5 -> follow();
        case 6 -> compare();
        default -> append();
      }
    }

    /** Waits for the end of a call, which may be a failure of the stores. */
    @CanIgnoreReturnValue
    private boolean ended(Future<?> call) {
      for (int i = 0; i < 10_000 && !call.isComplete(); i++) {
        shard.world.advance(10);
      }
      assertTrue(call.isComplete(), "it ends");
      if (call.failed() && !isOfTheStores(call.cause())) {
        throw new AssertionError(call.cause());
      }
      return call.succeeded();
    }

    private static boolean isOfTheStores(Throwable cause) {
      return cause instanceof ExternalException;
    }

    private void begin() {
      Future<WriteHandle> begun;
      do {
        begun =
            client
                .open(shard.id, ShardFixture.SCHEMA, shard.world.environment())
                .compose(Shard::startEpoch);
      } while (!ended(begun));
      if (writer != null) {
        writer.close();
      }
      writer = begun.result();
    }

    private void append() {
      Antichain upper = shard.state().upper();
      long to = upper.time() + random.nextInt(1, 5);
      long at = upper.time();
      Append append =
          random.nextInt(6) == 0
              ? inlineAppend(at, to)
              : inlineAppend(at, to, rows(at, row++, random.nextInt(3)));
      ended(writer.compareAndAppend(append));
    }

    private void moveSince() {
      Future<Boolean> moved =
          shard
              .open(client)
              .openSince("a test", 1)
              .compose(
                  since ->
                      since.compareAndDowngradeSince(
                          1, 1, Antichain.of(random.nextLong(shard.state().upper().time() + 1))));
      ended(moved);
    }

    private void follow() {
      for (int i = random.nextInt(12); i > 0; i--) {
        if (!listen.frontier().lessThan(shard.state().upper())) {
          return;
        }
        if (shard.world.result(listen.next()) instanceof Updates updates) {
          add(seen, updates.block());
        }
      }
    }

    private static void add(Map<String, Long> sums, UpdateBlock block) {
      for (Update update : Update.listOf(block)) {
        sums.merge(update.row().toString(), update.diff(), Long::sum);
      }
    }

    private void compare() {
      // Only when a step is through is it known what the listen has returned.
      while (listen.frontier().lessThan(shard.state().upper())) {
        follow();
      }
      if (listen.frontier().equals(Antichain.minimum())) {
        return;
      }
      OptionalLong asOf = OptionalLong.of(listen.frontier().time() - 1);
      Future<Snapshot> opened = reader.snapshot(asOf, options);
      if (ended(opened)) {
        assertEquals(seen, sums(ReadHandleTest.drain(shard, opened.result())));
        compared++;
      }
    }

    private static Map<String, Long> sums(List<UpdateBlock> blocks) {
      Map<String, Long> sums = new TreeMap<>();
      blocks.forEach(block -> add(sums, block));
      return sums;
    }

    private void checkTheEnd() {
      begin();
      append();
      compare();
      assertTrue(compared > 1, "it was compared");
      listen.close();
      shard.world.result(reader.close());
      append();
      shard.world.advance(1_000);
      Shard last = shard.open();
      shard.world.result(last.collectGarbage());
      shard.world.result(last.collectGarbage());
      Set<String> named = named();
      List<String> stray = shard.blob.keys();
      stray.removeAll(named);
      // What the current epoch's own merges lost goes when the next one has begun.
      stray.removeIf(key -> key.contains(writer.target().writer().text()));
      assertEquals(List.of(), stray);
      assertTrue(shard.blob.keys().containsAll(named), "nothing is missing");
    }

    /** What the versions that are still there name. */
    private Set<String> named() {
      var environment = shard.world.environment();
      StateLoader loader = new StateLoader(shard.id, shard.blob, shard.consensus, environment);
      History history = new History(loader, environment, shard.options.retry());
      ShardState state = shard.state();
      Version earliest = shard.world.result(history.earliest());
      History.Named named =
          shard
              .world
              .result(history.named(earliest, earliest.seqno(), state.rollups()))
              .orElseThrow();
      Set<String> keys = new TreeSet<>(named.after());
      state.rollups().values().forEach(rollup -> keys.add(rollup.key()));
      return keys;
    }
  }
}
