package io.tidemark.persist;

import io.tidemark.environment.Environment;
import io.tidemark.progress.Antichain;
import io.vertx.core.Future;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a writer does beside its appends so that a shard keeps no more of its past than somebody
 * needs: takes dead readers away, moves the since of retention on, collects garbage, and sweeps.
 * One of these at a time. A failure is logged, and a later append starts it again.
 */
final class HistoryUpkeep {

  /** The name of the critical since that retention moves. */
  static final String RETENTION = "retention";

  /** Retention is committed at most this often, */
  static final long RETAIN_MILLIS = 5_000;

  /** and only if it moves by at least the distance over this. */
  static final long RETAIN_STEPS = 100;

  /** How soon after an epoch has begun what earlier ones left behind is swept, */
  static final long FIRST_SWEEP_MILLIS = 20_000;

  /** and how often after that: it lists all objects of the shard. */
  static final long SWEEP_MILLIS = 600_000;

  /** After a failure nothing is tried again for so long; */
  static final long RETRY_MILLIS = 10_000;

  /** and if nothing could be collected that was due, for so long. */
  static final long IDLE_MILLIS = 1_000;

  private static final Logger log = LoggerFactory.getLogger(HistoryUpkeep.class);

  private final Machine machine;
  private final Environment environment;
  private final GarbageCollection collection;
  private final Sweep sweep;
  private final long epoch;
  private long retention = -1;
  private @Nullable SinceHandle retained;
  private long nextRetainMillis;
  private long nextSweepMillis;
  private long notBeforeMillis = Long.MIN_VALUE;
  private boolean running;
  private boolean stopped;

  HistoryUpkeep(
      Machine machine,
      Environment environment,
      GarbageCollection collection,
      Sweep sweep,
      long epoch) {
    this.machine = machine;
    this.environment = environment;
    this.collection = collection;
    this.sweep = sweep;
    this.epoch = epoch;
    this.nextSweepMillis = now() + jittered(FIRST_SWEEP_MILLIS);
  }

  private long now() {
    return environment.clock().monotonicMillis();
  }

  /** Many collections begin their epochs at one time; they need not all be swept at one. */
  private long jittered(long millis) {
    return (long) (millis * (0.75 + 0.5 * environment.entropy().nextUnit()));
  }

  /** From now on times that lie further than {@code distance} before the upper need not stay. */
  void retain(long distance) {
    retention = distance;
  }

  /** Starts what is due. */
  void afterAppend() {
    if (stopped || running || now() < notBeforeMillis) {
      return;
    }
    if (anyExpired()) {
      run("expiry of readers", machine.apply(new ExpireReaders()));
    } else if (isRetentionDue()) {
      nextRetainMillis = now() + RETAIN_MILLIS;
      run("retention", moveSince(retainedFrom()));
    } else if (collection.isDue()) {
      run("garbage collection", collection.run());
    } else if (now() >= nextSweepMillis) {
      nextSweepMillis = now() + jittered(SWEEP_MILLIS);
      run("sweep", sweep.run());
    }
  }

  /** Starts nothing more, and lets what runs come to its own end. */
  void stop() {
    stopped = true;
  }

  private void run(String what, Future<?> started) {
    running = true;
    started.onComplete(
        done -> {
          running = false;
          if (done.failed()) {
            notBeforeMillis = now() + jittered(RETRY_MILLIS);
            failed(what, done.cause());
          } else if (done.result() instanceof Collected collected) {
            collected(what, collected);
          }
        });
  }

  private void failed(String what, Throwable cause) {
    if (!stopped) {
      log.warn(
          "shard {}: the {} failed, and is tried again later",
          machine.state().shard(),
          what,
          cause);
    }
  }

  private void collected(String what, Collected collected) {
    if (collected.equals(Collected.NOTHING)) {
      notBeforeMillis = now() + IDLE_MILLIS;
    } else {
      log.info("shard {}: the {} removed {}", machine.state().shard(), what, collected);
    }
  }

  private boolean anyExpired() {
    long wallMillis = environment.clock().wallMillis();
    for (ReaderState reader : machine.state().readers().values()) {
      if (reader.isExpired(wallMillis)) {
        return true;
      }
    }
    return false;
  }

  private boolean isRetentionDue() {
    if (retention < 0 || now() < nextRetainMillis || machine.state().upper().isEmpty()) {
      return false;
    }
    Antichain from = retained == null ? Antichain.minimum() : retained.since();
    return !from.isEmpty() && retainedFrom().time() - from.time() > retention / RETAIN_STEPS;
  }

  private Antichain retainedFrom() {
    return Antichain.of(Math.max(0, machine.state().upper().time() - retention));
  }

  private Future<Void> moveSince(Antichain to) {
    return retainedSince().compose(since -> moveSince(since, to));
  }

  private Future<SinceHandle> retainedSince() {
    if (retained != null) {
      return Future.succeededFuture(retained);
    }
    return machine
        .apply(new RegisterSince(RETENTION, epoch))
        .map(state -> new SinceHandle(machine, RETENTION, state))
        .onSuccess(opened -> retained = opened);
  }

  /** The token is the epoch: who has begun a later one is not interfered with. */
  private Future<Void> moveSince(SinceHandle since, Antichain to) {
    if (since.token() > epoch) {
      stopped = true;
      return Future.succeededFuture();
    }
    return since.compareAndDowngradeSince(since.token(), epoch, to).mapEmpty();
  }
}
