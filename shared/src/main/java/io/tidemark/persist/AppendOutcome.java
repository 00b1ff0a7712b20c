package io.tidemark.persist;

import io.tidemark.progress.Antichain;

/** How an append ended. All of these are certain; what is not known is a failure. */
public sealed interface AppendOutcome {

  /**
   * The updates are in the shard, durably, once.
   *
   * @param upper the shard's upper with them
   */
  record Committed(Antichain upper) implements AppendOutcome {}

  /**
   * The shard's upper is not where the append begins. Nothing was changed.
   *
   * @param expected where the append begins
   * @param current where the upper stands
   */
  record UpperMismatch(Antichain expected, Antichain current) implements AppendOutcome {}

  /**
   * A newer epoch has begun, and this writer is not registered any more. It must stop, and clean up
   * nothing: if an earlier try of this append was not answered, that try may have been committed
   * before.
   *
   * @param epoch the epoch that has begun
   */
  record Fenced(long epoch) implements AppendOutcome {}

  /**
   * A producer's messages do not follow those that are committed. Nothing was changed.
   *
   * @param producer whose
   * @param committed the last number that is committed
   * @param first the number that the append begins with
   */
  record SequenceMismatch(String producer, long committed, long first) implements AppendOutcome {}

  /** The state carries too many inline bytes already. Nothing was changed. */
  record InlineBackpressure() implements AppendOutcome {}
}
