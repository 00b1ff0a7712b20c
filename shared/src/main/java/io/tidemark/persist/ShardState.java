package io.tidemark.persist;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.tidemark.progress.Antichain;
import io.tidemark.row.Evolution;
import io.tidemark.row.Schema;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
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
  private Schemas schemas;
  private final Trace trace;
  private final Map<WriterId, WriterState> writers = new LinkedHashMap<>();
  private final LinkedHashMap<String, Position> positions = new LinkedHashMap<>();
  private final Map<String, String> offsets = new TreeMap<>();
  private long seqno;
  private long wallMillis;
  private final TreeMap<Long, Rollup> rollups = new TreeMap<>();
  private final Map<ReaderId, ReaderState> readers = new LinkedHashMap<>();
  private final Map<String, SinceState> sinces = new TreeMap<>();
  private Antichain since = Antichain.minimum();
  private long epoch;
  private @Nullable Coordinator coordinator;

  /** The first state of a new shard, which knows of its own rollup. */
  ShardState(ShardId shard, Schema schema, long wallMillis, Rollup rollup) {
    this(shard, Schemas.of(schema), wallMillis, rollup, new Trace());
  }

  private ShardState(ShardId shard, Schemas schemas, long wallMillis, Rollup rollup, Trace trace) {
    this.trace = trace;
    this.shard = shard;
    this.schemas = schemas;
    this.wallMillis = wallMillis;
    rollups.put(rollup.seqno(), rollup);
  }

  /** The state that a rollup holds. */
  ShardState(Contents from, Rollup rollup) {
    this(
        from.shard(),
        from.schemas(),
        from.wallMillis(),
        rollup,
        new Trace(from.spine(), from.batches(), from.since()));
    from.batches().forEach(this::checkSchemas);
    // A later version made this state a rollup, and adds it; only the first one knows its own.
    rollups.clear();
    from.rollups().forEach(each -> rollups.put(each.seqno(), each));
    if (rollups.isEmpty() || rollups.containsKey(rollup.seqno())) {
      rollups.put(rollup.seqno(), rollup);
    }
    readers.putAll(from.readers());
    sinces.putAll(from.sinces());
    seqno = from.seqno();
    since = from.since();
    epoch = from.epoch();
    coordinator = from.coordinator();
    writers.putAll(from.writers());
    positions.putAll(from.positions());
    offsets.putAll(from.offsets());
  }

  ShardId shard() {
    return shard;
  }

  /** All schemas that the shard has had. */
  Schemas schemas() {
    return schemas;
  }

  /** The newest schema. */
  Schema schema() {
    return schemas.newest().schema();
  }

  long seqno() {
    return seqno;
  }

  long wallMillis() {
    return wallMillis;
  }

  /** The newest rollup. */
  Rollup rollup() {
    return rollups.lastEntry().getValue();
  }

  /** All rollups that are kept, by their version. */
  NavigableMap<Long, Rollup> rollups() {
    return rollups;
  }

  Map<ReaderId, ReaderState> readers() {
    return readers;
  }

  @Nullable ReaderState reader(ReaderId id) {
    return readers.get(id);
  }

  /** Critical sinces, by name. */
  Map<String, SinceState> sinces() {
    return sinces;
  }

  /**
   * The oldest version whose parts somebody may still read, now or at any time from now on: readers
   * that come hold a later one.
   */
  long seqnoSince() {
    long least = seqno;
    for (ReaderState reader : readers.values()) {
      least = Math.min(least, reader.seqno());
    }
    return least;
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
    return upper().isEmpty()
        && since.isEmpty()
        && writers.isEmpty()
        && readers.isEmpty()
        && sinces.isEmpty();
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
    if (diff.evolution() != null) {
      schemas = schemas.with(diff.evolution());
    }
    if (diff.pushed() != null) {
      checkSchemas(diff.pushed());
      trace.push(diff.pushed());
    }
    if (diff.merged() != null) {
      checkSchemas(diff.merged().batch());
      trace.merge(diff.merged());
    }
    if (diff.exerted() != null) {
      trace.exert(diff.exerted());
    }
    applyReaders(diff);
    if (diff.dropped() != null) {
      drop();
    }
    rollups.put(diff.rollup().seqno(), diff.rollup());
    if (diff.rollupsFrom() != null) {
      rollups.headMap(diff.rollupsFrom()).clear();
      check(!rollups.isEmpty(), "no rollup is left");
    }
    seqno = diff.seqno();
    wallMillis = diff.wallMillis();
  }

  private void checkSchemas(Batch batch) {
    for (Part part : batch.parts()) {
      check(
          schemas.has(Part.schemaId(part)),
          "a part of " + batch.description() + " is of a schema that is not registered");
    }
  }

  private void applyReaders(StateDiff diff) {
    for (ReaderId id : diff.removedReaders()) {
      check(readers.remove(id) != null, "reader " + id + " is not registered");
    }
    for (Map.Entry<ReaderId, ReaderState> reader : diff.readers().entrySet()) {
      ReaderState before = readers.get(reader.getKey());
      ReaderState after = reader.getValue();
      check(
          before == null
              || (before.since().lessEqual(after.since()) && before.seqno() <= after.seqno()),
          "reader " + reader.getKey() + " goes back");
      readers.put(reader.getKey(), after);
    }
    for (Map.Entry<String, SinceState> critical : diff.sinces().entrySet()) {
      SinceState before = sinces.get(critical.getKey());
      check(
          before == null || before.since().lessEqual(critical.getValue().since()),
          "the critical since '" + critical.getKey() + "' goes back");
      sinces.put(critical.getKey(), critical.getValue());
    }
    if (diff.since() != null) {
      Antichain next = diff.since().frontier();
      check(since.lessEqual(next) && next.lessEqual(upper()), "the since cannot be " + next);
      since = next;
      trace.advanceSince(next);
    }
  }

  private void drop() {
    trace.drop();
    since = Antichain.empty();
    writers.clear();
    readers.clear();
    sinces.clear();
    positions.clear();
    offsets.clear();
  }

  private void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new CorruptShardException("shard " + shard + ": " + otherwise);
    }
  }

  /** The whole state as it is now, apart from its rollup. */
  Contents contents() {
    return new Contents(
        schemas.evolutions().isEmpty() ? StateDiff.FORMAT_OF_ONE_SCHEMA : StateDiff.FORMAT,
        shard,
        schemas.first(),
        seqno,
        wallMillis,
        since,
        epoch,
        coordinator,
        new LinkedHashMap<>(writers),
        new LinkedHashMap<>(positions),
        new TreeMap<>(offsets),
        trace.batches(),
        new LinkedHashMap<>(readers),
        new TreeMap<>(sinces),
        List.copyOf(rollups.values()),
        trace.shape(),
        schemas.evolutions());
  }

  /**
   * A state as plain values: what a rollup holds.
   *
   * @param format the version of this encoding
   * @param schema the first one
   * @param coordinator who began the epoch; missing in states of before that was noted
   * @param readers missing in states of before there were any; so are sinces
   * @param rollups those of the versions before; missing in states that had only one
   * @param batches oldest first
   * @param spine how the batches lie; missing in format 1, where they were a list
   * @param evolutions what led to the newest schema, step by step; missing where there is only one
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
      List<Batch> batches,
      Map<ReaderId, ReaderState> readers,
      Map<String, SinceState> sinces,
      List<Rollup> rollups,
      @Nullable SpineShape spine,
      @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Evolution> evolutions) {

    Contents {
      Objects.requireNonNull(shard, "a state names no shard");
      Objects.requireNonNull(schema, "a state has no schema");
      StateDiff.checkValues(writers);
      StateDiff.checkValues(positions);
      StateDiff.checkValues(offsets);
      readers = readers == null ? Map.of() : readers;
      sinces = sinces == null ? Map.of() : sinces;
      rollups = rollups == null ? List.of() : rollups;
      evolutions = evolutions == null ? List.of() : List.copyOf(evolutions);
      StateDiff.checkValues(readers);
      StateDiff.checkValues(sinces);
      rollups.forEach(rollup -> Objects.requireNonNull(rollup, "a rollup is missing"));
      batches.forEach(batch -> Objects.requireNonNull(batch, "a batch is missing"));
      batches = new ArrayList<>(batches);
    }

    /** Every schema, from the first to the newest. */
    Schemas schemas() {
      Schemas all = Schemas.of(schema);
      for (Evolution evolution : evolutions) {
        all = all.with(evolution);
      }
      return all;
    }
  }
}
