package io.tidemark.location.sqlite;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.Seeds;
import io.tidemark.location.Await;
import io.tidemark.location.ChildJvm;
import io.tidemark.location.Consensus.Version;
import io.tidemark.location.RealEnvironment;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes that share one database, and die. */
class SqliteProcessesTest {

  private static final int KILLS = 10;

  @TempDir Path directory;

  private final Map<Long, String> winners = new HashMap<>();
  private final AtomicBoolean done = new AtomicBoolean();
  private final Semaphore ownWins = new Semaphore(0);

  @Test
  void shouldLoseNothingThatWasAnsweredWhenProcessesAreKilled() {
    Seeds.forEach(1, seed -> race(new SplittableRandom(seed)));
  }

  private void race(SplittableRandom random) {
    ExecutorService executor = Executors.newSingleThreadExecutor();
    try (SqliteConsensus consensus = open()) {
      Future<Map<Long, String>> own = executor.submit(() -> winUntilDone(consensus));
      for (int i = 0; i < KILLS; i++) {
        killAChild("killed" + i, 1 + random.nextInt(60));
        int unused = ownWins.drainPermits();
        assertTrue(ownWins.tryAcquire(5, 60, TimeUnit.SECONDS), "this process must go on");
      }
      try (ChildJvm child = child("finished", 100)) {
        child.finish().forEach(line -> record("finished", line));
      }
      done.set(true);
      own.get(60, TimeUnit.SECONDS).forEach((seqno, name) -> record(name, "" + seqno));
    } catch (Exception e) {
      throw new AssertionError(e);
    } finally {
      done.set(true);
      executor.shutdown();
    }
    try (SqliteConsensus consensus = open()) {
      check(consensus);
    }
  }

  private SqliteConsensus open() {
    return SqliteConsensus.open(
        directory.resolve("consensus"), RealEnvironment.ENTROPY, RealEnvironment.CLOCK);
  }

  private ChildJvm child(String name, int wins) throws IOException {
    return ChildJvm.start(
        RacingChild.class,
        directory,
        directory.resolve("consensus").toString(),
        name,
        String.valueOf(wins));
  }

  private void killAChild(String name, int afterWins) throws Exception {
    try (ChildJvm child = child(name, 0)) {
      for (int win = 0; win < afterWins; win++) {
        record(name, child.line());
      }
      List<String> rest = child.kill();
      rest.forEach(line -> record(name, line));
    }
  }

  private Map<Long, String> winUntilDone(SqliteConsensus consensus) {
    Map<Long, String> won = new HashMap<>();
    while (!done.get()) {
      won.put(RacingChild.win(consensus, "own"), "own");
      ownWins.release();
    }
    return won;
  }

  private void record(String name, String seqno) {
    String other = winners.put(Long.valueOf(seqno), name);
    assertEquals(null, other, seqno + " was won twice");
  }

  private void check(SqliteConsensus consensus) {
    List<Version> versions = Await.result(consensus.scan(RacingChild.KEY, 0, Integer.MAX_VALUE));
    for (int i = 0; i < versions.size(); i++) {
      Version version = versions.get(i);
      assertEquals(i, version.seqno());
      String text = new String(version.data(), StandardCharsets.UTF_8);
      String name = text.substring(0, text.indexOf(':'));
      assertArrayEquals(RacingChild.value(name, i), version.data());
      String winner = winners.remove((long) i);
      assertTrue(
          winner == null ? name.startsWith("killed") : winner.equals(name),
          i + " was answered to " + winner + ", and is of " + name);
    }
    assertEquals(Map.of(), winners, "answered, and gone");
  }
}
