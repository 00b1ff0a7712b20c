package io.tidemark.location.sqlite;

import io.tidemark.location.Await;
import io.tidemark.location.ChildJvm;
import io.tidemark.location.Consensus;
import io.tidemark.location.Consensus.Version;
import io.tidemark.location.RealEnvironment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** A process that appends to one key as fast as it can, and says which numbers it won. */
final class RacingChild {

  static final String KEY = "raced";

  private RacingChild() {}

  /** Arguments: the folder, a name, and how often to win (0: until it is killed). */
  public static void main(String[] arguments) {
    ChildJvm.endWithInput();
    long wins = Long.parseLong(arguments[2]);
    try (SqliteConsensus consensus =
        SqliteConsensus.open(
            Path.of(arguments[0]), RealEnvironment.ENTROPY, RealEnvironment.CLOCK)) {
      for (long won = 0; wins == 0 || won < wins; won++) {
        System.out.println(win(consensus, arguments[1]));
      }
    }
  }

  /** Appends a version, whoever else does, and returns its number. */
  static long win(Consensus consensus, String name) {
    while (true) {
      long next = Await.result(consensus.head(KEY)).map(Version::seqno).orElse(-1L) + 1;
      if (Await.result(consensus.compareAndSet(KEY, new Version(next, value(name, next))))) {
        return next;
      }
    }
  }

  static byte[] value(String name, long seqno) {
    return (name + ":" + seqno + "x".repeat((int) (seqno % 2000))).getBytes(StandardCharsets.UTF_8);
  }
}
