package io.tidemark.environment;

/**
 * A source of time. No clock decides safety here: the wall clock stamps rows and text, the
 * monotonic one decides when to try again.
 */
public interface Clock {

  /** Milliseconds since the epoch. May jump, either way. */
  long wallMillis();

  /** Nanoseconds from an arbitrary origin. Never goes back. */
  long monotonicNanos();

  /** {@link #monotonicNanos()} in whole milliseconds. */
  default long monotonicMillis() {
    return monotonicNanos() / 1_000_000;
  }
}
