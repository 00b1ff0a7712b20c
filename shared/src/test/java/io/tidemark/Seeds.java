package io.tidemark;

import java.util.function.LongConsumer;

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

  /** Runs {@code test} for the seeds 1 to {@code count}, or only for the replayed one. */
  public static void forEach(int count, LongConsumer test) {
    Long only = replayed();
    if (only != null) {
      run(only, test);
      return;
    }
    for (long seed = 1; seed <= count; seed++) {
      run(seed, test);
    }
  }

  private static void run(long seed, LongConsumer test) {
    try {
      test.accept(seed);
    } catch (Throwable e) {
      throw new AssertionError("seed " + seed + " failed; replay it with -Dseed=" + seed, e);
    }
  }
}
