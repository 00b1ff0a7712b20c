package io.tidemark.persist;

import io.tidemark.environment.Loop;
import io.tidemark.persist.consolidate.Consolidator;
import io.tidemark.progress.Antichain;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.List;
import java.util.OptionalLong;

/** Begins snapshots of one shard. */
final class Snapshots {

  /** How often a reader looks whether a time is complete. */
  private static final long WAIT_MILLIS = 20;

  private final ReadContext context;

  Snapshots(ReadContext context) {
    this.context = context;
  }

  /** Catches up with consensus, then waits until a time is complete, or for so long. */
  Future<Void> await(OptionalLong asOf, SnapshotOptions options) {
    long deadlineMillis = now() + options.waitMillis();
    return context
        .machine()
        .refresh()
        .compose(done -> Loop.whileTrue(() -> isEarly(asOf, deadlineMillis)));
  }

  private long now() {
    return context.environment().clock().monotonicMillis();
  }

  /** Whether to look again later if the time is complete. */
  private Future<Boolean> isEarly(OptionalLong asOf, long deadlineMillis) {
    Antichain upper = context.state().upper();
    if (asOf.isEmpty() || !upper.lessEqual(asOf.getAsLong())) {
      return Future.succeededFuture(false);
    }
    if (now() >= deadlineMillis) {
      return Future.failedFuture(
          new UnreadableTimeException(
              "time "
                  + asOf.getAsLong()
                  + " is not complete yet: the upper is "
                  + upper
                  + ", read at a time before it"));
    }
    Promise<Void> later = Promise.promise();
    context.environment().timers().after(WAIT_MILLIS, later::complete);
    return later.future().compose(waited -> context.machine().refresh()).map(true);
  }

  /**
   * Fails unless the contents at a time can still be read.
   *
   * @throws UnreadableTimeException if that is before {@code since}
   */
  static void checkReadable(long asOf, Antichain since) {
    if (!since.lessEqual(asOf)) {
      throw new UnreadableTimeException(
          "time " + asOf + " cannot be read any more: the earliest is " + since);
    }
  }

  /**
   * The contents at a time that is complete, or the newest ones.
   *
   * @param closed is run when the snapshot is closed
   */
  Snapshot read(Lease lease, OptionalLong asOf, SnapshotOptions options, Runnable closed) {
    Antichain upper = context.state().upper();
    if (asOf.isEmpty() && upper.equals(Antichain.minimum())) {
      return snapshot(lease, -1, options, closed);
    }
    long newest = upper.isEmpty() ? Antichain.MAX_TIME : upper.time() - 1;
    long time = asOf.orElse(newest);
    checkReadable(time, lease.since());
    return snapshot(lease, time, options, closed);
  }

  private Snapshot snapshot(Lease lease, long asOf, SnapshotOptions options, Runnable closed) {
    VersionedSchema schema = context.state().schemas().newest();
    Consolidator consolidator =
        new Consolidator(
            schema.schema(),
            Math.max(0, asOf),
            Snapshot.consolidation(options, context.environment().entropy()));
    Lease.SeqnoPin pin = lease.pinSeqno();
    List<Batch> batches = asOf < 0 ? List.of() : context.state().trace().batches();
    return new Snapshot(
        asOf,
        schema,
        batches,
        context.parts(lease, pin),
        context.environment().offload(),
        consolidator,
        () -> {
          pin.release();
          closed.run();
        });
  }
}
