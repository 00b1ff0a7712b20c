package io.tidemark.persist;

import io.tidemark.progress.Antichain;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a shard is made of, for people.
 *
 * @param seqno the version of the state
 * @param updates how many updates the parts hold: an upper bound of what reading gives
 * @param producers where producers stand, the longest idle first
 * @param offsets by source partition, where its source stands, as JSON text
 */
public record ShardSummary(
    ShardId shard,
    long seqno,
    Antichain since,
    Antichain upper,
    long epoch,
    int batches,
    long parts,
    long inlineBytes,
    long hollowBytes,
    long updates,
    Map<String, Position> producers,
    Map<String, String> offsets) {

  static ShardSummary of(ShardState state) {
    Trace trace = state.trace();
    return new ShardSummary(
        state.shard(),
        state.seqno(),
        state.since(),
        state.upper(),
        state.epoch(),
        trace.size(),
        trace.parts(),
        trace.inlineBytes(),
        trace.hollowBytes(),
        trace.updates(),
        new LinkedHashMap<>(state.positions()),
        Map.copyOf(state.offsets()));
  }
}
