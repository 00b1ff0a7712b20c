package io.tidemark.launcher.cluster;

import static org.junit.jupiter.api.Assertions.fail;

import io.tidemark.launcher.cli.CapturedTerminal;
import java.util.function.BooleanSupplier;

/** Waits for what happens in its own time, with a deadline. */
public final class Eventually {

  private static final int MAX_ROUNDS = 1_200;
  private static final long ROUND_MILLIS = 50;

  private Eventually() {}

  /** Returns once it is so; fails after a minute. */
  public static void eventually(BooleanSupplier isSo) {
    for (int round = 0; !isSo.getAsBoolean(); round++) {
      if (round == MAX_ROUNDS) {
        fail("it did not happen");
      }
      try {
        CapturedTerminal.pause(ROUND_MILLIS);
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }
}
