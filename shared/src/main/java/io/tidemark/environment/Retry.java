package io.tidemark.environment;

import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Tries an idempotent call again until it succeeds, fails for good, or its time is up. Driven by
 * timers, so that a long outage does not grow a chain of futures. Used on one context.
 */
public final class Retry<T> {

  private final Environment environment;
  private final Backoff backoff;
  private final Predicate<Throwable> transientFailure;
  private final Supplier<Future<T>> call;
  private final long deadlineMillis;
  private final Promise<T> result = Promise.promise();

  private Retry(
      Environment environment,
      Policy policy,
      Predicate<Throwable> transientFailure,
      Supplier<Future<T>> call) {
    this.environment = environment;
    this.backoff = policy.backoff(environment.entropy());
    this.transientFailure = transientFailure;
    this.call = call;
    this.deadlineMillis = environment.clock().monotonicMillis() + policy.timeoutMillis();
  }

  /**
   * Calls until a success, a failure that is not transient, or the time-out; then the last failure
   * is the result.
   */
  public static <T> Future<T> of(
      Environment environment,
      Policy policy,
      Predicate<Throwable> transientFailure,
      Supplier<Future<T>> call) {
    Retry<T> retry = new Retry<>(environment, policy, transientFailure, call);
    retry.attempt();
    return retry.result.future();
  }

  private void attempt() {
    Future<T> answer;
    try {
      answer = call.get();
    } catch (RuntimeException e) {
      result.fail(e); // a mistake of the caller's, which nobody would hear of from a timer
      return;
    }
    answer.onComplete(this::attempted);
  }

  private void attempted(AsyncResult<T> outcome) {
    if (outcome.succeeded()) {
      result.complete(outcome.result());
      return;
    }
    long delayMillis = backoff.nextMillis();
    boolean late = environment.clock().monotonicMillis() + delayMillis > deadlineMillis;
    if (late || !transientFailure.test(outcome.cause())) {
      result.fail(outcome.cause());
    } else {
      environment.timers().after(delayMillis, this::attempt);
    }
  }

  /**
   * How long to go on, and how often to try.
   *
   * @param firstDelayMillis the delay before the second try
   * @param capMillis the longest delay
   * @param timeoutMillis no try begins later than this after the first
   */
  public record Policy(long firstDelayMillis, long capMillis, long timeoutMillis) {

    public Backoff backoff(Entropy entropy) {
      return new Backoff(entropy, firstDelayMillis, capMillis);
    }
  }
}
