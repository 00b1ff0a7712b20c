package io.tidemark.mint;

import io.tidemark.progress.Antichain;
import io.tidemark.protocol.Messages.Held;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Mints by the minter's own clock, which is the only one of the collection: when writers hold
 * updates and these have lingered, or when the heartbeat is due.
 */
final class IngestMinter extends Minter {

  private final Map<String, Held> holders = new HashMap<>();
  private long heldSinceMillis;
  private long lastMintMillis;

  IngestMinter(MintSettings settings, Antichain upper, long nowMillis) {
    super(settings, upper);
    this.lastMintMillis = nowMillis;
  }

  /**
   * A writer holds updates. What it said before its last description is covered by that already.
   */
  void held(Held held, long nowMillis) {
    if (held.after() < number()) {
      return;
    }
    if (holders.isEmpty()) {
      heldSinceMillis = nowMillis;
    }
    holders.put(held.writer(), held);
  }

  @Override
  @Nullable Antichain next(long wallMillis, long nowMillis) {
    if (dueInMillis(nowMillis) > 0) {
      return null;
    }
    lastMintMillis = nowMillis;
    return upTo(wallMillis);
  }

  @Override
  @Nullable Antichain last(long wallMillis) {
    return holders.isEmpty() ? null : upTo(wallMillis);
  }

  private Antichain upTo(long wallMillis) {
    holders.clear();
    long after = Math.min(upper().time(), Antichain.MAX_TIME) + 1;
    return Antichain.of(Math.max(after, wallMillis));
  }

  @Override
  long dueInMillis(long nowMillis) {
    long due = lastMintMillis + settings().heartbeatMillis();
    if (!holders.isEmpty()) {
      due = Math.min(due, heldSinceMillis + settings().lingerMillis());
      if (isBulk()) {
        due = Math.max(due, lastMintMillis + settings().bulkIntervalMillis());
      }
    }
    return Math.max(0, due - nowMillis);
  }

  /** A stream of large messages gets larger batches; a single one does not wait. */
  private boolean isBulk() {
    long bytes = 0;
    for (Held held : holders.values()) {
      bytes += held.bytes();
    }
    return bytes >= settings().bulkBytes();
  }
}
