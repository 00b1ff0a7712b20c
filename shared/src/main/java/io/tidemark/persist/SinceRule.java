package io.tidemark.persist;

import io.tidemark.progress.Antichain;
import java.util.Map;

/**
 * What {@code since} may move up to. Every registered reader and every critical since holds it
 * back; only critical sinces move it: as long as there is none, nobody has said that history may
 * go, and reading does not make it go.
 */
final class SinceRule {

  private SinceRule() {}

  /** The since of a shard with these readers and critical sinces; never before its since now. */
  static Antichain next(
      ShardState state, Map<ReaderId, ReaderState> readers, Map<String, SinceState> sinces) {
    if (sinces.isEmpty()) {
      return state.since();
    }
    Antichain least = state.upper();
    for (SinceState critical : sinces.values()) {
      least = Antichain.meet(least, critical.since());
    }
    for (ReaderState reader : readers.values()) {
      least = Antichain.meet(least, reader.since());
    }
    return Antichain.join(state.since(), least);
  }
}
