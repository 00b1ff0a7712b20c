package io.tidemark.persist;

import io.tidemark.progress.Antichain;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a shard is made of, for people.
 *
 * @param seqno the version of the state
 * @param updates how many updates the parts hold: an upper bound of what reading gives
 * @param producers where producers stand, the longest idle first
 * @param offsets by source partition, where its source stands, as JSON text
 * @param readers who reads, and what that holds
 * @param criticalSinces by name, where they stand
 * @param seqnoSince the oldest version whose parts somebody may still read
 * @param rollups how many are kept: two or three, unless a reader holds old versions
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
    Map<String, String> offsets,
    List<Reader> readers,
    Map<String, Antichain> criticalSinces,
    long seqnoSince,
    int rollups) {

  /**
   * A leased reader.
   *
   * @param since it holds times from here on
   * @param seqno it holds what the state named as of this version
   * @param expiresMillis the wall clock when its lease is over unless it is heard of before
   */
  public record Reader(
      String id, String purpose, Antichain since, long seqno, long expiresMillis) {}

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
        Map.copyOf(state.offsets()),
        readers(state),
        criticalSinces(state),
        state.seqnoSince(),
        state.rollups().size());
  }

  private static List<Reader> readers(ShardState state) {
    List<Reader> readers = new ArrayList<>();
    state
        .readers()
        .forEach(
            (id, reader) ->
                readers.add(
                    new Reader(
                        id.text(),
                        reader.purpose(),
                        reader.since(),
                        reader.seqno(),
                        reader.renewedMillis() + reader.leaseMillis())));
    return readers;
  }

  private static Map<String, Antichain> criticalSinces(ShardState state) {
    Map<String, Antichain> sinces = new TreeMap<>();
    state.sinces().forEach((name, critical) -> sinces.put(name, critical.since()));
    return sinces;
  }
}
