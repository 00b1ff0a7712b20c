package io.tidemark.persist;

import io.tidemark.progress.Antichain;
import org.jspecify.annotations.Nullable;

/**
 * Begins a new epoch: raises the number, removes every registered writer, registers one. From then
 * on whoever was registered before is fenced.
 */
final class StartEpoch implements Command<StartEpoch.Started> {

  /** Stands for any epoch, in place of the number of the one that is to end. */
  static final long ANY = -1;

  private final WriterId writer;
  private final @Nullable Coordinator coordinator;
  private final long after;

  /**
   * @param coordinator who begins it, if that is to be known
   * @param after the epoch that is to end: if another one has begun meanwhile, nothing is done;
   *     {@link #ANY} for whichever it is
   */
  StartEpoch(WriterId writer, @Nullable Coordinator coordinator, long after) {
    this.writer = writer;
    this.coordinator = coordinator;
    this.after = after;
  }

  /**
   * The epoch that began, or the one that has begun instead.
   *
   * @param epoch its number
   * @param upper the shard's upper at its beginning, as of consensus
   * @param begun whether this command has begun it
   */
  record Started(long epoch, Antichain upper, boolean begun) {}

  @Override
  public Decision<Started> decide(ShardState state, long wallMillis) {
    WriterState registered = state.writer(writer);
    if (registered != null) {
      return new Break<>(new Started(registered.epoch(), state.upper(), true));
    }
    if (state.isTombstone() || (after != ANY && state.epoch() != after)) {
      return new Break<>(new Started(state.epoch(), state.upper(), false));
    }
    long epoch = state.epoch() + 1;
    StateDiff.Builder changes = new StateDiff.Builder().epoch(epoch).coordinator(coordinator);
    state.writers().keySet().forEach(changes::removeWriter);
    changes.writer(writer, new WriterState(epoch, null, Antichain.minimum()));
    return new Commit<>(changes, new Started(epoch, state.upper(), true));
  }
}
