package io.tidemark.persist;

/**
 * Does work on the merges of the spine for which no batch has paid, so that what could be one batch
 * is asked for as one. Says whether there was any: there is none once everything is one run.
 */
record Exert(long fuel) implements Command<Boolean> {

  @Override
  public Decision<Boolean> decide(ShardState state, long wallMillis) {
    return state.trace().runs() < 2
        ? new Break<>(false)
        : new Commit<>(new StateDiff.Builder().exert(fuel), true);
  }
}
