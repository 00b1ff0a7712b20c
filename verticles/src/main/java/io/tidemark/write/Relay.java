package io.tidemark.write;

import io.tidemark.environment.Backoff;
import io.tidemark.environment.Environment;
import io.tidemark.protocol.FailureCode;
import io.tidemark.protocol.RefusedException;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * Hands one numbered message of a producer to the writer that the roster gives it to, and does so
 * again, with the same number, until the outcome is certain or the time is up.
 */
final class Relay {
  /** A header of what one writer hands to another, which then leaves it to the first to count. */
  static final String RELAYED = "relayed";

  /** The headers of what is handed on. */
  static final Map<String, String> HEADERS = Map.of(RELAYED, "1");

  private static final long FIRST_RETRY_MILLIS = 10;
  private static final long CAP_RETRY_MILLIS = 500;

  private final Environment environment;
  private final Supplier<Future<Object>> call;
  private final long deadlineMillis;
  private final Backoff backoff;
  private final UnaryOperator<Runnable> newEpoch;
  private Runnable unwatch = () -> {};
  private long attempts;
  private final Promise<Object> outcome = Promise.promise();
  private boolean uncertain;
  private boolean movedOn;

  private Relay(
      Environment environment,
      long millis,
      UnaryOperator<Runnable> newEpoch,
      Supplier<Future<Object>> call) {
    this.environment = environment;
    this.call = call;
    this.newEpoch = newEpoch;
    this.deadlineMillis = environment.clock().monotonicMillis() + millis;
    this.backoff = new Backoff(environment.entropy(), FIRST_RETRY_MILLIS, CAP_RETRY_MILLIS);
  }

  /**
   * Calls until there is an outcome: again when a call fails, and at once when an epoch begins
   * while it is not answered, since whoever has it may be gone.
   *
   * @param millis how long to go on
   * @param newEpoch has what it is given run, once, when an epoch begins; what it returns takes
   *     that back
   * @param call sends the message, wherever it now belongs
   */
  static Future<Object> of(
      Environment environment,
      long millis,
      UnaryOperator<Runnable> newEpoch,
      Supplier<Future<Object>> call) {
    Relay relay = new Relay(environment, millis, newEpoch, call);
    relay.attempt();
    return relay.outcome.future();
  }

  private void attempt() {
    if (outcome.future().isComplete()) {
      return;
    }
    long attempt = ++attempts;
    unwatch =
        newEpoch.apply(
            () ->
                attempted(
                    attempt,
                    Future.failedFuture(
                        new RefusedException(
                            FailureCode.OUTCOME_UNKNOWN, "an epoch began before the answer"))));
    call.get().onComplete(answer -> attempted(attempt, answer));
  }

  private void attempted(long attempt, AsyncResult<Object> answer) {
    if (answer.succeeded()) {
      unwatch.run();
      outcome.tryComplete(answer.result()); // whichever attempt it was: the number is the same
    } else if (attempt == attempts) {
      attempts++; // what else this attempt may bring is late, unless it is a success
      unwatch.run();
      failed(answer);
    }
  }

  private void failed(AsyncResult<Object> answer) {
    if (outcome.future().isComplete()) {
      return;
    }
    RefusedException refused = RefusedException.of(answer.cause());
    uncertain |= refused.code() == FailureCode.OUTCOME_UNKNOWN;
    movedOn |= refused.code() == FailureCode.STALE_EPOCH;
    // Messages that follow each other may overtake each other on their way into a new epoch.
    boolean again =
        refused.code().isTransient() || (movedOn && refused.code() == FailureCode.SEQUENCE_GAP);
    long delayMillis = backoff.nextMillis();
    boolean late = environment.clock().monotonicMillis() + delayMillis > deadlineMillis;
    if (again && !late) {
      environment.timers().after(delayMillis, this::attempt);
    } else if (uncertain && again) {
      outcome.tryFail(
          new RefusedException(
              FailureCode.OUTCOME_UNKNOWN,
              "it may have been stored or not: send it again with the same producer and sequence ("
                  + refused.getMessage()
                  + ")"));
    } else {
      outcome.tryFail(refused);
    }
  }
}
