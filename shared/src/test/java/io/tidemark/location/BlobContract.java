package io.tidemark.location;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What every blob store must do. A subclass says how one is opened. */
public abstract class BlobContract {

  private static final int RACERS = 4;

  private final List<Blob> opened = new ArrayList<>();

  /** Opens a store on {@code location}: stores on the same one share their contents. */
  protected abstract Blob open(String location) throws Exception;

  /** How long a race is; a store whose calls take long has shorter ones. */
  protected int rounds() {
    return 60;
  }

  /**
   * Whether of several deletes of an object at one time only one finds it; otherwise at least one.
   */
  protected boolean findsADeletedObjectOnce() {
    return true;
  }

  @AfterEach
  void closeAll() throws Exception {
    for (Blob blob : opened) {
      if (blob instanceof AutoCloseable closeable) {
        closeable.close();
      }
    }
  }

  /** Fails unless every call of a store that was closed fails determinately. */
  protected static void assertRefusesCalls(Blob closed) {
    Await.failure(DeterminateException.class, closed.get("k"));
    Await.failure(DeterminateException.class, closed.set("k", bytes("v")));
    Await.failure(DeterminateException.class, closed.delete("k"));
    Await.failure(DeterminateException.class, closed.list("", entry -> {}));
    Await.failure(DeterminateException.class, closed.restore("k"));
  }

  @Test
  void shouldFindNothingInAnEmptyStore() throws Exception {
    Blob blob = opened("a");

    assertEquals("none", text(blob, "k"));
    assertEquals("none", text(blob, "a/b/c"));
    assertEquals(Set.of(), list(blob, ""));
    assertEquals(OptionalLong.empty(), Await.result(blob.delete("k")));
    assertEquals(OptionalLong.empty(), Await.result(blob.delete("a/b/c")));
    Await.failure(DeterminateException.class, blob.restore("k"));
  }

  @Test
  void shouldShareALocationAndNothingElse() throws Exception {
    Blob one = opened("a");
    Blob same = opened("a");
    Blob other = opened("b");

    set(one, "k", "v1");
    assertEquals("v1", text(same, "k"));
    assertEquals("v1", text(one, "k"));
    assertEquals("none", text(other, "k"));
    set(same, "k", "second");
    assertEquals("second", text(one, "k"));
    assertEquals(Set.of("k 6"), list(one, ""));
    assertEquals(Set.of(), list(other, ""));
    assertEquals(OptionalLong.of(6), Await.result(same.delete("k")));
    assertEquals("none", text(one, "k"));
  }

  @Test
  void shouldKeepWhatWasSetWhenItIsOpenedAgain() throws Exception {
    set(opened("a"), "s/w/p", "value");

    assertEquals("value", text(opened("a"), "s/w/p"));
  }

  @Test
  void shouldDeleteOnceAndSayHowMuch() throws Exception {
    Blob blob = opened("a");
    set(blob, "s/w/p", "ab");
    set(blob, "s/w/q", "");

    assertEquals(OptionalLong.of(2), Await.result(blob.delete("s/w/p")));
    assertEquals(OptionalLong.empty(), Await.result(blob.delete("s/w/p")));
    assertEquals("none", text(blob, "s/w/p"));
    assertEquals("", text(blob, "s/w/q"));
    assertEquals(OptionalLong.of(0), Await.result(blob.delete("s/w/q")));
    assertEquals(OptionalLong.empty(), Await.result(blob.delete("s/w/unknown")));
    assertEquals(OptionalLong.empty(), Await.result(blob.delete("s")));
    assertEquals(Set.of(), list(blob, ""));
    set(blob, "s/w/p", "again");
    assertEquals("again", text(blob, "s/w/p"));
  }

  @Test
  void shouldRestoreIffTheObjectIsThereAfterwards() throws Exception {
    Blob blob = opened("a");
    set(blob, "k", "v");
    Await.result(blob.restore("k"));
    assertEquals("v", text(blob, "k"));

    assertEquals(OptionalLong.of(1), Await.result(blob.delete("k")));
    io.vertx.core.Future<Void> restored = blob.restore("k");
    boolean back = Await.result(restored.map(true).otherwise(false));
    assertEquals(back ? "v" : "none", text(blob, "k"));
    assertEquals(back ? Set.of("k 1") : Set.of(), list(blob, ""));
    if (!back) {
      Await.failure(DeterminateException.class, restored);
    }
    set(blob, "k", "new");
    Await.result(blob.restore("k"));
    assertEquals("new", text(blob, "k"));
  }

  @Test
  void shouldListByPrefix() throws Exception {
    Blob blob = opened("a");
    for (String key : List.of("k", "k1", "l", "s1/w1/p1", "s1/w1/p2", "s1/w2/p1", "s12/w1/p1")) {
      set(blob, key, key);
    }

    assertEquals(7, list(blob, "").size());
    assertEquals(Set.of("k 1", "k1 2"), list(blob, "k"));
    assertEquals(Set.of("k1 2"), list(blob, "k1"));
    assertEquals(Set.of(), list(blob, "k1/"));
    assertEquals(Set.of(), list(blob, "x"));
    assertEquals(Set.of("s1/w1/p1 8", "s1/w1/p2 8", "s1/w2/p1 8"), list(blob, "s1/"));
    assertEquals(4, list(blob, "s1").size());
    assertEquals(Set.of("s1/w1/p1 8", "s1/w1/p2 8"), list(blob, "s1/w1"));
    assertEquals(Set.of("s1/w1/p2 8"), list(blob, "s1/w1/p2"));
    assertEquals(Set.of(), list(blob, "../"));
    assertEquals(Set.of(), list(blob, "s1//"));
  }

  @Test
  void shouldFailAListWhoseConsumerFails() throws Exception {
    Blob blob = opened("a");
    set(blob, "k", "v");

    Await.failure(
        ArithmeticException.class,
        blob.list(
            "",
            entry -> {
              throw new ArithmeticException(entry.key());
            }));
  }

  @Test
  void shouldCarryValuesOfEverySize() throws Exception {
    Blob blob = opened("a");

    for (int size : new int[] {0, 1, 4095, 1 << 20, (8 << 20) + 1}) {
      byte[] value = new byte[size];
      for (int i = 0; i < size; i++) {
        value[i] = (byte) (i * 31 + size);
      }
      Await.result(blob.set("s/w/p", value));
      assertArrayEquals(value, Await.result(blob.get("s/w/p")).orElseThrow());
      assertEquals(Set.of("s/w/p " + size), list(blob, ""));
    }
  }

  @Test
  void shouldKeepItsBytesToItself() throws Exception {
    Blob blob = opened("a");
    byte[] value = bytes("value");
    Await.result(blob.set("k", value));

    Arrays.fill(value, (byte) 'x');
    Arrays.fill(Await.result(blob.get("k")).orElseThrow(), (byte) 'y');
    assertEquals("value", text(blob, "k"));
  }

  @Test
  void shouldRefuseArgumentsThatAreOutOfRange() throws Exception {
    Blob blob = opened("a");
    String longest = "k".repeat(Blob.MAX_KEY_LENGTH);

    set(blob, longest, "v");
    assertEquals("v", text(blob, longest));
    set(blob, "a".repeat(99) + "/" + "b".repeat(100), "v");
    for (String key :
        List.of(
            "",
            longest + "k",
            "/a",
            "a/",
            "a//b",
            "..",
            "../a",
            "a/../b",
            ".",
            ".tmp/a",
            "a b",
            "a\\b",
            "a:b",
            "ä",
            "a\0")) {
      assertThrows(IllegalArgumentException.class, () -> blob.get(key), key);
      assertThrows(IllegalArgumentException.class, () -> blob.set(key, bytes("v")), key);
      assertThrows(IllegalArgumentException.class, () -> blob.delete(key), key);
      assertThrows(IllegalArgumentException.class, () -> blob.restore(key), key);
    }
    assertThrows(IllegalArgumentException.class, () -> blob.list(longest + "k", entry -> {}));
    assertThrows(IllegalArgumentException.class, () -> blob.list("*", entry -> {}));
    assertThrows(
        IllegalArgumentException.class, () -> blob.set("k", new byte[Blob.MAX_VALUE_BYTES + 1]));
  }

  @Test
  void shouldAnswerOnTheContextOfTheCaller() throws Exception {
    Blob blob = opened("a");
    Vertx vertx = Vertx.vertx();
    try {
      Context context = vertx.getOrCreateContext();
      Context ofSet =
          Await.resultOn(
              context, () -> blob.set("k", bytes("v")).map(done -> Vertx.currentContext()));
      assertSame(context, ofSet);
      AtomicReference<Context> ofEntry = new AtomicReference<>();
      Await.resultOn(context, () -> blob.list("", entry -> ofEntry.set(Vertx.currentContext())));
      assertSame(context, ofEntry.get());
    } finally {
      Await.result(vertx.close());
    }
  }

  @Test
  void shouldNeverShowAPartOfAnObjectThatIsReplaced() throws Exception {
    set(opened("a"), "s/w/p", "0:");

    race(
        racer ->
            () -> {
              Blob blob = opened("a");
              for (int round = 0; round < rounds(); round++) {
                if (racer % 2 == 0) {
                  set(blob, "s/w/p", racer + ":" + "x".repeat(round * 500));
                } else {
                  String seen = text(blob, "s/w/p");
                  assertEquals(0, (seen.length() - 2) % 500, "saw a part of an object");
                }
              }
              return null;
            });
  }

  @Test
  void shouldLetOneOfManyDeletesFindTheObject() throws Exception {
    AtomicInteger found = new AtomicInteger();
    Blob setting = opened("a");
    for (int round = 0; round < 10; round++) {
      set(setting, "s/w/p" + round, "v");
    }

    race(
        racer ->
            () -> {
              Blob blob = opened("a");
              for (int round = 0; round < 10; round++) {
                if (Await.result(blob.delete("s/w/p" + round)).isPresent()) {
                  found.incrementAndGet();
                }
              }
              return null;
            });
    assertTrue(findsADeletedObjectOnce() ? found.get() == 10 : found.get() >= 10, "" + found);
  }

  @Test
  void shouldSeeWhatWasSetWhileOthersComeAndGoBesideIt() throws Exception {
    race(
        racer ->
            () -> {
              Blob blob = opened("a");
              String key = "s/w/p" + racer;
              for (int round = 0; round < rounds(); round++) {
                set(blob, key, "v" + round);
                assertEquals("v" + round, text(blob, key));
                assertTrue(list(blob, "s/").contains(key + " " + ("v" + round).length()));
                assertTrue(Await.result(blob.delete(key)).isPresent());
                assertEquals("none", text(blob, key));
              }
              return null;
            });
    assertEquals(Set.of(), list(opened("a"), ""));
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

  /** Opens a store that is closed after the test. */
  protected final Blob opened(String location) throws Exception {
    Blob blob = open(location);
    synchronized (opened) {
      opened.add(blob);
    }
    return blob;
  }

  protected static void set(Blob blob, String key, String text) {
    Await.result(blob.set(key, bytes(text)));
  }

  /** The text of an object, or "none". */
  protected static String text(Blob blob, String key) {
    Optional<byte[]> value = Await.result(blob.get(key));
    return value.map(bytes -> new String(bytes, StandardCharsets.UTF_8)).orElse("none");
  }

  /** The keys and sizes below a prefix. */
  protected static Set<String> list(Blob blob, String prefix) {
    Set<String> entries = new TreeSet<>();
    Await.result(
        blob.list(prefix, entry -> assertTrue(entries.add(entry.key() + " " + entry.bytes()))));
    return entries;
  }

  protected static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
