package io.tidemark.environment;

/**
 * How long to wait before the next try: doubling from a first delay to a cap, each with a jitter of
 * a tenth either way.
 */
public final class Backoff {

  private final Entropy entropy;
  private final long firstMillis;
  private final long capMillis;
  private long nextMillis;
  private int tries;

  public Backoff(Entropy entropy, long firstMillis, long capMillis) {
    this.entropy = entropy;
    this.firstMillis = firstMillis;
    this.capMillis = capMillis;
    this.nextMillis = firstMillis;
  }

  /** The next delay, in milliseconds, at least 1. */
  public long nextMillis() {
    double jittered = nextMillis * (0.9 + 0.2 * entropy.nextUnit());
    nextMillis = Math.min(nextMillis * 2, capMillis);
    tries++;
    return Math.max(1, Math.round(jittered));
  }

  /** How many delays have been asked for since the last reset. */
  public int tries() {
    return tries;
  }

  /** Starts again from the first delay. */
  public void reset() {
    nextMillis = firstMillis;
    tries = 0;
  }
}
