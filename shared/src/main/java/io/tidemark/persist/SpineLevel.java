package io.tidemark.persist;

import io.tidemark.progress.Antichain;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One level of a spine: at most two batches, and two are always being merged. */
final class SpineLevel {

  static final int MAX_BATCHES = 2;

  private final List<SpineBatch> batches = new ArrayList<>(MAX_BATCHES);
  private SpineShape.@Nullable Merge merge;

  /** The batches, older first. */
  List<SpineBatch> batches() {
    return batches;
  }

  SpineShape.@Nullable Merge merge() {
    return merge;
  }

  boolean isVacant() {
    return batches.isEmpty();
  }

  boolean isSingle() {
    return batches.size() == 1;
  }

  boolean isFull() {
    return batches.size() == MAX_BATCHES;
  }

  /** Adds the newest batch. With the second one a merge begins. */
  void add(SpineBatch batch, Antichain spineSince) {
    if (isFull()) {
      throw new IllegalStateException("the level is full");
    }
    batches.add(batch);
    if (isFull()) {
      Antichain since =
          Antichain.join(
              spineSince, Antichain.join(batches.get(0).since(), batches.get(1).since()));
      merge = new SpineShape.Merge(since, batches.get(0).length() + batches.get(1).length());
    }
  }

  /** Puts back what was stored. */
  void restore(List<SpineBatch> stored, SpineShape.@Nullable Merge running) {
    batches.addAll(stored);
    merge = running;
  }

  /** Works on the merge that is running, if one is; true iff it is done. */
  boolean work(long fuel) {
    if (merge == null) {
      return false;
    }
    merge =
        new SpineShape.Merge(merge.since(), merge.remaining() - Math.min(fuel, merge.remaining()));
    return merge.remaining() == 0;
  }

  /** Takes everything out: one batch of two, however much work the merge had left; null of none. */
  @Nullable SpineBatch complete() {
    SpineBatch result =
        merge != null
            ? SpineBatch.merged(batches.get(0), batches.get(1), merge.since())
            : batches.isEmpty() ? null : batches.get(0);
    batches.clear();
    merge = null;
    return result;
  }
}
