package io.tidemark.location;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.tidemark.environment.Entropy;
import io.tidemark.environment.Timers;
import io.vertx.core.Future;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * What goes wrong in the calls of an unreliable store. For each call two coins are thrown: does it
 * happen, and is it answered. All four ends occur:
 *
 * <pre>
 *                  answered                  not answered
 * happens          as the store answers      indeterminate, with the effect
 * does not happen  determinate               indeterminate, without it
 * </pre>
 *
 * <p>A write that happens and is not answered may happen late: after it was reported, so before or
 * after what the caller does about it. Everything can be changed while calls run. For the same
 * randomness and the same calls the same goes wrong. For one thread.
 */
public final class Faults {

  /** Whether the store can be reached at all. */
  public enum Outage {
    /** It can. */
    NONE,
    /** No call happens, and all say so. */
    DETERMINATE,
    /** No call is answered; whether it happens is up to the coin. */
    INDETERMINATE
  }

  /** How a call ended. */
  public enum End {
    ANSWERED,
    REFUSED,
    REQUEST_LOST,
    ANSWER_LOST,
    LATE
  }

  private final Entropy entropy;
  private final Timers timers;
  private final Map<End, Long> counts = new EnumMap<>(End.class);
  private double happens = 1;
  private double answered = 1;
  private double late;
  private long maxLateMillis = 1;
  private Outage outage = Outage.NONE;

  /** Nothing goes wrong until it is told to. */
  public Faults(Entropy entropy, Timers timers) {
    this.entropy = entropy;
    this.timers = timers;
  }

  /** How likely a call is to happen, 0 to 1. */
  @CanIgnoreReturnValue
  public Faults happens(double probability) {
    happens = probability;
    return this;
  }

  /** How likely a call is to be answered, 0 to 1. */
  @CanIgnoreReturnValue
  public Faults answered(double probability) {
    answered = probability;
    return this;
  }

  /**
   * How likely a write that happens without an answer is to happen late, 0 to 1; and then 1 to
   * {@code maxMillis} after it was reported.
   */
  @CanIgnoreReturnValue
  public Faults late(double probability, long maxMillis) {
    late = probability;
    maxLateMillis = maxMillis;
    return this;
  }

  /** Begins an outage, or with {@link Outage#NONE} ends it. */
  @CanIgnoreReturnValue
  public Faults outage(Outage value) {
    outage = value;
    return this;
  }

  /** How many calls have ended so. */
  public long count(End end) {
    return counts.getOrDefault(end, 0L);
  }

  /** Makes a call that changes nothing, or not. */
  <T> Future<T> read(String what, Supplier<Future<T>> call) {
    End end = toss();
    return switch (counted(end)) {
      case ANSWERED -> call.get();
      case ANSWER_LOST -> call.get().transform(answer -> unknown(what));
      case REFUSED -> refused(what);
      case REQUEST_LOST, LATE -> unknown(what);
    };
  }

  /** Makes a call that changes something, or not, or later. */
  <T> Future<T> write(String what, Supplier<Future<T>> call) {
    End tossed = toss();
    boolean delayed = tossed == End.ANSWER_LOST && entropy.nextUnit() < late;
    return switch (counted(delayed ? End.LATE : tossed)) {
      case ANSWERED -> call.get();
      case ANSWER_LOST -> call.get().transform(answer -> unknown(what));
      case REFUSED -> refused(what);
      case REQUEST_LOST -> unknown(what);
      case LATE -> {
        delay(call);
        yield unknown(what);
      }
    };
  }

  private End toss() {
    // Both are always thrown, so that an outage does not shift the randomness of what follows.
    boolean happensNow = entropy.nextUnit() < happens;
    boolean answeredNow = entropy.nextUnit() < answered;
    return switch (outage) {
      case DETERMINATE -> End.REFUSED;
      case INDETERMINATE -> happensNow ? End.ANSWER_LOST : End.REQUEST_LOST;
      case NONE -> {
        if (happensNow) {
          yield answeredNow ? End.ANSWERED : End.ANSWER_LOST;
        }
        yield answeredNow ? End.REFUSED : End.REQUEST_LOST;
      }
    };
  }

  private End counted(End end) {
    counts.merge(end, 1L, Long::sum);
    return end;
  }

  private <T> void delay(Supplier<Future<T>> call) {
    long millis = 1 + (long) (entropy.nextUnit() * maxLateMillis);
    Timers.Timer unused =
        timers.after(
            millis,
            () -> {
              var unusedAnswer = call.get();
            });
  }

  private static <T> Future<T> refused(String what) {
    return Future.failedFuture(new DeterminateException("injected: " + what + " did not happen"));
  }

  private static <T> Future<T> unknown(String what) {
    return Future.failedFuture(new IndeterminateException("injected: " + what + " timed out"));
  }
}
