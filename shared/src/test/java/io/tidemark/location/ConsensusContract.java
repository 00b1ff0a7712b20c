package io.tidemark.location;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.location.Consensus.Version;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What every consensus must do. A subclass says how one is opened. */
public abstract class ConsensusContract {

  private static final int RACERS = 4;

  private final List<Consensus> opened = new ArrayList<>();

  /** Opens a store on {@code location}: stores on the same one share their contents. */
  protected abstract Consensus open(String location) throws Exception;

  /** How long a race is; a store whose calls take long has shorter ones. */
  protected int winsPerRacer() {
    return 50;
  }

  @AfterEach
  void closeAll() throws Exception {
    for (Consensus consensus : opened) {
      if (consensus instanceof AutoCloseable closeable) {
        closeable.close();
      }
    }
  }

  /** Fails unless every call of a store that was closed fails determinately. */
  protected static void assertRefusesCalls(Consensus closed) {
    Await.failure(DeterminateException.class, closed.head("k"));
    Await.failure(DeterminateException.class, closed.compareAndSet("k", version(0, "a")));
    Await.failure(DeterminateException.class, closed.scan("k", 0, 1));
    Await.failure(DeterminateException.class, closed.truncate("k", 0));
    Await.failure(DeterminateException.class, closed.listKeys(key -> {}));
  }

  @Test
  void shouldFindNothingInAnEmptyStore() throws Exception {
    Consensus consensus = opened("a");

    assertEquals(Optional.empty(), Await.result(consensus.head("k")));
    assertEquals(List.of(), Await.result(consensus.scan("k", 0, 10)));
    assertEquals(Set.of(), keys(consensus));
    Await.failure(DeterminateException.class, consensus.truncate("k", 0));
  }

  @Test
  void shouldBeginAKeyOnlyAtZero() throws Exception {
    Consensus consensus = opened("a");

    assertFalse(append(consensus, "k", 1, "early"));
    assertFalse(append(consensus, "k", Consensus.MAX_SEQNO, "early"));
    assertEquals(Set.of(), keys(consensus));
    assertTrue(append(consensus, "k", 0, "zero"));
    assertHead(consensus, "k", 0, "zero");
    assertEquals(Set.of("k"), keys(consensus));
  }

  @Test
  void shouldAppendOnlyWhatFollowsTheHead() throws Exception {
    Consensus consensus = opened("a");
    assertTrue(append(consensus, "k", 0, "zero"));

    assertFalse(append(consensus, "k", 0, "again"));
    assertFalse(append(consensus, "k", 2, "gap"));
    assertFalse(append(consensus, "k", 11, "jump"));
    assertHead(consensus, "k", 0, "zero");
    assertTrue(append(consensus, "k", 1, "one"));
    assertFalse(append(consensus, "k", 1, "again"));
    assertFalse(append(consensus, "k", 0, "back"));
    assertHead(consensus, "k", 1, "one");
    assertEquals(List.of("0 zero", "1 one"), scan(consensus, "k", 0, 10));
  }

  @Test
  void shouldScanFromALimitedNumberInOrder() throws Exception {
    Consensus consensus = opened("a");
    for (int seqno = 0; seqno < 12; seqno++) {
      assertTrue(append(consensus, "k", seqno, "v" + seqno));
    }

    assertEquals(List.of("0 v0"), scan(consensus, "k", 0, 1));
    assertEquals(List.of("9 v9", "10 v10"), scan(consensus, "k", 9, 2));
    assertEquals(List.of("9 v9", "10 v10", "11 v11"), scan(consensus, "k", 9, 3));
    assertEquals(List.of("11 v11"), scan(consensus, "k", 11, 100));
    assertEquals(List.of(), scan(consensus, "k", 12, 100));
    assertEquals(List.of(), scan(consensus, "k", Long.MAX_VALUE, Integer.MAX_VALUE));
    assertEquals(12, scan(consensus, "k", 0, Integer.MAX_VALUE).size());
  }

  @Test
  void shouldTruncateUpToTheHeadAndNotPastIt() throws Exception {
    Consensus consensus = opened("a");
    for (int seqno = 0; seqno < 6; seqno++) {
      assertTrue(append(consensus, "k", seqno, "v" + seqno));
    }

    assertEquals(0, Await.result(consensus.truncate("k", 0)));
    assertEquals(2, Await.result(consensus.truncate("k", 2)));
    assertEquals(0, Await.result(consensus.truncate("k", 2)));
    assertEquals(0, Await.result(consensus.truncate("k", 1)));
    assertEquals(List.of("2 v2", "3 v3", "4 v4", "5 v5"), scan(consensus, "k", 0, 10));
    Await.failure(DeterminateException.class, consensus.truncate("k", 6));
    assertEquals(3, Await.result(consensus.truncate("k", 5)));
    assertEquals(List.of("5 v5"), scan(consensus, "k", 0, 10));
    assertHead(consensus, "k", 5, "v5");
    assertEquals(Set.of("k"), keys(consensus));
  }

  @Test
  void shouldNeverFreeATruncatedNumber() throws Exception {
    Consensus consensus = opened("a");
    for (int seqno = 0; seqno < 4; seqno++) {
      assertTrue(append(consensus, "k", seqno, "v" + seqno));
    }
    assertEquals(3, Await.result(consensus.truncate("k", 3)));

    for (int seqno = 0; seqno < 4; seqno++) {
      assertFalse(append(consensus, "k", seqno, "again"));
    }
    assertTrue(append(consensus, "k", 4, "v4"));
    assertEquals(List.of("3 v3", "4 v4"), scan(consensus, "k", 0, 10));
  }

  @Test
  void shouldKeepKeysApart() throws Exception {
    Consensus consensus = opened("a");
    assertTrue(append(consensus, "k", 0, "k0"));
    assertTrue(append(consensus, "k", 1, "k1"));
    assertTrue(append(consensus, "k2", 0, "l0"));
    assertTrue(append(consensus, "a/b", 0, "m0"));

    assertEquals(1, Await.result(consensus.truncate("k", 1)));
    assertEquals(List.of("1 k1"), scan(consensus, "k", 0, 10));
    assertEquals(List.of("0 l0"), scan(consensus, "k2", 0, 10));
    assertEquals(List.of("0 m0"), scan(consensus, "a/b", 0, 10));
    assertEquals(Set.of("k", "k2", "a/b"), keys(consensus));
  }

  @Test
  void shouldListManyKeys() throws Exception {
    Consensus consensus = opened("a");
    Set<String> expected = new TreeSet<>();
    List<io.vertx.core.Future<Boolean>> appends = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      expected.add("key-" + i);
      appends.add(consensus.compareAndSet("key-" + i, version(0, "v")));
    }
    for (io.vertx.core.Future<Boolean> append : appends) {
      assertTrue(Await.result(append));
    }

    assertEquals(expected, keys(consensus));
  }

  @Test
  void shouldFailAListWhoseConsumerFails() throws Exception {
    Consensus consensus = opened("a");
    assertTrue(append(consensus, "k", 0, "v"));

    Await.failure(
        ArithmeticException.class,
        consensus.listKeys(
            key -> {
              throw new ArithmeticException(key);
            }));
  }

  @Test
  void shouldCarryValuesOfEverySize() throws Exception {
    Consensus consensus = opened("a");
    int[] sizes = {0, 1, 4095, 10 << 10, Consensus.MAX_VALUE_BYTES};

    for (int i = 0; i < sizes.length; i++) {
      byte[] data = new byte[sizes[i]];
      for (int b = 0; b < data.length; b++) {
        data[b] = (byte) (b * 31 + i);
      }
      assertTrue(Await.result(consensus.compareAndSet("k", new Version(i, data))));
      assertArrayEquals(data, Await.result(consensus.head("k")).orElseThrow().data());
      assertArrayEquals(data, Await.result(consensus.scan("k", i, 1)).get(0).data());
    }
  }

  @Test
  void shouldRefuseArgumentsThatAreOutOfRange() throws Exception {
    Consensus consensus = opened("a");
    String longest = "k".repeat(Consensus.MAX_KEY_LENGTH);

    assertTrue(append(consensus, longest, 0, "v"));
    assertHead(consensus, longest, 0, "v");
    for (String key : List.of("", longest + "k", "a b", "../a", "a//b", "a/", "ä", "a\0")) {
      assertThrows(IllegalArgumentException.class, () -> consensus.head(key));
      assertThrows(
          IllegalArgumentException.class, () -> consensus.compareAndSet(key, version(0, "v")));
      assertThrows(IllegalArgumentException.class, () -> consensus.scan(key, 0, 1));
      assertThrows(IllegalArgumentException.class, () -> consensus.truncate(key, 0));
    }
    assertThrows(IllegalArgumentException.class, () -> consensus.scan("k", -1, 1));
    assertThrows(IllegalArgumentException.class, () -> consensus.scan("k", 0, 0));
    assertThrows(IllegalArgumentException.class, () -> consensus.truncate("k", -1));
    assertThrows(IllegalArgumentException.class, () -> version(-1, "v"));
    assertThrows(IllegalArgumentException.class, () -> version(Long.MAX_VALUE, "v"));
    assertThrows(
        IllegalArgumentException.class,
        () -> new Version(0, new byte[Consensus.MAX_VALUE_BYTES + 1]));
  }

  @Test
  void shouldShareALocationAndNothingElse() throws Exception {
    Consensus one = opened("a");
    Consensus same = opened("a");
    Consensus other = opened("b");

    assertTrue(append(one, "k", 0, "zero"));
    assertHead(same, "k", 0, "zero");
    assertFalse(append(same, "k", 0, "again"));
    assertTrue(append(same, "k", 1, "one"));
    assertHead(one, "k", 1, "one");
    assertEquals(1, Await.result(one.truncate("k", 1)));
    assertEquals(List.of("1 one"), scan(same, "k", 0, 10));
    assertEquals(Set.of("k"), keys(same));
    assertEquals(Set.of(), keys(other));
    assertTrue(append(other, "k", 0, "other"));
    assertHead(one, "k", 1, "one");
  }

  @Test
  void shouldAnswerOnTheContextOfTheCaller() throws Exception {
    Consensus consensus = opened("a");
    Vertx vertx = Vertx.vertx();
    try {
      Context context = vertx.getOrCreateContext();
      Context ofAppend =
          Await.resultOn(
              context,
              () -> consensus.compareAndSet("k", version(0, "v")).map(appended -> current()));
      assertSame(context, ofAppend);
      AtomicReference<Context> ofKey = new AtomicReference<>();
      Await.resultOn(context, () -> consensus.listKeys(key -> ofKey.set(current())));
      assertSame(context, ofKey.get());
    } finally {
      Await.result(vertx.close());
    }
  }

  @Test
  void shouldLetOneRacerWinEachNumber() throws Exception {
    Map<Long, String> winners = new ConcurrentHashMap<>();

    race(racer -> () -> winSome(opened("a"), racer, winners));

    Consensus consensus = opened("a");
    List<Version> versions = Await.result(consensus.scan("k", 0, Integer.MAX_VALUE));
    assertEquals(RACERS * winsPerRacer(), versions.size());
    for (int i = 0; i < versions.size(); i++) {
      assertEquals(i, versions.get(i).seqno());
      assertEquals(winners.get((long) i), text(versions.get(i)));
    }
  }

  @Test
  void shouldLetOneRacerWinEachNumberWhileItIsTruncated() throws Exception {
    Map<Long, String> winners = new ConcurrentHashMap<>();
    AtomicBoolean raced = new AtomicBoolean();
    Consensus truncating = opened("a");
    ExecutorService executor = Executors.newSingleThreadExecutor();
    Future<Long> removed = executor.submit(() -> truncateUntil(raced, truncating));

    race(racer -> () -> winSome(opened("a"), racer, winners));
    raced.set(true);
    long truncated = removed.get(60, TimeUnit.SECONDS);

    long left = Await.result(truncating.scan("k", 0, Integer.MAX_VALUE)).size();
    assertEquals((long) RACERS * winsPerRacer(), truncated + left);
    assertHead(
        truncating,
        "k",
        (long) RACERS * winsPerRacer() - 1,
        winners.get((long) RACERS * winsPerRacer() - 1));
    executor.shutdown();
  }

  private static void race(IntFunction<Callable<Void>> racers) throws Exception {
    ExecutorService executor = Executors.newFixedThreadPool(RACERS);
    List<Future<Void>> running = new ArrayList<>();
    for (int racer = 0; racer < RACERS; racer++) {
      running.add(executor.submit(racers.apply(racer)));
    }
    for (Future<Void> run : running) {
      run.get(60, TimeUnit.SECONDS);
    }
    executor.shutdown();
  }

  private Void winSome(Consensus consensus, int racer, Map<Long, String> winners) {
    int wins = 0;
    while (wins < winsPerRacer()) {
      long next = Await.result(consensus.head("k")).map(Version::seqno).orElse(-1L) + 1;
      String value = racer + ":" + wins;
      if (append(consensus, "k", next, value)) {
        wins++;
        String other = winners.put(next, value);
        assertEquals(null, other, "number " + next + " was won twice");
      }
    }
    return null;
  }

  private static long truncateUntil(AtomicBoolean done, Consensus consensus) {
    long removed = 0;
    while (!done.get()) {
      Optional<Version> head = Await.result(consensus.head("k"));
      if (head.isPresent()) {
        removed += Await.result(consensus.truncate("k", head.get().seqno()));
      }
    }
    return removed;
  }

  /** Opens a store that is closed after the test. */
  protected final Consensus opened(String location) throws Exception {
    Consensus consensus = open(location);
    synchronized (opened) {
      opened.add(consensus);
    }
    return consensus;
  }

  protected static Version version(long seqno, String text) {
    return new Version(seqno, text.getBytes(StandardCharsets.UTF_8));
  }

  protected static boolean append(Consensus consensus, String key, long seqno, String text) {
    return Await.result(consensus.compareAndSet(key, version(seqno, text)));
  }

  protected static void assertHead(Consensus consensus, String key, long seqno, String text) {
    Version head = Await.result(consensus.head(key)).orElseThrow();
    assertEquals(seqno + " " + text, head.seqno() + " " + text(head));
  }

  protected static List<String> scan(Consensus consensus, String key, long from, int limit) {
    return Await.result(consensus.scan(key, from, limit)).stream()
        .map(version -> version.seqno() + " " + text(version))
        .toList();
  }

  private static Set<String> keys(Consensus consensus) {
    Set<String> keys = new TreeSet<>();
    Await.result(consensus.listKeys(key -> assertTrue(keys.add(key), key)));
    return keys;
  }

  private static String text(Version version) {
    return new String(version.data(), StandardCharsets.UTF_8);
  }

  private static Context current() {
    return Vertx.currentContext();
  }
}
