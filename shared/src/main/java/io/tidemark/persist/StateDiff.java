package io.tidemark.persist;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.tidemark.progress.Antichain;
import io.tidemark.row.Evolution;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What one version changes of the state of the version before it: one value in consensus.
 *
 * @param format the version of this encoding
 * @param seqno the version that it makes
 * @param wallMillis the wall clock at the commit, strictly rising from version to version
 * @param rollup the newest rollup that this version knows of
 * @param epoch the new epoch, if it changed
 * @param coordinator who began that epoch, if it changed and they said so
 * @param writers writers that were added or changed
 * @param removedWriters writers that were removed
 * @param positions producers that advanced
 * @param removedPositions producers that were forgotten
 * @param offsets source partitions whose offset changed
 * @param pushed a batch that was appended
 * @param merged batches that became one
 * @param readers leased readers that were added or renewed
 * @param removedReaders leased readers that were removed
 * @param sinces critical sinces that were added or moved, by name
 * @param since the new since, if it moved
 * @param rollupsFrom rollups of versions before this one are forgotten
 * @param dropped whether everything that the shard held is gone
 * @param exerted how much work was done on merges, beside what pushed batches pay for
 * @param evolution what leads from the newest schema to a newer one
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
record StateDiff(
    int format,
    long seqno,
    long wallMillis,
    Rollup rollup,
    @Nullable Long epoch,
    @Nullable Coordinator coordinator,
    Map<WriterId, WriterState> writers,
    List<WriterId> removedWriters,
    Map<String, Position> positions,
    List<String> removedPositions,
    Map<String, String> offsets,
    @Nullable Batch pushed,
    @Nullable Merge merged,
    Map<ReaderId, ReaderState> readers,
    List<ReaderId> removedReaders,
    Map<String, SinceState> sinces,
    @Nullable NewSince since,
    @Nullable Long rollupsFrom,
    @Nullable Boolean dropped,
    @Nullable Long exerted,
    @Nullable Evolution evolution) {

  /**
   * The newest encoding that this code reads. In format 1 the trace was a list; in format 2 a shard
   * had one schema.
   */
  static final int FORMAT = 3;

  /**
   * The encoding of what has only one schema: it says all there is to say, so that who reads no
   * more goes on until a schema evolves.
   */
  static final int FORMAT_OF_ONE_SCHEMA = 2;

  StateDiff {
    Objects.requireNonNull(rollup, "a version names no rollup");
    // Empty collections are left out of the encoding.
    writers = writers == null ? Map.of() : writers;
    removedWriters = removedWriters == null ? List.of() : removedWriters;
    positions = positions == null ? Map.of() : positions;
    removedPositions = removedPositions == null ? List.of() : removedPositions;
    offsets = offsets == null ? Map.of() : offsets;
    readers = readers == null ? Map.of() : readers;
    removedReaders = removedReaders == null ? List.of() : removedReaders;
    sinces = sinces == null ? Map.of() : sinces;
    checkValues(writers);
    checkValues(positions);
    checkValues(offsets);
    checkValues(readers);
    checkValues(sinces);
  }

  /** A since: the empty frontier is encoded as null, and none at all is left out. */
  @JsonInclude(JsonInclude.Include.ALWAYS)
  record NewSince(Antichain frontier) {}

  /** The keys of the parts that this version puts into the state. */
  List<String> addedKeys() {
    List<String> keys = new ArrayList<>();
    if (pushed != null) {
      keys.addAll(pushed.keys());
    }
    if (merged != null) {
      keys.addAll(merged.batch().keys());
    }
    return keys;
  }

  /**
   * Consecutive batches became one, which holds the same updates, perhaps at later times up to its
   * since.
   *
   * @param ids the numbers of the batches that go; null in format 1, where their range tells
   * @param batch what stands in their place
   */
  record Merge(@Nullable IdRange ids, Batch batch) {
    Merge {
      Objects.requireNonNull(batch, "a merge has no batch");
    }
  }

  /** Fails if a key has no value: what was read is not what was written. */
  static void checkValues(Map<?, ?> map) {
    map.forEach((key, value) -> Objects.requireNonNull(value, () -> key + " has no value"));
  }

  /** Collects the changes of one command. */
  static final class Builder {
    private @Nullable Rollup rollup;
    private @Nullable Long epoch;
    private @Nullable Coordinator coordinator;
    private final Map<WriterId, WriterState> writers = new LinkedHashMap<>();
    private final List<WriterId> removedWriters = new ArrayList<>();
    private final Map<String, Position> positions = new LinkedHashMap<>();
    private final List<String> removedPositions = new ArrayList<>();
    private final Map<String, String> offsets = new LinkedHashMap<>();
    private @Nullable Batch pushed;
    private @Nullable Merge merged;
    private final Map<ReaderId, ReaderState> readers = new LinkedHashMap<>();
    private final List<ReaderId> removedReaders = new ArrayList<>();
    private final Map<String, SinceState> sinces = new LinkedHashMap<>();
    private @Nullable NewSince since;
    private @Nullable Long rollupsFrom;
    private @Nullable Boolean dropped;
    private @Nullable Long exerted;
    private @Nullable Evolution evolution;

    @CanIgnoreReturnValue
    Builder rollup(Rollup newest) {
      rollup = newest;
      return this;
    }

    @CanIgnoreReturnValue
    Builder epoch(long next) {
      epoch = next;
      return this;
    }

    @CanIgnoreReturnValue
    Builder coordinator(@Nullable Coordinator begins) {
      coordinator = begins;
      return this;
    }

    @CanIgnoreReturnValue
    Builder writer(WriterId id, WriterState state) {
      writers.put(id, state);
      return this;
    }

    @CanIgnoreReturnValue
    Builder removeWriter(WriterId id) {
      removedWriters.add(id);
      return this;
    }

    @CanIgnoreReturnValue
    Builder position(String producer, Position position) {
      positions.put(producer, position);
      return this;
    }

    @CanIgnoreReturnValue
    Builder forget(String producer) {
      removedPositions.add(producer);
      return this;
    }

    @CanIgnoreReturnValue
    Builder offset(String partition, String offset) {
      offsets.put(partition, offset);
      return this;
    }

    @CanIgnoreReturnValue
    Builder push(Batch batch) {
      pushed = batch;
      return this;
    }

    @CanIgnoreReturnValue
    Builder merge(Merge merge) {
      merged = merge;
      return this;
    }

    @CanIgnoreReturnValue
    Builder reader(ReaderId id, ReaderState state) {
      readers.put(id, state);
      return this;
    }

    @CanIgnoreReturnValue
    Builder removeReader(ReaderId id) {
      removedReaders.add(id);
      return this;
    }

    @CanIgnoreReturnValue
    Builder critical(String name, SinceState state) {
      sinces.put(name, state);
      return this;
    }

    /** Moves the since on, if {@code next} is past the one of {@code state}. */
    @CanIgnoreReturnValue
    Builder since(ShardState state, Antichain next) {
      since = state.since().lessThan(next) ? new NewSince(next) : null;
      return this;
    }

    @CanIgnoreReturnValue
    Builder rollupsFrom(long seqno) {
      rollupsFrom = seqno;
      return this;
    }

    @CanIgnoreReturnValue
    Builder drop() {
      dropped = true;
      return this;
    }

    @CanIgnoreReturnValue
    Builder exert(long fuel) {
      exerted = fuel;
      return this;
    }

    @CanIgnoreReturnValue
    Builder evolve(Evolution next) {
      evolution = next;
      return this;
    }

    StateDiff build(long seqno, long wallMillis, Rollup newestRollup) {
      return new StateDiff(
          evolution == null ? FORMAT_OF_ONE_SCHEMA : FORMAT,
          seqno,
          wallMillis,
          rollup == null ? newestRollup : rollup,
          epoch,
          coordinator,
          writers,
          removedWriters,
          positions,
          removedPositions,
          offsets,
          pushed,
          merged,
          readers,
          removedReaders,
          sinces,
          since,
          rollupsFrom,
          dropped,
          exerted,
          evolution);
    }
  }
}
