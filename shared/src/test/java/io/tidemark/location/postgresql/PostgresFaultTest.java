package io.tidemark.location.postgresql;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.TcpProxy;
import io.tidemark.location.Await;
import io.tidemark.location.Consensus;
import io.tidemark.location.Consensus.Version;
import io.tidemark.location.DeterminateException;
import io.tidemark.location.ExternalException;
import io.tidemark.location.IndeterminateException;
import io.vertx.core.Future;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PostgresFaultTest {

  private final StoreFixture stores = new StoreFixture();
  private final PostgresServer server = stores.server;

  @AfterEach
  void close() {
    stores.close();
  }

  private static Future<Boolean> append(Consensus store, long seqno, String text) {
    return store.compareAndSet("k", new Version(seqno, text.getBytes(StandardCharsets.UTF_8)));
  }

  private static String head(Consensus store) {
    Version head = Await.result(store.head("k")).orElseThrow();
    return head.seqno() + " " + new String(head.data(), StandardCharsets.UTF_8);
  }

  /** Answers once the store answers again, which it must do by itself. */
  private static void awaitHead(Consensus store) {
    Poll.until(
        () -> {
          Future<?> head = store.head("k");
          return Await.result(head.map(true).otherwise(false));
        },
        "the store answers again");
  }

  @Test
  void shouldNotKnowOfACommitWhoseReplyIsLost() {
    try (TcpProxy proxy = new TcpProxy("127.0.0.1", server.port())) {
      PostgresConsensus store = stores.open(PostgresServer.uri(stores.schema, proxy.port()));
      assertTrue(Await.result(append(store, 0, "zero")));
      assertTrue(Await.result(append(store, 1, "one")));

      proxy.dropReplies();
      Await.failure(IndeterminateException.class, append(store, 2, "two"));

      assertEquals("2 two", head(store));
      assertFalse(Await.result(append(store, 2, "again")));
      assertTrue(Await.result(append(store, 3, "three")));
    }
  }

  @Test
  void shouldGiveUpAnAnswerThatNeverComesAndTheConnectionWithIt() {
    try (TcpProxy proxy = new TcpProxy("127.0.0.1", server.port())) {
      PostgresConsensus store = stores.open(PostgresServer.uri(stores.schema, proxy.port()));
      assertTrue(Await.result(append(store, 0, "zero")));
      assertTrue(Await.result(append(store, 1, "one")));
      assertEquals("1 one", head(store));

      proxy.swallowReplies();
      Future<Boolean> write = append(store, 2, "two");
      Await.failure(DeterminateException.class, store.head("k"));
      Await.failure(IndeterminateException.class, write);
      Poll.until(() -> proxy.connections() == 0, "both connections are closed");

      assertEquals("2 two", head(store));
    }
  }

  @Test
  void shouldFailDeterminatelyWhileNobodyCanBeReached() {
    try (TcpProxy proxy = new TcpProxy("127.0.0.1", server.port())) {
      PostgresConsensus store = stores.open(PostgresServer.uri(stores.schema, proxy.port()));
      assertTrue(Await.result(append(store, 0, "zero")));

      proxy.refuse();
      Poll.until(
          () ->
              Await.failure(ExternalException.class, append(store, 1, "one"))
                  instanceof DeterminateException,
          "the lost connection is noticed");
      List<Future<Boolean>> many = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        many.add(append(store, 1, "one"));
      }
      many.forEach(call -> Await.failure(DeterminateException.class, call));
      Await.failure(DeterminateException.class, store.head("k"));

      proxy.accept();
      awaitHead(store);
      assertEquals("0 zero", head(store));
      assertTrue(Await.result(append(store, 1, "one")));
    }
  }

  @Test
  void shouldFailWithinABoundedTimeWhileTheServerIsFrozen() {
    PostgresConsensus store = stores.open();
    assertTrue(Await.result(append(store, 0, "zero")));
    assertTrue(Await.result(append(store, 1, "one")));

    server.freeze();
    try {
      Await.failure(IndeterminateException.class, append(store, 2, "two"));
      List<Future<?>> later =
          List.of(append(store, 2, "not sent"), store.head("k"), store.listKeys(key -> {}));
      later.forEach(call -> Await.failure(DeterminateException.class, call));
    } finally {
      server.thaw();
    }
    awaitHead(store);
    Poll.until(() -> !head(store).equals("1 one"), "the statement that was sent is run");
    assertEquals("2 two", head(store));
    assertTrue(Await.result(append(store, 3, "three")));
  }

  @Test
  void shouldEndAStatementThatWaitsTooLongForALock() throws Exception {
    PostgresConsensus store =
        stores.open(server.uri(stores.schema), new Timeouts(5_000, 300, 30_000, 30_000));
    assertTrue(Await.result(append(store, 0, "zero")));
    try (Connection other = server.connection();
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute("SELECT FROM " + stores.schema + ".tidemark_head FOR UPDATE");

      String message =
          Await.failure(DeterminateException.class, append(store, 1, "one")).getMessage();
      assertTrue(message.contains("57014"), message);
    }
    assertTrue(Await.result(append(store, 1, "one")));
  }

  @Test
  void shouldFailWhatWaitsTooLongForItsTurn() throws Exception {
    PostgresConsensus store =
        stores.open(server.uri(stores.schema), new Timeouts(5_000, 1_000, 30_000, 30_000));
    assertTrue(Await.result(append(store, 0, "zero")));
    try (Connection other = server.connection();
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute("SELECT FROM " + stores.schema + ".tidemark_head FOR UPDATE");
      Future<Boolean> first = append(store, 1, "one");
      Future<Boolean> second = append(store, 1, "two");
      stores.advance(60_000);
      Await.failure(DeterminateException.class, first);
      String message = Await.failure(DeterminateException.class, second).getMessage();
      assertTrue(message.contains("waited too long"), message);
    }
  }

  @Test
  void shouldRefuseWritesOnceTheServerTakesNone() {
    String role = stores.schema + "_writer";
    server.execute("CREATE ROLE " + role + " LOGIN SUPERUSER");
    PostgresConsensus store =
        stores.open(server.uri(stores.schema).replace("postgres@", role + "@"));
    assertTrue(Await.result(append(store, 0, "zero")));
    server.execute("ALTER ROLE " + role + " SET default_transaction_read_only = on");
    server.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '" + role + "'");
    Poll.until(
        () ->
            Await.failure(ExternalException.class, append(store, 1, "one"))
                .getMessage()
                .contains("is read-only"),
        "the next connection is refused");

    server.execute("ALTER ROLE " + role + " RESET default_transaction_read_only");
    awaitHead(store);
    assertTrue(Await.result(append(store, 1, "one")));
  }

  /** Each writer resolves what it does not know by what it finds, as shards do. */
  @Test
  void shouldLoseNothingWhenTheServerIsKilledUnderLoad() throws Exception {
    int writers = 3;
    AtomicBoolean done = new AtomicBoolean();
    List<AtomicInteger> acknowledged = new ArrayList<>();
    ExecutorService executor = Executors.newFixedThreadPool(writers);
    List<java.util.concurrent.Future<Void>> running = new ArrayList<>();
    PostgresConsensus store = stores.open();
    for (int i = 0; i < writers; i++) {
      String key = "k" + i;
      AtomicInteger count = new AtomicInteger();
      acknowledged.add(count);
      running.add(executor.submit(() -> write(store, key, count, done)));
    }
    for (int kill = 0; kill < 2; kill++) {
      awaitProgress(acknowledged);
      server.kill();
      server.start();
    }
    awaitProgress(acknowledged);
    done.set(true);
    for (java.util.concurrent.Future<Void> writer : running) {
      writer.get(60, TimeUnit.SECONDS);
    }
    executor.shutdown();

    for (int i = 0; i < writers; i++) {
      List<Version> versions = Await.result(store.scan("k" + i, 0, Integer.MAX_VALUE));
      assertEquals(acknowledged.get(i).get(), versions.size());
      for (int seqno = 0; seqno < versions.size(); seqno++) {
        assertEquals(seqno, versions.get(seqno).seqno());
        assertEquals(
            "value " + seqno, new String(versions.get(seqno).data(), StandardCharsets.UTF_8));
      }
    }
  }

  private static void awaitProgress(List<AtomicInteger> counts) {
    List<Integer> before = counts.stream().map(AtomicInteger::get).toList();
    for (int i = 0; i < counts.size(); i++) {
      int writer = i;
      Poll.until(
          () -> counts.get(writer).get() > before.get(writer) + 50, "writer " + i + " goes on");
    }
  }

  private static Void write(
      Consensus store, String key, AtomicInteger acknowledged, AtomicBoolean done) {
    boolean unknown = false;
    while (!done.get() || unknown) {
      int next = acknowledged.get();
      Version version = new Version(next, ("value " + next).getBytes(StandardCharsets.UTF_8));
      boolean mayBeOurs = unknown;
      Object outcome =
          Await.result(
              store
                  .compareAndSet(key, version)
                  .map(won -> (Object) won)
                  .otherwise(failure -> failure));
      if (Boolean.TRUE.equals(outcome) || (Boolean.FALSE.equals(outcome) && mayBeOurs)) {
        acknowledged.incrementAndGet();
        unknown = false;
      } else {
        assertFalse(outcome instanceof Boolean, "nobody else writes " + key);
        unknown |= outcome instanceof IndeterminateException;
      }
    }
    return null;
  }
}
