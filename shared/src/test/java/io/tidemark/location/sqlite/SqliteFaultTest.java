package io.tidemark.location.sqlite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.environment.Clock;
import io.tidemark.location.Await;
import io.tidemark.location.Consensus.Version;
import io.tidemark.location.DeterminateException;
import io.tidemark.location.IndeterminateException;
import io.tidemark.location.RealEnvironment;
import io.tidemark.location.sqlite.FaultyConnections.Hold;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteErrorCode;

/** Errors of the database, other processes in the way, and full queues. */
class SqliteFaultTest {

  @TempDir Path directory;

  private final AtomicLong nanosPerLook = new AtomicLong();
  private Database database;
  private FaultyConnections connections;
  private SqliteConsensus consensus;

  @BeforeEach
  void open() {
    database = new Database(directory);
    connections = new FaultyConnections(database);
    consensus =
        SqliteConsensus.open(
            database, connections, new BusyRetry(clock(), RealEnvironment.ENTROPY));
  }

  @AfterEach
  void close() {
    connections.before = sql -> {};
    connections.after = sql -> {};
    consensus.close();
    assertEquals(connections.opened.get(), connections.closed.get(), "connections leak");
  }

  /** A clock that also moves on, if a test says so, each time that it is looked at. */
  private Clock clock() {
    AtomicLong skippedNanos = new AtomicLong();
    return new Clock() {
      @Override
      public long wallMillis() {
        throw new UnsupportedOperationException("no wall clock is needed");
      }

      @Override
      public long monotonicNanos() {
        return System.nanoTime() + skippedNanos.addAndGet(nanosPerLook.get());
      }
    };
  }

  @Test
  void shouldCommitAllThatWaitsAtOnce() throws Exception {
    AtomicInteger commits = new AtomicInteger();
    connections.before =
        sql -> {
          if (sql.equals("COMMIT")) {
            commits.incrementAndGet();
          }
        };
    Hold held = holdWriter();
    List<Future<Boolean>> appends = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      appends.add(consensus.compareAndSet("k" + i % 10, version(i / 10)));
    }
    held.release();

    for (Future<Boolean> append : appends) {
      assertTrue(Await.result(append));
    }
    assertEquals(2, commits.get(), "the commit that was held, and one for all the others");
  }

  @Test
  void shouldNotKnowTheOutcomeOfAnyCallWhoseCommitFailed() throws Exception {
    Hold held = holdWriter();
    Future<Boolean> append = consensus.compareAndSet("k", version(0));
    Future<Boolean> mismatch = consensus.compareAndSet("l", version(5));
    connections.before = FaultyConnections.failing("COMMIT", SQLiteErrorCode.SQLITE_IOERR_FSYNC);
    held.release();

    Await.failure(IndeterminateException.class, append);
    Await.failure(IndeterminateException.class, mismatch);
    connections.before = sql -> {};
    assertEquals(Optional.empty(), Await.result(consensus.head("k")));
    assertTrue(Await.result(consensus.compareAndSet("k", version(0))));
    assertEquals(3, connections.opened.get(), "the writer's connection must be opened anew");
  }

  @Test
  void shouldNotKnowTheOutcomeOfACommitThatFailedAfterItsEffect() {
    connections.after = FaultyConnections.failing("COMMIT", SQLiteErrorCode.SQLITE_FULL);
    Await.failure(IndeterminateException.class, consensus.compareAndSet("k", version(0)));
    connections.after = sql -> {};

    assertFalse(Await.result(consensus.compareAndSet("k", version(0))));
    assertEquals(0, Await.result(consensus.head("k")).orElseThrow().seqno());
  }

  @Test
  void shouldHaveDoneNothingOfAGroupThatFailedBeforeItsCommit() throws Exception {
    Hold held = holdWriter();
    Future<Boolean> first = consensus.compareAndSet("k", version(0));
    Future<Boolean> second = consensus.compareAndSet("l", version(0));
    AtomicInteger inserts = new AtomicInteger();
    connections.before =
        sql -> {
          if (sql.startsWith("INSERT") && inserts.incrementAndGet() == 2) {
            FaultyConnections.failing("INSERT", SQLiteErrorCode.SQLITE_FULL).run(sql);
          }
        };
    held.release();

    Await.failure(DeterminateException.class, first);
    Await.failure(DeterminateException.class, second);
    assertEquals(Optional.empty(), Await.result(consensus.head("k")));
    assertTrue(Await.result(consensus.compareAndSet("k", version(0))));
    assertTrue(Await.result(consensus.compareAndSet("l", version(0))));
  }

  @Test
  void shouldFailDeterminatelyWhileNoTransactionBegins() {
    connections.before = FaultyConnections.failing("BEGIN", SQLiteErrorCode.SQLITE_IOERR_LOCK);
    for (int i = 0; i < 5; i++) {
      Await.failure(DeterminateException.class, consensus.compareAndSet("k", version(0)));
    }
    connections.before = sql -> {};

    assertTrue(Await.result(consensus.compareAndSet("k", version(0))));
  }

  @Test
  void shouldFailAReadAndOpenAnew() {
    assertTrue(Await.result(consensus.compareAndSet("k", version(0))));
    connections.before = FaultyConnections.failing("SELECT", SQLiteErrorCode.SQLITE_CORRUPT);
    DeterminateException e = Await.failure(DeterminateException.class, consensus.head("k"));
    assertTrue(e.getMessage().contains("SQLITE_CORRUPT"), e.getMessage());
    Await.failure(DeterminateException.class, consensus.scan("k", 0, 1));
    connections.before = sql -> {};

    assertEquals(0, Await.result(consensus.head("k")).orElseThrow().seqno());
    assertEquals(4, connections.opened.get());
  }

  @Test
  void shouldGoOnWhenACheckpointFails() {
    connections.before =
        FaultyConnections.failing("PRAGMA wal_checkpoint", SQLiteErrorCode.SQLITE_IOERR_FSYNC);
    for (int i = 0; i < 3; i++) {
      Version large = new Version(i, new byte[8 << 20]);
      assertTrue(Await.result(consensus.compareAndSet("k", large)));
    }
    connections.before = sql -> {};

    assertTrue(Await.result(consensus.compareAndSet("k", version(3))));
    assertTrue(connections.opened.get() > 2, "a checkpoint that failed must not be tried again");
  }

  @Test
  void shouldGoOnAfterWhatWasNotForeseen() {
    connections.before =
        sql -> {
          if (sql.startsWith("PRAGMA wal_checkpoint")) {
            throw new IllegalStateException("injected");
          }
        };
    Version large = new Version(0, new byte[8 << 20]);
    assertTrue(Await.result(consensus.compareAndSet("k", large)));

    assertTrue(Await.result(consensus.compareAndSet("k", version(1))));
  }

  @Test
  void shouldWaitForAnotherProcess() throws Exception {
    try (Connection other = database.connect();
        Statement statement = other.createStatement()) {
      statement.execute("BEGIN IMMEDIATE");
      CountDownLatch attempts = new CountDownLatch(5);
      connections.before = sql -> attempts.countDown();
      Future<Boolean> append = consensus.compareAndSet("k", version(0));
      assertTrue(attempts.await(60, TimeUnit.SECONDS));
      assertFalse(append.isComplete());
      assertEquals(Optional.empty(), Await.result(consensus.head("k")), "a read must not wait");

      statement.execute("INSERT INTO version VALUES ('k', 0, x'00')");
      statement.execute("COMMIT");
      assertFalse(Await.result(append));
    }
  }

  @Test
  void shouldSayThatAnotherProcessHoldsTheDatabase() throws Exception {
    try (Connection other = database.connect();
        Statement statement = other.createStatement()) {
      statement.execute("BEGIN IMMEDIATE");
      nanosPerLook.set(TimeUnit.SECONDS.toNanos(1));

      DeterminateException e =
          Await.failure(DeterminateException.class, consensus.compareAndSet("k", version(0)));
      assertTrue(e.getMessage().contains("another process"), e.getMessage());
      nanosPerLook.set(0);
      statement.execute("ROLLBACK");
      assertTrue(Await.result(consensus.compareAndSet("k", version(0))));
    }
  }

  @Test
  void shouldRefuseWhatFindsNoRoom() throws Exception {
    Hold held = holdWriter();
    List<Future<Boolean>> accepted = new ArrayList<>();
    for (int i = 0; i < Writer.MAX_WAITING; i++) {
      accepted.add(consensus.compareAndSet("k", version(i)));
    }
    DeterminateException e =
        Await.failure(
            DeterminateException.class, consensus.compareAndSet("k", version(Writer.MAX_WAITING)));
    assertTrue(e.getMessage().contains("overloaded"), e.getMessage());
    held.release();

    for (Future<Boolean> append : accepted) {
      assertTrue(Await.result(append));
    }
    assertTrue(Await.result(consensus.compareAndSet("k", version(Writer.MAX_WAITING))));
  }

  @Test
  void shouldRefuseMoreBytesThanItHasRoomFor() throws Exception {
    byte[] data = new byte[16 << 20];
    Hold held = holdWriter();
    List<Future<Boolean>> accepted = new ArrayList<>();
    int fit = (int) (Writer.MAX_WAITING_BYTES / data.length);
    for (int i = 0; i < fit; i++) {
      accepted.add(consensus.compareAndSet("k", new Version(i, data)));
    }
    Await.failure(DeterminateException.class, consensus.compareAndSet("k", new Version(fit, data)));
    held.release();

    for (Future<Boolean> append : accepted) {
      assertTrue(Await.result(append));
    }
    assertTrue(Await.result(consensus.compareAndSet("k", version(fit))));
  }

  @Test
  void shouldRefuseReadsThatFindNoRoom() throws Exception {
    Hold held = connections.hold("SELECT");
    List<Future<Optional<Version>>> accepted = new ArrayList<>();
    accepted.add(consensus.head("k"));
    held.awaitReached();
    for (int i = 0; i < Reader.MAX_WAITING; i++) {
      accepted.add(consensus.head("k"));
    }
    Await.failure(DeterminateException.class, consensus.head("k"));
    held.release();

    for (Future<Optional<Version>> head : accepted) {
      assertEquals(Optional.empty(), Await.result(head));
    }
  }

  @Test
  void shouldRunWhatWaitsWhenItIsClosed() throws Exception {
    Hold held = holdWriter();
    Future<Boolean> append = consensus.compareAndSet("k", version(0));
    Thread closing = new Thread(consensus::close);
    closing.start();
    held.release();

    assertTrue(Await.result(append));
    closing.join(60_000);
    assertFalse(closing.isAlive());
  }

  @Test
  void shouldFailWhatItCannotRunBeforeTheTimeIsUp() throws Exception {
    BusyRetry retry = new BusyRetry(clock(), RealEnvironment.ENTROPY);
    Writer writer = new Writer(database, retry, () -> new WriteSession(connections.connect()));
    Hold held = connections.hold("BEGIN");
    writer.start();
    Write<Boolean> running = new Write.Append("k", version(0));
    Future<Boolean> runs = writer.submit(running, running.future());
    held.awaitReached();
    Write<Boolean> waiting = new Write.Append("k", version(1));
    Future<Boolean> waits = writer.submit(waiting, waiting.future());

    writer.stop();
    writer.join(1);
    Await.failure(DeterminateException.class, waits);
    held.release();
    assertTrue(Await.result(runs));
    writer.join(60_000);
  }

  private static Version version(long seqno) {
    return new Version(seqno, new byte[] {(byte) seqno});
  }

  /** Holds the writer within a commit of nothing, so that what comes waits for it together. */
  private Hold holdWriter() throws InterruptedException {
    Hold hold = connections.hold("COMMIT");
    Future<Boolean> unused = consensus.compareAndSet("held", version(7));
    hold.awaitReached();
    return hold;
  }
}
