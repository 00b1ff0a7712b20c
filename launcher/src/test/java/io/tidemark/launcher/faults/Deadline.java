package io.tidemark.launcher.faults;

import io.tidemark.launcher.cli.CapturedTerminal;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for things that other processes do. */
final class Deadline {

  private static final long ROUND_MILLIS = 25;

  private Deadline() {}

  /**
   * Waits until a condition holds.
   *
   * @param what is waited for, and where to look if it does not come; asked for then
   */
  static void await(long seconds, Supplier<String> what, BooleanSupplier condition)
      throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - end > 0) {
        throw new AssertionError("not within " + seconds + " s: " + what.get());
      }
      pause(ROUND_MILLIS);
    }
  }

  /** Waits so long at the most until a condition holds. */
  static void poll(long seconds, BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    while (!condition.getAsBoolean() && System.nanoTime() - end < 0) {
      pause(ROUND_MILLIS);
    }
  }

  /** Lets time pass, for faults that last. */
  static void pause(long millis) throws InterruptedException {
    CapturedTerminal.pause(millis);
  }
}
