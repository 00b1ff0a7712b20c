package io.tidemark.persist;

import io.tidemark.environment.Backoff;
import io.tidemark.environment.CrashPoint;
import io.tidemark.environment.Environment;
import io.tidemark.environment.Retry;
import io.tidemark.location.Consensus;
import io.tidemark.location.Consensus.Version;
import io.tidemark.location.DeterminateException;
import io.tidemark.location.ExternalException;
import io.tidemark.location.IndeterminateException;
import io.tidemark.persist.InvalidUsageException.Rule;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Applies commands to a shard, one after the other: decide on the state in memory, compare-and-set
 * the changes in consensus, then apply them in memory. Belongs to one context.
 *
 * <p>What a store does not answer is never guessed. A command whose compare-and-set may have
 * happened is decided again on the newest state, where it finds out by itself whether it did.
 */
final class Machine {

  /**
   * How many commands may wait. One is added per append and a few for upkeep, so this is plenty.
   */
  static final int MAX_QUEUED = 1024;

  private static final Logger log = LoggerFactory.getLogger(Machine.class);

  private final ShardId shard;
  private final Consensus consensus;
  private final StateLoader loader;
  private final Environment environment;
  private final Retry.Policy policy;
  private final StateLoader.Loaded loaded;
  private final ArrayDeque<Attempt<?>> queue = new ArrayDeque<>();
  private final List<Runnable> watchers = new ArrayList<>();
  private @Nullable Throwable broken;

  Machine(
      StateLoader loader,
      StateLoader.Loaded loaded,
      Consensus consensus,
      Environment environment,
      Retry.Policy policy) {
    this.shard = loaded.state().shard();
    this.loader = loader;
    this.loaded = loaded;
    this.consensus = consensus;
    this.environment = environment;
    this.policy = policy;
  }

  /** The state as of the last version that this machine has seen. Not to be kept. */
  ShardState state() {
    return loaded.state();
  }

  /** Has {@code told} run after each change of the state, when the state has changed already. */
  void watch(Runnable told) {
    watchers.add(told);
  }

  private void tellWatchers() {
    watchers.forEach(Runnable::run);
  }

  /** How many bytes of versions have been committed since the newest rollup. */
  long diffBytesSinceRollup() {
    return loaded.diffBytes();
  }

  /** How many commands wait behind the one that is on its way. */
  int waiting() {
    return Math.max(0, queue.size() - 1);
  }

  /**
   * Applies a command.
   *
   * @return its result; or {@link DeterminateException} if it surely was not applied within the
   *     time of the policy, {@link IndeterminateException} if nobody knows; or what the command
   *     threw
   */
  <R> Future<R> apply(Command<R> command) {
    if (queue.size() >= MAX_QUEUED) {
      return Future.failedFuture(
          new DeterminateException(
              "shard " + shard + ": " + MAX_QUEUED + " commands wait already; try again later"));
    }
    Attempt<R> attempt = new Attempt<>(command);
    queue.add(attempt);
    if (queue.size() == 1) {
      attempt.decide();
    }
    return attempt.promise.future();
  }

  /** Catches up with the newest version that any process has committed. */
  Future<Void> refresh() {
    return apply(new Refresh());
  }

  private void next() {
    queue.remove();
    Attempt<?> waiting = queue.peek();
    if (waiting != null) {
      // On a timer, not from here: what waits may be long, and the stack is not.
      environment.timers().after(0, waiting::decide);
    }
  }

  /** Makes the next command read the newest state before it decides. */
  private static final class Refresh implements Command<Void> {
    @Override
    public Decision<Void> decide(ShardState state, long wallMillis) {
      throw new IllegalStateException("a refresh is not decided");
    }
  }

  /** One command on its way. */
  private final class Attempt<R> {
    private final Command<R> command;
    private final Promise<R> promise = Promise.promise();
    private final Backoff backoff = policy.backoff(environment.entropy());
    private final long deadlineMillis;
    private boolean mayHaveHappened;

    Attempt(Command<R> command) {
      this.command = command;
      this.deadlineMillis =
          environment.clock().monotonicMillis() + command.timeoutMillis(policy.timeoutMillis());
    }

    private void decide() {
      if (broken != null) {
        fail(broken);
        return;
      }
      if (command instanceof Refresh) {
        catchUp();
        return;
      }
      try {
        long wallMillis = Math.max(environment.clock().wallMillis(), state().wallMillis() + 1);
        Command.Decision<R> decision = command.decide(state(), wallMillis);
        if (decision instanceof Command.Commit<R> commit) {
          commit(
              commit.changes().build(state().seqno() + 1, wallMillis, state().rollup()),
              commit.result());
        } else {
          succeed(decision.result());
        }
      } catch (RuntimeException e) {
        fail(e);
      }
    }

    private void commit(StateDiff diff, R result) {
      byte[] encoded = fitting(diff);
      Future<Boolean> set =
          consensus.compareAndSet(shard.text(), new Version(diff.seqno(), encoded));
      if (command instanceof CompareAndAppend) {
        CrashPoint.A3.reached(environment);
      }
      set.onComplete(outcome -> committed(outcome, diff, encoded.length, result));
    }

    /** The bytes of a version that every store takes; another try would have as many. */
    private byte[] fitting(StateDiff diff) {
      byte[] encoded = StateCodec.encode(diff);
      if (encoded.length > Consensus.MAX_VALUE_BYTES) {
        throw new InvalidUsageException(
            Rule.VERSION_TOO_LARGE,
            "shard "
                + shard
                + ": version "
                + diff.seqno()
                + " would take "
                + encoded.length
                + " bytes, and consensus takes at most "
                + Consensus.MAX_VALUE_BYTES
                + ": nothing was written; append less at once (fewer parts, shorter offsets)");
      }
      return encoded;
    }

    private void committed(AsyncResult<Boolean> outcome, StateDiff diff, int bytes, R result) {
      if (outcome.failed()) {
        boolean unknown = outcome.cause() instanceof IndeterminateException;
        if (unknown) {
          mayHaveHappened = true;
          command.mayHaveHappened();
        }
        tryAgain(outcome.cause(), unknown);
      } else if (!outcome.result()) {
        catchUp();
      } else {
        if (command instanceof CompareAndAppend) {
          CrashPoint.A4.reached(environment);
        }
        advance(diff, bytes, result);
      }
    }

    private void advance(StateDiff diff, int bytes, R result) {
      try {
        loaded.apply(diff, bytes);
      } catch (RuntimeException e) {
        // Memory and consensus differ: nothing more can be decided here.
        broken = e;
        fail(e);
        return;
      }
      succeed(result);
      tellWatchers();
    }

    /** Reads what others committed, then decides again (or, for a refresh, is done). */
    private void catchUp() {
      long before = state().seqno();
      loader.catchUp(loaded).onComplete(outcome -> caughtUp(outcome, before));
    }

    private void caughtUp(AsyncResult<StateLoader.Loaded> outcome, long before) {
      decideAgain(outcome, before);
      if (state().seqno() > before) {
        tellWatchers();
      }
    }

    @SuppressWarnings("unchecked") // a refresh's result is void
    private void decideAgain(AsyncResult<StateLoader.Loaded> outcome, long before) {
      if (outcome.failed()) {
        if (!(outcome.cause() instanceof ExternalException)) {
          broken = outcome.cause();
        }
        tryAgain(outcome.cause(), true);
      } else if (command instanceof Refresh) {
        ((Promise<Void>) promise).complete();
        next();
      } else if (state().seqno() > before) {
        decide();
      } else {
        // Either our own call has not landed yet, or the store contradicts itself for a moment.
        tryAgain(new DeterminateException("no newer version of shard " + shard), false);
      }
    }

    private void tryAgain(Throwable cause, boolean refreshFirst) {
      long delayMillis = backoff.nextMillis();
      if (broken != null || !(cause instanceof ExternalException)) {
        fail(cause);
      } else if (environment.clock().monotonicMillis() + delayMillis > deadlineMillis) {
        giveUp(cause);
      } else {
        log.debug("shard {}: try {} failed, next in {} ms", shard, backoff.tries(), delayMillis);
        environment.timers().after(delayMillis, refreshFirst ? this::catchUp : this::decide);
      }
    }

    private void giveUp(Throwable cause) {
      String what = "shard " + shard + ": gave up after " + backoff.tries() + " tries: ";
      fail(
          mayHaveHappened
              ? new IndeterminateException(what + cause.getMessage(), cause)
              : new DeterminateException(what + cause.getMessage(), cause));
    }

    private void succeed(R result) {
      promise.complete(result);
      next();
    }

    private void fail(Throwable cause) {
      promise.fail(cause);
      next();
    }
  }
}
