package io.tidemark.persist;

import io.tidemark.environment.CrashPoint;
import io.tidemark.environment.Retry;
import io.tidemark.location.ExternalException;
import io.tidemark.persist.MergeBatches.Result;
import io.vertx.core.Future;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a writer does beside its appends, so that they go on costing the same: rollups, which bound
 * how many versions an open has to read, and merges of inline parts, which bound the state. At most
 * one of each runs at a time. A failure is logged and the next append starts it again.
 */
final class Upkeep {

  private static final String ROLLUP = "rollup";

  private static final Logger log = LoggerFactory.getLogger(Upkeep.class);

  private final Machine machine;
  private final StateLoader loader;
  private final InlineFlush flush;
  private final PartTarget target;
  private final PersistOptions options;
  private boolean rollingUp;
  private boolean merging;
  private boolean stopped;

  Upkeep(Machine machine, StateLoader loader, InlineFlush flush, PartTarget target) {
    this.machine = machine;
    this.loader = loader;
    this.flush = flush;
    this.target = target;
    this.options = target.options();
  }

  /** Starts what is due. */
  void afterAppend() {
    if (!stopped && !rollingUp && isRollupDue()) {
      rollingUp = true;
      rollUp().onComplete(done -> ended(ROLLUP, done.cause()));
    }
    if (!stopped && !merging && isMergeDue()) {
      merging = true;
      mergeInline().onComplete(done -> ended("merge of inline parts", done.cause()));
    }
  }

  /** Starts nothing more, and lets what runs come to its own end. */
  void stop() {
    stopped = true;
  }

  private void ended(String what, @Nullable Throwable failure) {
    if (what.equals(ROLLUP)) {
      rollingUp = false;
    } else {
      merging = false;
    }
    if (failure != null && !stopped) {
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

  /** Writes the whole state, then makes it the newest rollup. */
  private Future<Boolean> rollUp() {
    ShardState.Contents contents = machine.state().contents();
    String key = loader.rollupKey(contents.seqno());
    return target
        .environment()
        .offload()
        .call(() -> StateCodec.encode(contents))
        .compose(encoded -> store(contents.seqno(), key, encoded))
        .compose(rollup -> apply(new AddRollup(rollup)));
  }

  private Future<Rollup> store(long seqno, String key, byte[] encoded) {
    return Retry.of(
            target.environment(),
            options.retry(),
            ExternalException.class::isInstance,
            () -> target.blob().set(key, encoded))
        .map(done -> new Rollup(seqno, key, encoded.length, StateLoader.crc32c(encoded)));
  }

  /**
   * Puts one batch in the place of all from the first with an inline part on. What is hollow
   * already stays as it is: it was small enough to come between. An empty batch at the end is left
   * out: it grows with the next one, and would then not be what was read.
   */
  private Future<Result> mergeInline() {
    Trace trace = machine.state().trace();
    List<Batch> fromInline = trace.from(trace.firstInline());
    int end = fromInline.size();
    while (fromInline.get(end - 1).parts().isEmpty()) {
      end--;
    }
    List<Batch> batches = fromInline.subList(0, end);
    return flush
        .flush(Batch.concatenation(batches))
        .compose(merged -> apply(new MergeBatches(target.writer(), batches, merged)));
  }

  private <R> Future<R> apply(Command<R> stored) {
    CrashPoint.A8.reached(target.environment());
    return machine.apply(stored);
  }
}
