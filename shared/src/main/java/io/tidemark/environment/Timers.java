package io.tidemark.environment;

import com.google.errorprone.annotations.CanIgnoreReturnValue;

/** One-shot timers. The task runs on the context (thread, event loop) that set the timer. */
public interface Timers {

  /**
   * Runs {@code task} once, no sooner than {@code millis} from now. With 0 it runs as soon as what
   * runs now has returned.
   */
  @CanIgnoreReturnValue
  Timer after(long millis, Runnable task);

  /** A timer that was set. */
  interface Timer {

    /** Keeps the task from running. Does nothing once it has run. */
    void cancel();
  }
}
