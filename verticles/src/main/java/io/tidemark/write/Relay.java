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
  private final Promise<Object> outcome = Promise.promise();
  private boolean uncertain;
  private boolean movedOn;

  private Relay(Environment environment, long millis, Supplier<Future<Object>> call) {
    this.environment = environment;
    this.call = call;
    this.deadlineMillis = environment.clock().monotonicMillis() + millis;
    this.backoff = new Backoff(environment.entropy(), FIRST_RETRY_MILLIS, CAP_RETRY_MILLIS);
  }

  /**
   * Calls until there is an outcome.
   *
   * @param millis how long to go on
   * @param call sends the message, wherever it now belongs
   */
  static Future<Object> of(Environment environment, long millis, Supplier<Future<Object>> call) {
    Relay relay = new Relay(environment, millis, call);
    relay.attempt();
    return relay.outcome.future();
  }

  private void attempt() {
    call.get().onComplete(this::attempted);
  }

  private void attempted(AsyncResult<Object> answer) {
    if (answer.succeeded()) {
      outcome.complete(answer.result());
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
      outcome.fail(
          new RefusedException(
              FailureCode.OUTCOME_UNKNOWN,
              "it may have been stored or not: send it again with the same producer and sequence ("
                  + refused.getMessage()
                  + ")"));
    } else {
      outcome.fail(refused);
    }
  }
}
