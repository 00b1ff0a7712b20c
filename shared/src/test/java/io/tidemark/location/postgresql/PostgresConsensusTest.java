package io.tidemark.location.postgresql;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.location.Await;
import io.tidemark.location.Consensus;
import io.tidemark.location.Consensus.Version;
import io.tidemark.location.ConsensusContract;
import io.tidemark.location.DeterminateException;
import io.tidemark.location.RealEnvironment;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PostgresConsensusTest extends ConsensusContract {

  private static final PostgresServer SERVER = PostgresServer.shared();
  private static Vertx vertx;

  private final String schema = PostgresServer.newSchema();

  @BeforeAll
  static void start() {
    vertx = Vertx.vertx();
  }

  @AfterAll
  static void end() {
    Await.result(vertx.close());
  }

  @Override
  protected Consensus open(String location) {
    PostgresLocation where = PostgresLocation.parse(SERVER.uri(schema + "_" + location), null);
    return Await.result(PostgresConsensus.open(vertx, where, RealEnvironment.CLOCK));
  }

  private String table(String name) {
    return schema + "_a." + name;
  }

  @Test
  void shouldKeepWhatWasAppendedWhenItIsOpenedAgain() {
    PostgresConsensus first = (PostgresConsensus) open("a");
    assertTrue(append(first, "k", 0, "zero"));
    assertTrue(append(first, "k", 1, "one"));
    assertEquals(1, Await.result(first.truncate("k", 1)));
    first.close();

    PostgresConsensus second = (PostgresConsensus) open("a");
    assertHead(second, "k", 1, "one");
    assertFalse(append(second, "k", 0, "again"));
    second.close();
  }

  @Test
  void shouldRefuseCallsOnceClosed() {
    PostgresConsensus consensus = (PostgresConsensus) open("a");
    consensus.close();

    assertRefusesCalls(consensus);
    consensus.close();
  }

  @Test
  void shouldRunTheCallsThatItTookBeforeItCloses() {
    PostgresConsensus consensus = (PostgresConsensus) open("a");
    List<Future<Boolean>> appends = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      appends.add(consensus.compareAndSet("k" + i, version(0, "v")));
    }
    consensus.close();

    appends.forEach(append -> assertTrue(Await.result(append)));
  }

  @Test
  void shouldRefuseMoreCallsThanItHasRoomFor() throws Exception {
    Consensus consensus = opened("a");
    assertTrue(append(consensus, "k", 0, "v"));
    try (Connection holder = SERVER.connection();
        Statement statement = holder.createStatement()) {
      holder.setAutoCommit(false);
      statement.execute("SELECT FROM " + table("tidemark_head") + " FOR UPDATE");
      List<Future<Boolean>> calls = new ArrayList<>();
      for (int i = 0; i <= Appends.MAX_CALLS; i++) {
        calls.add(consensus.compareAndSet("k", version(1, "v" + i)));
      }
      Future<Boolean> last = calls.remove(Appends.MAX_CALLS);
      assertTrue(
          Await.failure(DeterminateException.class, last).getMessage().contains("overloaded"));
      holder.rollback();

      int won = 0;
      for (Future<Boolean> call : calls) {
        won += Await.result(call) ? 1 : 0;
      }
      assertEquals(1, won);
    }
  }

  @Test
  void shouldRefuseMoreBytesThanItHasRoomFor() throws Exception {
    Consensus consensus = opened("a");
    List<Future<Boolean>> calls = new ArrayList<>();
    long bytes = 0;
    while (bytes <= Appends.MAX_BYTES) {
      byte[] data = new byte[Consensus.MAX_VALUE_BYTES];
      calls.add(consensus.compareAndSet("k" + bytes, new Version(0, data)));
      bytes += data.length;
    }
    Future<Boolean> last = calls.remove(calls.size() - 1);
    Await.failure(DeterminateException.class, last);
    calls.forEach(call -> assertTrue(Await.result(call)));
    assertTrue(append(consensus, "k", 0, "there is room again"));
  }

  @Test
  void shouldCarryLargeVersionsTogether() throws Exception {
    Consensus consensus = opened("a");
    List<Future<Boolean>> calls = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      calls.add(consensus.compareAndSet("k" + i, new Version(0, content(i))));
    }
    calls.forEach(call -> assertTrue(Await.result(call)));
    for (int i = 0; i < 40; i++) {
      assertArrayEquals(content(i), Await.result(consensus.head("k" + i)).orElseThrow().data());
    }
  }

  private static byte[] content(int seed) {
    byte[] data = new byte[300_000 + seed];
    for (int i = 0; i < data.length; i++) {
      data[i] = (byte) (i * 31 + seed);
    }
    return data;
  }

  @Test
  void shouldListAndTruncateMoreThanOnePage() throws Exception {
    Consensus consensus = opened("a");
    Set<String> expected = new TreeSet<>();
    SERVER.execute(
        "INSERT INTO "
            + table("tidemark_head")
            + " SELECT 'k' || i, 0 FROM generate_series(1, 2500) AS i;"
            + "INSERT INTO "
            + table("tidemark_head")
            + " VALUES ('long', 2500);"
            + "INSERT INTO "
            + table("tidemark_version")
            + " SELECT 'long', i, '' FROM generate_series(0, 2500) AS i");
    for (int i = 1; i <= 2500; i++) {
      expected.add("k" + i);
    }
    expected.add("long");

    Set<String> listed = new TreeSet<>();
    Await.result(consensus.listKeys(key -> assertTrue(listed.add(key), key)));
    assertEquals(expected, listed);
    assertEquals(2500, Await.result(consensus.truncate("long", 2500)));
    assertEquals(1, Await.result(consensus.scan("long", 0, 10)).size());
  }

  /** A statement that waited sees what was committed and truncated meanwhile. */
  @Test
  void shouldRefuseANumberThatWasWonAndTruncatedWhileItWaited() throws Exception {
    Consensus consensus = opened("a");
    for (int seqno = 0; seqno < 3; seqno++) {
      assertTrue(append(consensus, "k", seqno, "v" + seqno));
    }
    Future<Boolean> slow;
    Future<Boolean> next;
    try (Connection other = SERVER.connection();
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute("UPDATE " + table("tidemark_head") + " SET seqno = 3");
      slow = consensus.compareAndSet("k", version(3, "stale"));
      awaitWaiting();
      statement.execute("INSERT INTO " + table("tidemark_version") + " VALUES ('k', 3, 'other')");
      statement.execute("UPDATE " + table("tidemark_head") + " SET seqno = 4");
      statement.execute("INSERT INTO " + table("tidemark_version") + " VALUES ('k', 4, 'other')");
      statement.execute("DELETE FROM " + table("tidemark_version") + " WHERE seqno < 4");
      other.commit();
      assertFalse(Await.result(slow), "number 3 was won before, and is gone");

      statement.execute("UPDATE " + table("tidemark_head") + " SET seqno = 5");
      statement.execute("INSERT INTO " + table("tidemark_version") + " VALUES ('k', 5, 'five')");
      next = consensus.compareAndSet("k", version(6, "six"));
      awaitWaiting();
      other.commit();
    }
    assertTrue(Await.result(next), "it follows the head as it is once the lock is free");
    assertEquals(List.of("4 other", "5 five", "6 six"), scan(consensus, "k", 0, 10));
  }

  private void awaitWaiting() {
    Poll.until(
        () ->
            SERVER.number(
                    "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                        + " AND query LIKE '%"
                        + schema
                        + "_a%'")
                > 0,
        "a statement waits for the lock");
  }

  @Test
  void shouldNeverLetANumberBeWonTwiceWhileManyKeysAreTruncated() throws Exception {
    int stores = 3;
    int keys = 6;
    int rounds = 120;
    Map<String, String> winners = new ConcurrentHashMap<>();
    AtomicBoolean done = new AtomicBoolean();
    ExecutorService executor = Executors.newFixedThreadPool(stores + 1);
    Consensus truncating = opened("a");
    java.util.concurrent.Future<?> truncater =
        executor.submit(
            () -> {
              while (!done.get()) {
                for (int key = 0; key < keys; key++) {
                  truncateToHead(truncating, "k" + key);
                }
              }
            });
    List<Callable<Void>> racers = new ArrayList<>();
    for (int store = 0; store < stores; store++) {
      String name = "store " + store;
      Consensus consensus = opened("a");
      racers.add(() -> race(consensus, name, keys, rounds, winners));
    }
    for (java.util.concurrent.Future<Void> racer : executor.invokeAll(racers)) {
      racer.get(60, TimeUnit.SECONDS);
    }
    done.set(true);
    truncater.get(60, TimeUnit.SECONDS);
    executor.shutdown();

    for (int key = 0; key < keys; key++) {
      long head = Await.result(truncating.head("k" + key)).orElseThrow().seqno();
      for (long seqno = 0; seqno <= head; seqno++) {
        assertTrue(winners.containsKey("k" + key + "/" + seqno), "key " + key + " has a gap");
      }
      assertFalse(winners.containsKey("k" + key + "/" + (head + 1)));
    }
  }

  private static void truncateToHead(Consensus consensus, String key) {
    Await.result(consensus.head(key))
        .ifPresent(head -> Await.result(consensus.truncate(key, head.seqno())));
  }

  /** All keys at once, so that they meet in one statement. */
  private static Void race(
      Consensus consensus, String name, int keys, int rounds, Map<String, String> winners) {
    for (int round = 0; round < rounds; round++) {
      List<Future<Void>> calls = new ArrayList<>();
      for (int i = 0; i < keys; i++) {
        String key = "k" + i;
        calls.add(
            consensus
                .head(key)
                .map(head -> head.map(Version::seqno).orElse(-1L) + 1)
                .compose(
                    next ->
                        consensus
                            .compareAndSet(key, version(next, name))
                            .map(
                                won -> {
                                  if (won) {
                                    assertNull(winners.put(key + "/" + next, name), "won twice");
                                  }
                                  return null;
                                })));
      }
      calls.forEach(Await::result);
    }
    return null;
  }

  @Test
  void shouldTruncateEachVersionOnceWhenTwoDo() throws Exception {
    Consensus one = opened("a");
    Consensus two = opened("a");
    for (int seqno = 0; seqno < 50; seqno++) {
      assertTrue(append(one, "k", seqno, "v"));
    }
    long removed = 0;
    for (int seqno = 1; seqno < 50; seqno += 3) {
      Future<Long> first = one.truncate("k", seqno);
      Future<Long> second = two.truncate("k", seqno);
      removed += Await.result(first) + Await.result(second);
    }
    assertEquals(50 - removed, Await.result(one.scan("k", 0, 100)).size());
  }

  @Test
  void shouldFindRowsByTheirKeysInALargeTable() throws Exception {
    Consensus consensus = opened("a");
    SERVER.execute(
        "INSERT INTO "
            + table("tidemark_head")
            + " SELECT 'k' || i, 0 FROM generate_series(1, 20000) AS i");
    for (int i = 1; i < 100; i++) {
      assertTrue(append(consensus, "k" + i, 1, "v"));
    }

    Poll.until(() -> statistic("idx_scan") >= 99, "the server has counted them");
    assertEquals(0, statistic("seq_tup_read"));
  }

  private long statistic(String name) {
    return SERVER.number(
        "SELECT coalesce(sum("
            + name
            + "), 0) FROM pg_stat_user_tables WHERE schemaname = '"
            + schema
            + "_a' AND relname = 'tidemark_head'");
  }
}
