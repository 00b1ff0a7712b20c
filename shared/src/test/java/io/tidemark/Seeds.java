package io.tidemark;

import java.util.List;
import java.util.function.LongConsumer;
import java.util.stream.LongStream;

/**
 * Runs a seeded test for many seeds, or for the one of {@code -Dseed=}. A failure names its seed,
 * and {@code mvn verify -Dseed=N} replays it.
 */
public final class Seeds {

  private Seeds() {}

  /** The seed that the command line asks to replay, or null. */
  public static Long replayed() {
    String seed = System.getProperty("seed", "");
    return seed.isEmpty() ? null : Long.valueOf(seed);
  }

  /** The seeds 1 to {@code count}, or only the replayed one. */
  public static List<Long> list(int count) {
    Long only = replayed();
    return only != null ? List.of(only) : LongStream.rangeClosed(1, count).boxed().toList();
  }

  /** Runs {@code test} for the seeds 1 to {@code count}, or only for the replayed one. */
  public static void forEach(int count, LongConsumer test) {
    list(count).forEach(seed -> run(seed, test));
  }

  private static void run(long seed, LongConsumer test) {
    try {
      test.accept(seed);
    } catch (Throwable e) {
      throw new AssertionError("seed " + seed + " failed; replay it with -Dseed=" + seed, e);
    }
  }
}
