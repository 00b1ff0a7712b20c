package io.tidemark.environment;

/** One-shot timers. The task runs on the context (thread, event loop) that set the timer. */
public interface Timers {

  /** Runs {@code task} once, no sooner than {@code millis} from now. {@code millis} may be 0. */
  Timer after(long millis, Runnable task);

  /** A timer that was set. */
  interface Timer {

    /** Keeps the task from running. Does nothing once it has run. */
    void cancel();
  }
}
