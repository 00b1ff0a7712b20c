package io.tidemark.mint;

import io.tidemark.progress.Antichain;
import io.tidemark.protocol.Messages.Held;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Mints by the minter's own clock, which is the only one of the collection: when writers hold
 * updates and these have lingered, or when the heartbeat is due. Only writers that have said that
 * they hold updates are asked for tokens; what another one holds belongs to the next description.
 * So a commit costs the same however many writers there are.
 */
final class IngestMinter extends Minter {

  private final Set<String> roster;
  private final Map<String, Held> holders = new TreeMap<>();

  /** The last description that each writer was asked for. */
  private final Map<String, Long> asked = new HashMap<>();

  private long heldSinceMillis;
  private long lastMintMillis;

  IngestMinter(MintSettings settings, Antichain upper, List<String> roster, long nowMillis) {
    super(settings, upper);
    this.roster = Set.copyOf(roster);
    this.lastMintMillis = nowMillis;
  }

  /**
   * A writer holds updates. What it said before the last description that it was asked for is
   * covered by that already.
   */
  void held(Held held, long nowMillis) {
    String writer = held.writer();
    if (!roster.contains(writer) || held.after() < asked.getOrDefault(writer, 0L)) {
      return;
    }
    if (holders.isEmpty()) {
      heldSinceMillis = nowMillis;
    }
    holders.put(writer, held);
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
    long after = Math.min(upper().time(), Antichain.MAX_TIME) + 1;
    return Antichain.of(Math.max(after, wallMillis));
  }

  @Override
  List<String> writers() {
    List<String> writers = List.copyOf(holders.keySet());
    writers.forEach(writer -> asked.put(writer, number()));
    holders.clear();
    return writers;
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
