package io.tidemark.persist;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.tidemark.progress.Antichain;
import io.tidemark.row.Schema;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The state of a shard as of one version. Only {@link #apply} changes it, so that every process
 * which applies the same diffs holds the same state. Belongs to one context.
 *
 * <p>Invariants: {@code since <= upper}; neither goes back; the epoch only rises; every registered
 * writer is of the current epoch; producers stand in the order in which they were last committed.
 */
final class ShardState {

  private final ShardId shard;
  private final Schema schema;
  private final Trace trace = new Trace();
  private final Map<WriterId, WriterState> writers = new LinkedHashMap<>();
  private final LinkedHashMap<String, Position> positions = new LinkedHashMap<>();
  private final Map<String, String> offsets = new TreeMap<>();
  private long seqno;
  private long wallMillis;
  private Rollup rollup;
  private Antichain since = Antichain.minimum();
  private long epoch;
  private @Nullable Coordinator coordinator;

  /** The first state of a new shard, which knows of its own rollup. */
  ShardState(ShardId shard, Schema schema, long wallMillis, Rollup rollup) {
    this.shard = shard;
    this.schema = schema;
    this.wallMillis = wallMillis;
    this.rollup = rollup;
  }

  /** The state that a rollup holds. */
  ShardState(Contents from, Rollup rollup) {
    this(from.shard(), from.schema(), from.wallMillis(), rollup);
    seqno = from.seqno();
    since = from.since();
    epoch = from.epoch();
    coordinator = from.coordinator();
    writers.putAll(from.writers());
    positions.putAll(from.positions());
    offsets.putAll(from.offsets());
    for (Batch batch : from.batches()) {
      trace.add(batch);
    }
  }

  ShardId shard() {
    return shard;
  }

  Schema schema() {
    return schema;
  }

  long seqno() {
    return seqno;
  }

  long wallMillis() {
    return wallMillis;
  }

  Rollup rollup() {
    return rollup;
  }

  Antichain since() {
    return since;
  }

  Antichain upper() {
    return trace.upper();
  }

  long epoch() {
    return epoch;
  }

  /** Who began the epoch, if they said so. */
  @Nullable Coordinator coordinator() {
    return coordinator;
  }

  Trace trace() {
    return trace;
  }

  Map<WriterId, WriterState> writers() {
    return writers;
  }

  @Nullable WriterState writer(WriterId id) {
    return writers.get(id);
  }

  /** Producers, the longest idle first. */
  Map<String, Position> positions() {
    return positions;
  }

  Map<String, String> offsets() {
    return offsets;
  }

  /** True iff nothing can be written or read any more. */
  boolean isTombstone() {
    return upper().isEmpty() && since.isEmpty();
  }

  /**
   * Moves on to the version that {@code diff} makes. Strict: what the diff changes must be as it
   * expects.
   *
   * @throws CorruptShardException if it is not; the state must not be used any more
   */
  void apply(StateDiff diff) {
    check(diff.seqno() == seqno + 1, "version " + diff.seqno() + " does not follow " + seqno);
    check(diff.wallMillis() > wallMillis, "the clock of version " + diff.seqno() + " stands still");
    if (diff.epoch() != null) {
      check(diff.epoch() > epoch, "epoch " + diff.epoch() + " does not follow " + epoch);
      epoch = diff.epoch();
      coordinator = diff.coordinator();
    }
    for (WriterId id : diff.removedWriters()) {
      check(writers.remove(id) != null, "writer " + id + " is not registered");
    }
    for (Map.Entry<WriterId, WriterState> writer : diff.writers().entrySet()) {
      check(writer.getValue().epoch() == epoch, "writer " + writer.getKey() + " is of no epoch");
      writers.put(writer.getKey(), writer.getValue());
    }
    for (String producer : diff.removedPositions()) {
      check(positions.remove(producer) != null, "producer '" + producer + "' is not known");
    }
    for (Map.Entry<String, Position> moved : diff.positions().entrySet()) {
      Position before = positions.remove(moved.getKey());
      check(
          before == null || before.sequence() < moved.getValue().sequence(),
          "producer '" + moved.getKey() + "' does not advance");
      positions.put(moved.getKey(), moved.getValue());
    }
    offsets.putAll(diff.offsets());
    if (diff.pushed() != null) {
      trace.push(diff.pushed());
    }
    if (diff.merged() != null) {
      trace.merge(diff.merged());
    }
    rollup = diff.rollup();
    seqno = diff.seqno();
    wallMillis = diff.wallMillis();
  }

  private void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new CorruptShardException("shard " + shard + ": " + otherwise);
    }
  }

  /** The whole state as it is now, apart from its rollup. */
  Contents contents() {
    return new Contents(
        StateDiff.FORMAT,
        shard,
        schema,
        seqno,
        wallMillis,
        since,
        epoch,
        coordinator,
        new LinkedHashMap<>(writers),
        new LinkedHashMap<>(positions),
        new TreeMap<>(offsets),
        trace.from(0));
  }

  /**
   * A state as plain values: what a rollup holds.
   *
   * @param format the version of this encoding
   * @param coordinator who began the epoch; missing in states of before that was noted
   */
  @JsonInclude(JsonInclude.Include.ALWAYS)
  record Contents(
      int format,
      ShardId shard,
      Schema schema,
      long seqno,
      long wallMillis,
      Antichain since,
      long epoch,
      @Nullable Coordinator coordinator,
      Map<WriterId, WriterState> writers,
      Map<String, Position> positions,
      Map<String, String> offsets,
      List<Batch> batches) {

    Contents {
      Objects.requireNonNull(shard, "a state names no shard");
      Objects.requireNonNull(schema, "a state has no schema");
      StateDiff.checkValues(writers);
      StateDiff.checkValues(positions);
      StateDiff.checkValues(offsets);
      batches.forEach(batch -> Objects.requireNonNull(batch, "a batch is missing"));
      batches = new ArrayList<>(batches);
    }
  }
}
