package io.tidemark.location.sqlite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.location.Await;
import io.tidemark.location.Consensus;
import io.tidemark.location.Consensus.Version;
import io.tidemark.location.ConsensusContract;
import io.tidemark.location.DeterminateException;
import io.tidemark.location.RealEnvironment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteConsensusTest extends ConsensusContract {

  @TempDir Path directory;

  @Override
  protected Consensus open(String location) {
    return SqliteConsensus.open(
        directory.resolve("deep").resolve(location),
        RealEnvironment.ENTROPY,
        RealEnvironment.CLOCK);
  }

  @Test
  void shouldKeepWhatWasAppendedWhenItIsOpenedAgain() {
    SqliteConsensus first = (SqliteConsensus) open("a");
    assertTrue(append(first, "k", 0, "zero"));
    assertTrue(append(first, "k", 1, "one"));
    assertEquals(1, Await.result(first.truncate("k", 1)));
    first.close();

    SqliteConsensus second = (SqliteConsensus) open("a");
    assertHead(second, "k", 1, "one");
    assertFalse(append(second, "k", 0, "again"));
    second.close();
  }

  @Test
  void shouldRefuseCallsOnceClosed() {
    SqliteConsensus consensus = (SqliteConsensus) open("a");
    consensus.close();

    assertRefusesCalls(consensus);
    consensus.close();
  }

  @Test
  void shouldLeaveNoThreadAndNoLogBehind() throws Exception {
    SqliteConsensus consensus = (SqliteConsensus) open("a");
    assertTrue(append(consensus, "k", 0, "v"));
    consensus.close();

    assertFalse(
        Thread.getAllStackTraces().keySet().stream()
            .anyMatch(thread -> thread.getName().startsWith("tidemark-sqlite")));
    try (Stream<Path> files = Files.list(directory.resolve("deep/a"))) {
      assertEquals(1, files.count(), "the log is merged into the database");
    }
  }

  @Test
  void shouldRefuseADatabaseOfANewerVersion() throws Exception {
    ((SqliteConsensus) open("a")).close();
    Database database = new Database(directory.resolve("deep/a"));
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA user_version = " + (Database.SCHEMA_VERSION + 1));
    }

    DeterminateException e = assertThrows(DeterminateException.class, () -> open("a"));
    assertTrue(e.getMessage().contains("schema version 2"), e.getMessage());
    assertTrue(e.getMessage().contains("use a newer one"), e.getMessage());
  }

  @Test
  void shouldRefuseAFileThatIsNoDatabase() throws Exception {
    Path file = Files.createDirectories(directory.resolve("deep/a")).resolve(Database.FILE_NAME);
    Files.write(file, new byte[8192]);
    Files.writeString(file, "not a database ".repeat(300));

    DeterminateException e = assertThrows(DeterminateException.class, () -> open("a"));
    assertTrue(e.getMessage().contains("SQLITE_NOTADB"), e.getMessage());
  }

  @Test
  void shouldRefuseAFolderThatIsAFile() throws Exception {
    Files.createDirectories(directory.resolve("deep"));
    Files.writeString(directory.resolve("deep/a"), "in the way");

    assertThrows(DeterminateException.class, () -> open("a"));
    assertThrows(DeterminateException.class, () -> open("a/b"));
  }

  @Test
  void shouldOpenAFolderOfAnyName() throws Exception {
    for (String name : new String[] {"a b", "a?journal_mode=off", "100%41", "a#b", "ä"}) {
      SqliteConsensus consensus = (SqliteConsensus) open(name);
      assertTrue(append(consensus, "k", 0, "v"), name);
      consensus.close();
      assertTrue(
          Files.size(directory.resolve("deep").resolve(name).resolve(Database.FILE_NAME)) > 0);
    }
  }

  @Test
  void shouldKeepTheLogShort() throws Exception {
    Consensus consensus = opened("a");
    Path log = directory.resolve("deep/a").resolve(Database.FILE_NAME + "-wal");
    int written = 0;
    for (int seqno = 0; written < 5 * Writer.CHECKPOINT_PAGES * 4096; seqno++) {
      byte[] data = new byte[128 << 10];
      assertTrue(Await.result(consensus.compareAndSet("k", new Version(seqno, data))));
      written += data.length;
    }

    assertTrue(Files.size(log) < 2 * Writer.CHECKPOINT_PAGES * 4096, "" + Files.size(log));
  }
}
