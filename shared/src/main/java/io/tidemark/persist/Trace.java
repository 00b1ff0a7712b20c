package io.tidemark.persist;

import io.tidemark.progress.Antichain;
import io.tidemark.progress.BatchDescription;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The committed batches and what they come to. Invariant: they tile {@code [0, upper)} without a
 * gap or an overlap; how they lie is the {@link Spine}'s affair. Pushing costs the same however
 * many there are.
 */
final class Trace {

  private Spine spine;
  private long inlineBytes;
  private int inlineBatches;
  private long hollowBytes;
  private long parts;
  private long runs;
  private long updates;

  Trace() {
    this.spine = new Spine();
  }

  /**
   * The trace that was stored.
   *
   * @param shape how the batches lie; null if nobody knows, and they are pushed one by one
   */
  Trace(@Nullable SpineShape shape, List<Batch> batches, Antichain since) {
    this.spine = shape == null ? pushed(batches, since) : new Spine(shape, batches, since);
    batches.forEach(batch -> account(batch, 1));
  }

  private static Spine pushed(List<Batch> batches, Antichain since) {
    Spine spine = new Spine();
    spine.advanceSince(since);
    batches.forEach(spine::push);
    return spine;
  }

  Antichain upper() {
    return spine.upper();
  }

  int size() {
    return spine.size();
  }

  long inlineBytes() {
    return inlineBytes;
  }

  /** How many batches carry an inline part. */
  int inlineBatches() {
    return inlineBatches;
  }

  long hollowBytes() {
    return hollowBytes;
  }

  long parts() {
    return parts;
  }

  /** How many runs the parts are: one if everything is compacted. */
  long runs() {
    return runs;
  }

  long updates() {
    return updates;
  }

  /** All batches, oldest first. */
  List<Batch> batches() {
    return spine.batches();
  }

  /** The levels that the batches lie in, the lowest first. Not to be changed. */
  List<SpineLevel> levels() {
    return spine.levels();
  }

  /** How many runs the parts of the batches are that begin before a frontier. */
  long runsBefore(Antichain frontier) {
    long sum = 0;
    for (Batch batch : batches()) {
      sum += batch.description().lower().lessThan(frontier) ? batch.runs() : 0;
    }
    return sum;
  }

  /** How the batches lie. */
  SpineShape shape() {
    return spine.shape();
  }

  /** The batch that {@code frontier}, which lies before the upper, falls into. */
  Batch at(Antichain frontier) {
    return spine.at(frontier);
  }

  /** Forgets all batches: one without updates stands for all times. */
  void drop() {
    batches().forEach(batch -> account(batch, -1));
    BatchDescription always = new BatchDescription(Antichain.minimum(), Antichain.empty());
    spine = pushed(List.of(Batch.empty(always)), Antichain.empty());
  }

  /** The keys of all hollow parts. */
  Set<String> keys() {
    Set<String> keys = new HashSet<>();
    for (Batch batch : batches()) {
      for (Part part : batch.parts()) {
        if (part instanceof Part.Hollow hollow) {
          keys.add(hollow.key());
        }
      }
    }
    return keys;
  }

  /** What is to be rewritten as one batch each, oldest first. */
  List<MergeRequest> requests() {
    return spine.requests();
  }

  /**
   * What the state carries itself, for each group of batches that a merge can replace: from the
   * first batch with an inline part to the last.
   */
  List<MergeRequest> inline() {
    List<MergeRequest> requests = new ArrayList<>();
    if (inlineBatches == 0) {
      return requests;
    }
    for (SpineBatch group : spine.groups()) {
      List<SpineEntry> entries = group.entries();
      int from = 0;
      int to = entries.size();
      while (from < to && entries.get(from).batch().inlineBytes() == 0) {
        from++;
      }
      while (from < to && entries.get(to - 1).batch().inlineBytes() == 0) {
        to--;
      }
      if (from < to) {
        requests.add(new SpineBatch(group.since(), entries.subList(from, to)).request());
      }
    }
    return requests;
  }

  /** The batches that have exactly these numbers; none if none do. */
  List<Batch> within(IdRange ids) {
    return spine.within(ids);
  }

  /** Whether {@code result} can take the place of the batches with these numbers. */
  boolean accepts(IdRange ids, Batch result) {
    return spine.refusal(ids, result) == null;
  }

  /** From now on merges may advance times to {@code since}. */
  void advanceSince(Antichain since) {
    spine.advanceSince(since);
  }

  /** Appends a batch; an empty one that follows an empty one makes it longer. */
  void push(Batch batch) {
    spine.push(batch);
    account(batch, 1);
  }

  /** Puts one batch in the place of those that it stands for. */
  void merge(StateDiff.Merge merge) {
    Batch result = merge.batch();
    if (merge.ids() == null) {
      mergeByRange(result);
      return;
    }
    List<Batch> replaced = spine.within(merge.ids());
    spine.replace(merge.ids(), result);
    replaced.forEach(batch -> account(batch, -1));
    account(result, 1);
  }

  /** As format 1 had it: the trace was a list, so what is left is pushed one by one. */
  private void mergeByRange(Batch result) {
    BatchDescription range = result.description();
    Antichain upper = upper();
    List<Batch> left = new ArrayList<>();
    boolean placed = false;
    for (Batch batch : batches()) {
      BatchDescription each = batch.description();
      boolean isReplaced =
          range.lower().lessEqual(each.lower()) && each.upper().lessEqual(range.upper());
      if (!isReplaced) {
        left.add(batch);
      } else {
        account(batch, -1);
        if (each.lower().equals(range.lower())) {
          left.add(result);
          placed = true;
        }
      }
    }
    spine = pushed(left, spine.since());
    if (!placed || !upper().equals(upper)) {
      throw new CorruptShardException("no batches are exactly " + range);
    }
    account(result, 1);
  }

  /** Works on merges without a new batch. */
  void exert(long fuel) {
    if (!spine.exert(fuel)) {
      throw new CorruptShardException("there was nothing to exert " + fuel + " on");
    }
  }

  private void account(Batch batch, int sign) {
    inlineBatches += batch.inlineBytes() > 0 ? sign : 0;
    runs += (long) sign * batch.runs();
    for (Part part : batch.parts()) {
      parts += sign;
      updates += sign * part.updates();
      if (part instanceof Part.Inline inline) {
        inlineBytes += (long) sign * inline.block().length;
      } else if (part instanceof Part.Hollow hollow) {
        hollowBytes += (long) sign * hollow.bytes();
      }
    }
  }
}
