package io.tidemark.persist;

import io.tidemark.environment.Environment;
import io.tidemark.environment.Timers;
import io.tidemark.location.DeterminateException;
import io.tidemark.progress.Antichain;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The leased readers that one shard has in this process. All that they need is committed together,
 * by one command at a time: those that open and close at once, what only moves forward at most
 * every {@link ReadOptions#updateMillis}, and each lease several times before it is over. Belongs
 * to one context.
 */
final class Leases {

  /** The longest purpose, in characters: it is stored with the shard. */
  static final int MAX_PURPOSE = 120;

  private static final Logger log = LoggerFactory.getLogger(Leases.class);

  private final Machine machine;
  private final ShardWatch watch;
  private final Environment environment;
  private final ReadOptions options;
  private final Map<ReaderId, Lease> held = new LinkedHashMap<>();
  private Round collecting = new Round();
  private boolean committing;
  private long lastCommitMillis;
  private Timers.@Nullable Timer timer;
  private long timerMillis;

  /** What one command is to do, and who waits for it. */
  private static final class Round {
    private final Map<Lease, Promise<Lease>> opening = new LinkedHashMap<>();
    private final Set<ReaderId> closing = new LinkedHashSet<>();
    private final List<Promise<Void>> waiting = new ArrayList<>();
    private boolean moved;

    boolean isUrgent() {
      return !opening.isEmpty() || !closing.isEmpty();
    }
  }

  Leases(Machine machine, ShardWatch watch, Environment environment, ReadOptions options) {
    this.machine = machine;
    this.watch = watch;
    this.environment = environment;
    this.options = options;
    this.lastCommitMillis = now() - options.updateMillis();
    machine.watch(this::changed);
  }

  private long now() {
    return environment.clock().monotonicMillis();
  }

  /** Registers a reader: from its version on nothing that it may read goes. */
  Future<Lease> open(String purpose) {
    if (held.size() + collecting.opening.size() >= UpdateReaders.MAX_READERS) {
      return Future.failedFuture(tooMany());
    }
    String text = purpose.length() > MAX_PURPOSE ? purpose.substring(0, MAX_PURPOSE) : purpose;
    Lease lease = new Lease(ReaderId.random(environment.entropy()), text, machine);
    Promise<Lease> promise = Promise.promise();
    collecting.opening.put(lease, promise);
    commitSoon();
    return promise.future();
  }

  private DeterminateException tooMany() {
    return new DeterminateException(
        "shard "
            + machine.state().shard()
            + " has "
            + UpdateReaders.MAX_READERS
            + " readers: close some, or wait until the leases of dead ones are over");
  }

  /** Has what a reader needs now committed before long. */
  Future<Void> update() {
    Promise<Void> promise = Promise.promise();
    collecting.waiting.add(promise);
    updateLater();
    return promise.future();
  }

  /** As {@link #update()}, when nobody waits for it. */
  void updateLater() {
    collecting.moved = true;
    commitLater();
  }

  /** Takes a reader away. Completes when that is committed; if it fails, its lease still ends. */
  Future<Void> close(Lease lease) {
    if (held.remove(lease.id()) == null) {
      return Future.succeededFuture();
    }
    lease.end(new IllegalStateException(lease + " is closed: open another one"));
    Promise<Void> promise = Promise.promise();
    collecting.closing.add(lease.id());
    collecting.waiting.add(promise);
    watch.tell();
    commitSoon();
    return promise.future();
  }

  /** Leases that are over end first: who is told of the change must not read on with one. */
  private void changed() {
    endLost();
    watch.changed();
  }

  /** Ends the leases of readers that the state does not have any more. */
  private void endLost() {
    List<Lease> lost = new ArrayList<>();
    for (Lease lease : held.values()) {
      if (machine.state().reader(lease.id()) == null) {
        lost.add(lease);
      }
    }
    for (Lease lease : lost) {
      held.remove(lease.id());
      lease.end(expired(lease));
      log.warn("shard {}: {} has lost its lease", machine.state().shard(), lease);
    }
  }

  private RuntimeException expired(Lease lease) {
    if (machine.state().isTombstone()) {
      return new LeaseExpiredException(
          "shard " + machine.state().shard() + " was dropped while " + lease + " was reading it");
    }
    return new LeaseExpiredException(
        "shard "
            + machine.state().shard()
            + ": "
            + lease
            + " was not heard of for longer than its lease of "
            + options.leaseMillis()
            + " ms (the process slept, or consensus could not be reached), and what it was to read"
            + " may be gone: open a new reader, and go on after the last frontier that it"
            + " returned, or from "
            + machine.state().since()
            + " if that is later");
  }

  /** Once what runs now has returned, so that what it opens and closes goes together. */
  private void commitSoon() {
    if (!committing) {
      schedule(0);
    }
  }

  private void commitLater() {
    if (!committing) {
      schedule(Math.max(0, lastCommitMillis + options.updateMillis() - now()));
    }
  }

  /** Has the next commit happen no later than in {@code millis}. */
  private void schedule(long millis) {
    long at = now() + millis;
    if (timer != null && timerMillis <= at) {
      return;
    }
    cancelTimer();
    timerMillis = at;
    timer = environment.timers().after(millis, this::due);
  }

  private void cancelTimer() {
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
  }

  private void due() {
    timer = null;
    if (!committing) {
      commit();
    }
  }

  private void commit() {
    cancelTimer();
    committing = true;
    Round round = collecting;
    collecting = new Round();
    Map<ReaderId, String> opened = new LinkedHashMap<>();
    round.opening.keySet().forEach(lease -> opened.put(lease.id(), lease.purpose()));
    List<Lease> renewed = List.copyOf(held.values());
    machine
        .apply(new UpdateReaders(opened, renewed, round.closing, options.leaseMillis()))
        .onComplete(outcome -> committed(outcome, round));
  }

  private void committed(AsyncResult<Boolean> outcome, Round round) {
    committing = false;
    lastCommitMillis = now();
    if (outcome.failed()) {
      // What was to be closed has its lease; what was to be renewed is tried again in time.
      log.warn("shard {}: readers could not be updated", machine.state().shard(), outcome.cause());
    }
    round.opening.forEach((lease, promise) -> opened(outcome, lease, promise));
    round.waiting.forEach(
        promise -> {
          if (outcome.succeeded()) {
            promise.complete();
          } else {
            promise.fail(outcome.cause());
          }
        });
    if (collecting.isUrgent()) {
      commitSoon();
    } else if (collecting.moved) {
      commitLater();
    } else if (!held.isEmpty()) {
      schedule(renewalMillis(outcome.failed()));
    }
  }

  private long renewalMillis(boolean afterFailure) {
    long renewal = options.leaseMillis() / ReadOptions.RENEWALS;
    double jitter = 0.8 + 0.2 * environment.entropy().nextUnit();
    return (long) Math.max(1, (afterFailure ? renewal / ReadOptions.RENEWALS : renewal) * jitter);
  }

  private void opened(AsyncResult<Boolean> outcome, Lease lease, Promise<Lease> promise) {
    ReaderState registered = machine.state().reader(lease.id());
    if (outcome.failed()) {
      promise.fail(outcome.cause());
    } else if (registered != null) {
      lease.begin(registered.since());
      held.put(lease.id(), lease);
      promise.complete(lease);
    } else if (machine.state().isTombstone()) {
      // There is nothing to hold, and nothing that can be read.
      lease.begin(Antichain.empty());
      promise.complete(lease);
    } else {
      promise.fail(tooMany());
    }
  }
}
