package io.tidemark.persist;

import java.util.Map;

/**
 * Takes away the readers whose lease is over, by the clock that versions carry. That alone moves no
 * since: what a slow reader still hopes to read stays until somebody moves a since on. Yields
 * whether there were any.
 */
final class ExpireReaders implements Command<Boolean> {

  @Override
  public Decision<Boolean> decide(ShardState state, long wallMillis) {
    StateDiff.Builder changes = new StateDiff.Builder();
    boolean any = false;
    for (Map.Entry<ReaderId, ReaderState> reader : state.readers().entrySet()) {
      if (reader.getValue().isExpired(wallMillis)) {
        changes.removeReader(reader.getKey());
        any = true;
      }
    }
    return any ? new Commit<>(changes, true) : new Break<>(false);
  }
}
