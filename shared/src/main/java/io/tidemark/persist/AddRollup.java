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
    if (rollup.equals(state.rollups().get(rollup.seqno()))) {
      return new Break<>(true);
    }
    // Also what was a rollup, and was forgotten since: that must not come back.
    if (state.rollup().seqno() >= rollup.seqno()) {
      return new Break<>(false);
    }
    StateDiff.Builder changes = new StateDiff.Builder().rollup(rollup);
    if (state.isTombstone()) {
      // The last one: nothing will be collected that the others were needed for.
      changes.rollupsFrom(rollup.seqno());
    }
    return new Commit<>(changes, true);
  }
}
