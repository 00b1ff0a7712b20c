package io.tidemark.persist;

import io.tidemark.environment.Backoff;
import io.tidemark.environment.Environment;
import io.tidemark.environment.Timers;
import io.tidemark.location.ExternalException;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells those who wait that the state in memory has changed. While somebody waits it looks for what
 * other processes have committed: once for all who wait, at growing delays, or when it is woken.
 * Belongs to one context.
 */
final class ShardWatch {

  private static final Logger log = LoggerFactory.getLogger(ShardWatch.class);

  private final Machine machine;
  private final Environment environment;
  private final Backoff delays;
  private List<Promise<Void>> waiting = new ArrayList<>();
  private Timers.@Nullable Timer poll;
  private boolean looking;
  private boolean woken;

  ShardWatch(Machine machine, Environment environment, ReadOptions options) {
    this.machine = machine;
    this.environment = environment;
    this.delays =
        new Backoff(environment.entropy(), options.firstPollMillis(), options.maxPollMillis());
  }

  /**
   * Completes when the state has changed, or may have; fails if it cannot be followed any more. As
   * many wait as there are readers.
   */
  Future<Void> change() {
    Promise<Void> promise = Promise.promise();
    waiting.add(promise);
    lookLater();
    return promise.future();
  }

  /** Something was committed elsewhere: who waits, now or next, is to look at once. */
  void wake() {
    woken = true;
    lookLater();
  }

  /** Has everybody who waits look at where they are. */
  void tell() {
    List<Promise<Void>> told = waiting;
    waiting = new ArrayList<>();
    told.forEach(Promise::complete);
  }

  /** The state has changed. */
  void changed() {
    delays.reset();
    cancelPoll();
    tell();
  }

  private void cancelPoll() {
    if (poll != null) {
      poll.cancel();
      poll = null;
    }
  }

  private void lookLater() {
    if (looking || waiting.isEmpty()) {
      return;
    }
    if (woken) {
      cancelPoll();
      look();
    } else if (poll == null) {
      poll = environment.timers().after(delays.nextMillis(), this::look);
    }
  }

  private void look() {
    poll = null;
    woken = false;
    looking = true;
    machine.refresh().onComplete(this::looked);
  }

  private void looked(AsyncResult<Void> outcome) {
    looking = false;
    if (outcome.failed() && !(outcome.cause() instanceof ExternalException)) {
      List<Promise<Void>> failed = waiting;
      waiting = new ArrayList<>();
      failed.forEach(promise -> promise.fail(outcome.cause()));
    } else if (outcome.failed()) {
      log.debug("shard {}: news cannot be looked for", machine.state().shard(), outcome.cause());
    }
    lookLater();
  }
}
