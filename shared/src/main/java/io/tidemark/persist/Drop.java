package io.tidemark.persist;

import io.tidemark.persist.InvalidUsageException.Rule;

/**
 * Ends a shard: nothing can be written or read any more, and nothing is held. Whoever writes is
 * fenced, whoever reads has lost its lease. Yields false if that was so already.
 */
final class Drop implements Command<Boolean> {

  private final boolean onlyIfFinal;

  /**
   * @param onlyIfFinal whether it is refused unless nothing can be written or read in any case
   */
  Drop(boolean onlyIfFinal) {
    this.onlyIfFinal = onlyIfFinal;
  }

  @Override
  public Decision<Boolean> decide(ShardState state, long wallMillis) {
    if (state.isTombstone()) {
      return new Break<>(false);
    }
    if (onlyIfFinal && !(state.upper().isEmpty() && state.since().isEmpty())) {
      throw new InvalidUsageException(
          Rule.FINALIZATION,
          "shard "
              + state.shard()
              + " cannot be finalized: its since is "
              + state.since()
              + " and its upper "
              + state.upper()
              + ", and both must be empty");
    }
    return new Commit<>(new StateDiff.Builder().epoch(state.epoch() + 1).drop(), true);
  }
}
