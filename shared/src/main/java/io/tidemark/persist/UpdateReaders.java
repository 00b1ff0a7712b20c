package io.tidemark.persist;

import io.tidemark.progress.Antichain;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Registers readers, renews the leases of others with what they still need, and takes some away:
 * all those of one process in one version. A reader that is not registered any more is not brought
 * back: who holds it finds out from the state. Yields whether there was anything to do.
 */
final class UpdateReaders implements Command<Boolean> {

  /** The most readers that a shard has at a time: each is some 100 bytes of its state. */
  static final int MAX_READERS = 1024;

  private final Map<ReaderId, String> opened;
  private final List<? extends Held> held;
  private final Set<ReaderId> closed;
  private final long leaseMillis;

  /**
   * @param opened readers to register, each with its purpose
   * @param held readers whose leases are to be renewed
   * @param closed readers to take away
   */
  UpdateReaders(
      Map<ReaderId, String> opened,
      List<? extends Held> held,
      Set<ReaderId> closed,
      long leaseMillis) {
    this.opened = opened;
    this.held = held;
    this.closed = closed;
    this.leaseMillis = leaseMillis;
  }

  /** A reader and what it needs. Asked when the command is decided, which may be more than once. */
  interface Held {
    ReaderId id();

    Antichain since();

    /** The oldest version whose parts are still read; {@code next} if there is none. */
    long oldestSeqno(long next);
  }

  @Override
  public Decision<Boolean> decide(ShardState state, long wallMillis) {
    if (state.isTombstone()) {
      return new Break<>(false);
    }
    StateDiff.Builder changes = new StateDiff.Builder();
    Map<ReaderId, ReaderState> readers = new LinkedHashMap<>(state.readers());
    long next = state.seqno() + 1;
    boolean changed = false;
    for (ReaderId id : closed) {
      if (readers.remove(id) != null) {
        changes.removeReader(id);
        changed = true;
      }
    }
    for (Held reader : held) {
      ReaderState before = readers.get(reader.id());
      if (before != null) {
        ReaderState after =
            new ReaderState(
                Math.max(before.seqno(), reader.oldestSeqno(next)),
                Antichain.join(before.since(), reader.since()),
                wallMillis,
                leaseMillis,
                before.purpose());
        readers.put(reader.id(), after);
        changes.reader(reader.id(), after);
        changed = true;
      }
    }
    for (Map.Entry<ReaderId, String> each : opened.entrySet()) {
      if (!readers.containsKey(each.getKey()) && readers.size() < MAX_READERS) {
        ReaderState first =
            new ReaderState(next, state.since(), wallMillis, leaseMillis, each.getValue());
        readers.put(each.getKey(), first);
        changes.reader(each.getKey(), first);
        changed = true;
      }
    }
    if (!changed) {
      return new Break<>(false);
    }
    changes.since(state, SinceRule.next(state, readers, state.sinces()));
    return new Commit<>(changes, true);
  }
}
