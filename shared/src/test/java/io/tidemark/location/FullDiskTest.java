package io.tidemark.location;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.location.Consensus.Version;
import io.tidemark.location.file.FileBlob;
import io.tidemark.location.sqlite.SqliteConsensus;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Both stores on a disk where writes really fail: in a process that may make no file longer than 8
 * MiB.
 */
class FullDiskTest {

  private static final int LIMIT_BLOCKS_OF_512_BYTES = 16 << 10;

  @TempDir Path directory;

  @Test
  void shouldLoseNothingThatWasAnsweredWhenTheDiskIsFull() throws Exception {
    List<String> shell =
        List.of("sh", "-c", "ulimit -f " + LIMIT_BLOCKS_OF_512_BYTES + " && exec \"$@\"", "sh");
    try (ChildJvm child =
        ChildJvm.start(shell, Child.class, directory, directory.resolve("stores").toString())) {
      List<String> lines = child.finish();
      assertEquals("as it should", lines.get(lines.size() - 1));
    }
  }

  /** The process that may write so little. */
  static final class Child {

    private Child() {}

    /** Argument: the folder of the stores. */
    public static void main(String[] arguments) throws Exception {
      ChildJvm.endWithInput();
      Path stores = Path.of(arguments[0]);
      long head = fillConsensus(stores);
      try (SqliteConsensus consensus = open(stores)) {
        checkConsensus(consensus, head);
      }
      fillBlob(stores);
      System.out.println("as it should");
      System.out.flush();
    }

    /** Appends until that fails; returns the number that was answered last. */
    private static long fillConsensus(Path stores) {
      try (SqliteConsensus consensus = open(stores)) {
        assertTrue(append(consensus, 0, 1000).succeeded());
        assertFailed(append(consensus, 1, Consensus.MAX_VALUE_BYTES));
        assertTrue(append(consensus, 1, 1000).succeeded(), "what fits must go on");
        long next = 2;
        while (append(consensus, next, 256 << 10).succeeded()) {
          next++;
        }
        checkConsensus(consensus, next - 1);
        return next - 1;
      }
    }

    private static void checkConsensus(Consensus consensus, long answered) {
      List<Version> versions = Await.result(consensus.scan("k", 0, Integer.MAX_VALUE));
      // What failed at its commit may have happened all the same.
      assertTrue(versions.size() == answered + 1 || versions.size() == answered + 2);
      for (int i = 0; i < versions.size(); i++) {
        assertEquals(i, versions.get(i).seqno());
        assertEquals(i < 2 ? 1000 : 256 << 10, versions.get(i).data().length);
      }
    }

    private static Future<Boolean> append(Consensus consensus, long seqno, int bytes) {
      var append = consensus.compareAndSet("k", new Version(seqno, new byte[bytes]));
      boolean unused = Await.result(append.otherwise(false));
      return append;
    }

    private static void assertFailed(Future<?> call) {
      Await.failure(ExternalException.class, call);
    }

    private static void fillBlob(Path stores) {
      try (RealEnvironment.Threads threads = new RealEnvironment.Threads();
          FileBlob blob =
              FileBlob.open(
                  stores.resolve("blobs"),
                  threads,
                  RealEnvironment.ENTROPY,
                  RealEnvironment.CLOCK)) {
        Await.failure(DeterminateException.class, blob.set("s/w/large", new byte[9 << 20]));
        assertEquals(Optional.empty(), Await.result(blob.get("s/w/large")));
        Await.result(blob.set("s/w/small", new byte[1 << 20]));
        Await.failure(DeterminateException.class, blob.set("s/w/small", new byte[9 << 20]));
        assertEquals(1 << 20, Await.result(blob.get("s/w/small")).orElseThrow().length);
        assertEquals(0, stores.resolve("blobs/.tmp").toFile().list().length);
      }
    }

    private static SqliteConsensus open(Path stores) {
      return SqliteConsensus.open(
          stores.resolve("consensus"), RealEnvironment.ENTROPY, RealEnvironment.CLOCK);
    }
  }
}
