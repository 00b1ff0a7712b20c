package io.tidemark.persist;

import java.time.Duration;

/**
 * How readers are kept, and how news is looked for that nobody tells of.
 *
 * @param leaseMillis a reader that is not heard of for this long is taken away
 * @param updateMillis what the readers of a process need is committed at most this often, together
 * @param firstPollMillis who waits looks for what other processes committed this soon…
 * @param maxPollMillis …and ever more seldom while nothing changes, but at least this often
 */
public record ReadOptions(
    long leaseMillis, long updateMillis, long firstPollMillis, long maxPollMillis) {

  /** A lease is renewed so many times before it is over. */
  static final int RENEWALS = 4;

  /** What a node uses unless it is configured otherwise. */
  public static final ReadOptions DEFAULTS =
      new ReadOptions(Duration.ofMinutes(15).toMillis(), 5_000, 100, 2_000);

  public ReadOptions {
    if (leaseMillis < RENEWALS || updateMillis < 1 || firstPollMillis < 1) {
      throw new IllegalArgumentException("a time of readers is below 1 ms");
    }
    if (maxPollMillis < firstPollMillis) {
      throw new IllegalArgumentException("the longest delay of polls is below the first");
    }
  }
}
