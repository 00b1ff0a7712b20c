package io.tidemark.persist;

/** Forgets the rollups of old versions, whose objects are gone. Yields whether there were any. */
final class ForgetRollups implements Command<Boolean> {

  private final long from;

  /**
   * @param from the version of the oldest rollup that is kept
   */
  ForgetRollups(long from) {
    this.from = from;
  }

  @Override
  public Decision<Boolean> decide(ShardState state, long wallMillis) {
    boolean any = !state.rollups().headMap(from).isEmpty();
    boolean left = !state.rollups().tailMap(from).isEmpty();
    return any && left && !state.isTombstone()
        ? new Commit<>(new StateDiff.Builder().rollupsFrom(from), true)
        : new Break<>(false);
  }
}
