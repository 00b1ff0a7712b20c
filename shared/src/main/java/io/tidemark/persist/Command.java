package io.tidemark.persist;

import io.tidemark.persist.Command.Decision;

/**
 * One step of a shard, decided from its state alone. It may be decided several times, on ever newer
 * states, and its changes may take effect although the store did not say so: so a command must find
 * in the state whether it has been applied, and then not change it again.
 */
interface Command<R> {

  /** What to do in this state; {@code wallMillis} is the wall clock. Does not change the state. */
  Decision<R> decide(ShardState state, long wallMillis);

  /** How long it may be tried, where commands in general may for {@code generalMillis}. */
  default long timeoutMillis(long generalMillis) {
    return generalMillis;
  }

  /** Told if the store did not say whether changes that it had decided took effect. */
  default void mayHaveHappened() {}

  /** What a command decided. */
  sealed interface Decision<R> {
    R result();
  }

  /** Nothing is written; the result holds as of the state that was seen. */
  record Break<R>(R result) implements Decision<R> {}

  /** The changes are to be committed; then the result holds. */
  record Commit<R>(StateDiff.Builder changes, R result) implements Decision<R> {}
}
