package io.tidemark.persist;

import io.tidemark.progress.Antichain;

/**
 * Begins a new epoch: raises the number, removes every registered writer, registers one. From then
 * on whoever was registered before is fenced.
 */
final class StartEpoch implements Command<StartEpoch.Started> {

  private final WriterId writer;

  StartEpoch(WriterId writer) {
    this.writer = writer;
  }

  /**
   * The epoch that began.
   *
   * @param epoch its number
   * @param upper the shard's upper at its beginning, as of consensus
   */
  record Started(long epoch, Antichain upper) {}

  @Override
  public Decision<Started> decide(ShardState state, long wallMillis) {
    WriterState registered = state.writer(writer);
    if (registered != null) {
      return new Break<>(new Started(registered.epoch(), state.upper()));
    }
    long epoch = state.epoch() + 1;
    StateDiff.Builder changes = new StateDiff.Builder().epoch(epoch);
    state.writers().keySet().forEach(changes::removeWriter);
    changes.writer(writer, new WriterState(epoch, null, Antichain.minimum()));
    return new Commit<>(changes, new Started(epoch, state.upper()));
  }
}
