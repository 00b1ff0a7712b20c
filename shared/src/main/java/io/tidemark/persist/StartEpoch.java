package io.tidemark.persist;

import io.tidemark.progress.Antichain;
import org.jspecify.annotations.Nullable;

/**
 * Begins a new epoch: raises the number, removes every registered writer, registers one. From then
 * on whoever was registered before is fenced.
 */
final class StartEpoch implements Command<StartEpoch.Started> {

  private final WriterId writer;
  private final Succession succession;

  StartEpoch(WriterId writer, Succession succession) {
    this.writer = writer;
    this.succession = succession;
  }

  /**
   * Which epoch follows which.
   *
   * @param coordinator who begins it, if that is to be known
   * @param after the epoch that is to end: if another one has begun meanwhile, nothing is done; -1
   *     for whichever it is
   * @param floor the new one has a greater number than this, too
   */
  record Succession(@Nullable Coordinator coordinator, long after, long floor) {
    static final Succession OF_ANY = new Succession(null, -1, 0);

    boolean follows(long epoch) {
      return after < 0 || epoch == after;
    }
  }

  /**
   * The epoch that began, or the one that has begun instead.
   *
   * @param epoch its number
   * @param upper the shard's upper at its beginning, as of consensus
   * @param schema the newest when it was decided: the epoch writes under this one
   * @param begun whether this command has begun it
   */
  record Started(long epoch, Antichain upper, VersionedSchema schema, boolean begun) {}

  @Override
  public Decision<Started> decide(ShardState state, long wallMillis) {
    VersionedSchema schema = state.schemas().newest();
    WriterState registered = state.writer(writer);
    if (registered != null) {
      return new Break<>(new Started(registered.epoch(), state.upper(), schema, true));
    }
    if (state.isTombstone() || !succession.follows(state.epoch())) {
      return new Break<>(new Started(state.epoch(), state.upper(), schema, false));
    }
    long epoch = Math.max(state.epoch(), succession.floor()) + 1;
    StateDiff.Builder changes =
        new StateDiff.Builder().epoch(epoch).coordinator(succession.coordinator());
    state.writers().keySet().forEach(changes::removeWriter);
    changes.writer(writer, new WriterState(epoch, null, Antichain.minimum()));
    return new Commit<>(changes, new Started(epoch, state.upper(), schema, true));
  }
}
