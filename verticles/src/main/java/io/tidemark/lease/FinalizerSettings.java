package io.tidemark.lease;

/**
 * How dropped collections are seen to their end.
 *
 * @param settleMillis how long after the first deletion what came late is deleted, too: longer than
 *     an upload takes that was under way
 * @param takeOverMillis for how long a node that did not coordinate the collection leaves it to the
 *     one that did; twice that at most
 * @param retryMillis how long after a failure it is tried again; twice that at most
 */
public record FinalizerSettings(long settleMillis, long takeOverMillis, long retryMillis) {

  public static final FinalizerSettings DEFAULTS = new FinalizerSettings(60_000, 120_000, 10_000);

  public FinalizerSettings {
    if (settleMillis < 1 || takeOverMillis < 1 || retryMillis < 1) {
      throw new IllegalArgumentException("a finalizer setting is below 1 ms");
    }
  }
}
