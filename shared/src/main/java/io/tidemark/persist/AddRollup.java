package io.tidemark.persist;

/**
 * Makes a rollup, which has been written, the newest. Refuses one that is older than the newest.
 */
final class AddRollup implements Command<Boolean> {

  private final Rollup rollup;

  AddRollup(Rollup rollup) {
    this.rollup = rollup;
  }

  /** True iff the state names this rollup, by this call or by an earlier try of it. */
  @Override
  public Decision<Boolean> decide(ShardState state, long wallMillis) {
    if (state.rollup().equals(rollup)) {
      return new Break<>(true);
    }
    if (state.rollup().seqno() >= rollup.seqno()) {
      return new Break<>(false);
    }
    return new Commit<>(new StateDiff.Builder().rollup(rollup), true);
  }
}
