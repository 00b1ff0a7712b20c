package io.tidemark.persist;

import io.tidemark.environment.Timers;
import io.tidemark.persist.MergeBatches.Result;
import io.vertx.core.Future;
import org.jspecify.annotations.Nullable;

/** Rewrites batches that the spine has made one, and puts the result in their place. */
final class Compactor {

  private static final long MIB = 1 << 20;

  private final Machine machine;
  private final Parts parts;
  private final PartTarget target;
  private final Merging merging;
  private CompactionCounts counts = CompactionCounts.NONE;

  Compactor(Machine machine, Parts parts, PartTarget target) {
    this.machine = machine;
    this.parts = parts;
    this.target = target;
    this.merging = new Merging(machine, target);
  }

  CompactionCounts counts() {
    return counts;
  }

  /** Notes that one had to wait. */
  void postponed() {
    counts = counts.withPostponed();
  }

  /** Whether this can be done: nothing is ever read again of a shard whose since is past all. */
  static boolean isPossible(MergeRequest request) {
    return !request.since().isEmpty();
  }

  /**
   * Rewrites the batches of a request.
   *
   * @return what became of it. It fails with a {@link CorruptShardException} if a part is missing
   *     or damaged, unless the batches have been replaced by then
   */
  Future<Result> compact(MergeRequest request) {
    Batch before = Batch.concatenation(request.batches());
    boolean isOneRun = before.runs() < 2 && before.inlineBytes() == 0;
    Future<Batch> written = isOneRun ? Future.succeededFuture(before) : rewrite(request, before);
    return written
        .compose(after -> merging.apply(request, after).onSuccess(r -> count(r, before, after)))
        .recover(cause -> explained(request, cause))
        .onFailure(cause -> counts = counts.withFailed());
  }

  private Future<Batch> rewrite(MergeRequest request, Batch before) {
    Rewrite rewrite = new Rewrite(request, parts, target, () -> machine.waiting() > 0);
    long millis = timeoutMillis(before);
    Timers.Timer timer =
        target
            .environment()
            .timers()
            .after(
                millis,
                () ->
                    rewrite.giveUp(
                        "shard "
                            + target.shard()
                            + ": the compaction of "
                            + request.description()
                            + " took longer than "
                            + millis
                            + " ms"));
    return rewrite.run().onComplete(done -> timer.cancel());
  }

  private long timeoutMillis(Batch before) {
    long bytes = before.inlineBytes();
    for (Part part : before.parts()) {
      bytes += part instanceof Part.Hollow hollow ? hollow.bytes() : 0;
    }
    return Math.max(target.options().compaction().timeoutMillis(), 1000 * (bytes / MIB));
  }

  private void count(Result result, Batch before, Batch after) {
    counts = result == Result.APPLIED ? counts.withApplied(before, after) : counts.withRefused();
  }

  /** A part that is gone is no harm if its batch has been replaced, and then collected. */
  private Future<Result> explained(MergeRequest request, @Nullable Throwable cause) {
    if (!(cause instanceof CorruptShardException)) {
      return Future.failedFuture(cause);
    }
    return machine
        .refresh()
        .compose(
            newest -> {
              if (MergeBatches.stands(machine.state(), request)) {
                return Future.failedFuture(cause);
              }
              counts = counts.withRefused();
              return Future.succeededFuture(Result.REPLACED_MEANWHILE);
            });
  }
}
