package io.tidemark.persist;

import io.tidemark.environment.Backoff;
import io.tidemark.environment.Environment;
import io.tidemark.environment.Loop;
import io.tidemark.persist.MergeBatches.Result;
import io.tidemark.progress.Antichain;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * When a shard is compacted: one compaction at a time, while no append waits. What is to be done is
 * read from the state each time, so that nothing is forgotten, whoever dies. Belongs to one
 * context.
 */
final class CompactionSchedule {

  /** So many batches are not left alone for appends that wait: then they never would be merged. */
  static final int URGENT_INPUTS = 64;

  private static final long FIRST_RETRY_MILLIS = 1_000;
  private static final long MAX_RETRY_MILLIS = 60_000;

  /** How often the one that runs is looked at by whoever waits for its end. */
  private static final long WAIT_MILLIS = 20;

  private static final Logger log = LoggerFactory.getLogger(CompactionSchedule.class);

  private final Machine machine;
  private final Compactor compactor;
  private final PartTarget target;
  private final Environment environment;
  private final CompactionSlots slots;
  private final Backoff backoff;
  private @Nullable IdRange running;
  private @Nullable IdRange reserved;
  private long notBeforeMillis = Long.MIN_VALUE;
  private boolean hasSlot;
  private boolean stopped;

  CompactionSchedule(
      Machine machine, Compactor compactor, PartTarget target, CompactionSlots slots) {
    this.machine = machine;
    this.compactor = compactor;
    this.target = target;
    this.environment = target.environment();
    this.slots = slots;
    this.backoff = new Backoff(environment.entropy(), FIRST_RETRY_MILLIS, MAX_RETRY_MILLIS);
  }

  /** The batches that are being rewritten, if any are: others leave them alone. */
  @Nullable IdRange running() {
    return running;
  }

  /** Leaves these batches alone, or no longer any: others replace them. */
  void reserve(@Nullable IdRange ids) {
    reserved = ids;
  }

  CompactionCounts counts() {
    return compactor.counts();
  }

  /**
   * Starts nothing more. What runs may come to its own end, or to none where its context is gone:
   * others do not wait for it.
   */
  void stop() {
    stopped = true;
    giveSlot();
  }

  private void giveSlot() {
    if (hasSlot) {
      hasSlot = false;
      slots.give();
    }
  }

  /** Starts the one that is due, if one is. */
  void startIfDue() {
    if (stopped
        || running != null
        || !target.options().compaction().enabled()
        || environment.clock().monotonicMillis() < notBeforeMillis) {
      return;
    }
    boolean busy = machine.waiting() > 0;
    MergeRequest due =
        largest(
            request ->
                target.options().compaction().isWorth(request)
                    && (!busy || request.inputs().size() >= URGENT_INPUTS));
    if (due == null) {
      return;
    }
    hasSlot = slots.take();
    if (!hasSlot) {
      compactor.postponed();
      return;
    }
    run(due).onComplete(outcome -> ended(due, outcome));
  }

  /** The request with the most batches of those that can be done now and are asked for. */
  private @Nullable MergeRequest largest(Predicate<MergeRequest> asked) {
    MergeRequest largest = null;
    for (MergeRequest request : machine.state().trace().requests()) {
      boolean free = reserved == null || !reserved.overlaps(request.ids());
      if (free
          && Compactor.isPossible(request)
          && (largest == null || request.inputs().size() > largest.inputs().size())
          && asked.test(request)) {
        largest = request;
      }
    }
    return largest;
  }

  private Future<Result> run(MergeRequest request) {
    running = request.ids();
    return compactor.compact(request).onComplete(done -> running = null);
  }

  private void ended(MergeRequest request, AsyncResult<Result> outcome) {
    giveSlot();
    if (outcome.failed()) {
      long millis = backoff.nextMillis();
      notBeforeMillis = environment.clock().monotonicMillis() + millis;
      if (!stopped) {
        log.warn(
            "shard {}: the compaction of {} failed, and is tried again in {} ms",
            target.shard(),
            request.description(),
            millis,
            outcome.cause());
      }
      return;
    }
    backoff.reset();
    stopped |= outcome.result() == Result.FENCED;
    if (outcome.result() == Result.APPLIED) {
      startIfDue();
    }
  }

  /**
   * Compacts until everything that is there now is at most one run, whatever it is worth. What is
   * appended meanwhile may be in it, or not: so it ends under load, too.
   *
   * @return fails with a {@link FencedException} if another epoch has begun
   */
  Future<Void> all() {
    Antichain upper = machine.state().upper();
    return Loop.whileTrue(() -> step(upper));
  }

  private Future<Boolean> step(Antichain upper) {
    ShardState state = machine.state();
    if (state.trace().runsBefore(upper) < 2 || state.since().isEmpty()) {
      return Future.succeededFuture(false);
    }
    if (running != null || reserved != null) {
      Promise<Void> later = Promise.promise();
      environment.timers().after(WAIT_MILLIS, later::complete);
      return later.future().map(true);
    }
    MergeRequest request = largest(CompactionSchedule::hasRuns);
    if (request != null) {
      return run(request).compose(this::unlessFenced);
    }
    long fuel = Math.max(1, state.trace().updates());
    return machine.apply(new Exert(fuel));
  }

  private static boolean hasRuns(MergeRequest request) {
    List<Batch> batches = request.batches();
    return Batch.concatenation(batches).runs() > 1;
  }

  private Future<Boolean> unlessFenced(Result result) {
    return result == Result.FENCED
        ? Future.failedFuture(
            new FencedException(machine.state().epoch(), machine.state().coordinator()))
        : Future.succeededFuture(true);
  }
}
