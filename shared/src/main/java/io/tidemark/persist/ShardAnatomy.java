package io.tidemark.persist;

import io.tidemark.progress.Antichain;
import io.tidemark.progress.BatchDescription;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a shard is made of, for people who want to know why.
 *
 * @param coordinator who began the epoch, if they said so
 * @param writers who may append
 * @param levels how its batches lie, the oldest, and highest, first; without vacant levels
 * @param rollups where the whole state lies, oldest first
 * @param earliestSeqno the oldest version that consensus still holds
 */
public record ShardAnatomy(
    ShardSummary summary,
    @Nullable Coordinator coordinator,
    List<Writer> writers,
    List<Level> levels,
    List<RolledUp> rollups,
    long earliestSeqno) {

  /** A registered writer, and how far it has appended. */
  public record Writer(String id, long epoch, Antichain upper) {}

  /** The state as of a version. */
  public record RolledUp(long seqno, long bytes) {}

  /**
   * Batches of up to {@code 2^number} updates.
   *
   * @param groups what counts as one batch each, at most two
   * @param mergeRemaining how many updates of work the merge of two has left; null without one
   */
  public record Level(int number, List<Group> groups, @Nullable Long mergeRemaining) {}

  /**
   * Batches that count as one.
   *
   * @param since to which their times may be advanced
   * @param batches as they are stored: more than one if they are still to be rewritten
   */
  public record Group(BatchDescription range, Antichain since, List<Stored> batches) {}

  /**
   * A batch.
   *
   * @param runs how many runs its parts are
   * @param bytes of its parts in the blob store
   * @param inlineBytes of its parts in the state
   */
  public record Stored(
      BatchDescription range, int parts, int runs, long updates, long bytes, long inlineBytes) {}

  static ShardAnatomy of(ShardState state) {
    List<Writer> writers = new ArrayList<>();
    state
        .writers()
        .forEach(
            (id, writer) -> writers.add(new Writer(id.text(), writer.epoch(), writer.upper())));
    List<RolledUp> rollups = new ArrayList<>();
    state.rollups().values().forEach(each -> rollups.add(new RolledUp(each.seqno(), each.bytes())));
    return new ShardAnatomy(
        ShardSummary.of(state),
        state.coordinator(),
        writers,
        levels(state.trace().levels()),
        rollups,
        state.seqno());
  }

  private static List<Level> levels(List<SpineLevel> spine) {
    List<Level> levels = new ArrayList<>();
    for (int k = spine.size() - 1; k >= 0; k--) {
      SpineLevel level = spine.get(k);
      if (!level.isVacant()) {
        List<Group> groups = level.batches().stream().map(ShardAnatomy::group).toList();
        SpineShape.Merge merge = level.merge();
        levels.add(new Level(k, groups, merge == null ? null : (Long) merge.remaining()));
      }
    }
    return levels;
  }

  private static Group group(SpineBatch group) {
    return new Group(
        new BatchDescription(group.lower(), group.upper()),
        group.since(),
        group.entries().stream().map(entry -> stored(entry.batch())).toList());
  }

  private static Stored stored(Batch batch) {
    long bytes = 0;
    for (Part part : batch.parts()) {
      bytes += part instanceof Part.Hollow hollow ? hollow.bytes() : 0;
    }
    return new Stored(
        batch.description(),
        batch.parts().size(),
        batch.runs(),
        batch.updates(),
        bytes,
        batch.inlineBytes());
  }

  ShardAnatomy since(long earliest) {
    return new ShardAnatomy(summary, coordinator, writers, levels, rollups, earliest);
  }
}
