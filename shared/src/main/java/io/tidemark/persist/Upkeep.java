package io.tidemark.persist;

import io.tidemark.environment.CrashPoint;
import io.tidemark.persist.MergeBatches.Result;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a writer does beside its appends, so that they go on costing the same: rollups, which bound
 * how many versions an open has to read, merges of inline parts, which bound the state, and
 * compaction, which bounds what a reader has to read. At most one of each runs at a time. A failure
 * is logged and a later append starts it again.
 */
final class Upkeep {

  private static final Logger log = LoggerFactory.getLogger(Upkeep.class);

  private final Machine machine;
  private final RollUp rollUp;
  private final InlineFlush flush;
  private final Merging merging;
  private final CompactionSchedule compaction;
  private final PartTarget target;
  private final PersistOptions options;
  private boolean rollingUp;
  private boolean flushing;
  private boolean stopped;

  Upkeep(
      Machine machine,
      RollUp rollUp,
      InlineFlush flush,
      PartTarget target,
      CompactionSchedule compaction) {
    this.machine = machine;
    this.rollUp = rollUp;
    this.flush = flush;
    this.compaction = compaction;
    this.merging = new Merging(machine, target);
    this.target = target;
    this.options = target.options();
  }

  /** Starts what is due. */
  void afterAppend() {
    if (!stopped && !rollingUp && isRollupDue()) {
      rollingUp = true;
      rollUp().onComplete(done -> rolledUp(done.cause()));
    }
    mergeIfDue();
    compaction.startIfDue();
  }

  private void mergeIfDue() {
    MergeRequest due = stopped || flushing || !isMergeDue() ? null : fullest();
    if (due != null) {
      flushing = true;
      compaction.reserve(due.ids());
      mergeInline(due).onComplete(this::merged);
    }
  }

  /** Starts nothing more, and lets what runs come to its own end. */
  void stop() {
    stopped = true;
    compaction.stop();
  }

  CompactionSchedule compaction() {
    return compaction;
  }

  private void rolledUp(@Nullable Throwable failure) {
    rollingUp = false;
    if (failure != null) {
      failed("rollup", failure);
    }
  }

  private void merged(AsyncResult<Result> outcome) {
    flushing = false;
    compaction.reserve(null);
    if (outcome.failed()) {
      failed("merge of inline parts", outcome.cause());
    } else if (outcome.result() == Result.APPLIED) {
      mergeIfDue();
    }
  }

  private void failed(String what, Throwable failure) {
    if (!stopped) {
      log.warn("shard {}: the {} failed, and is tried again later", target.shard(), what, failure);
    }
  }

  private boolean isRollupDue() {
    Rollup newest = machine.state().rollup();
    long versions = machine.state().seqno() - newest.seqno();
    return versions >= options.rollupVersions()
        && (versions >= options.rollupMaxVersions()
            || machine.diffBytesSinceRollup() >= newest.bytes());
  }

  private boolean isMergeDue() {
    Trace trace = machine.state().trace();
    return trace.inlineBytes() >= options.mergeInlineBytes()
        || trace.inlineBatches() >= options.mergeInlineBatches();
  }

  private Future<Boolean> rollUp() {
    return rollUp.run(() -> CrashPoint.A8.reached(target.environment()));
  }

  /**
   * Of the groups of batches that a merge can replace, the one that takes most of the bounds; none
   * if it is being compacted, which moves what it carries into parts as well.
   */
  private @Nullable MergeRequest fullest() {
    IdRange compacted = compaction.running();
    MergeRequest fullest = null;
    double most = 0;
    for (MergeRequest request : machine.state().trace().inline()) {
      double share = 0;
      for (Batch batch : request.batches()) {
        long bytes = batch.inlineBytes();
        share += (double) bytes / options.mergeInlineBytes();
        share += bytes == 0 ? 0 : 1.0 / options.mergeInlineBatches();
      }
      boolean free = compacted == null || !compacted.overlaps(request.ids());
      if (free && share > most) {
        fullest = request;
        most = share;
      }
    }
    return fullest;
  }

  /**
   * Puts one batch without inline parts in the place of some. Their other parts stay as they are.
   */
  private Future<Result> mergeInline(MergeRequest request) {
    return flush
        .flush(Batch.concatenation(request.batches()))
        .compose(merged -> merging.apply(request, merged));
  }
}
