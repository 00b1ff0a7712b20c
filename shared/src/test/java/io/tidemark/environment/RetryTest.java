package io.tidemark.environment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class RetryTest {

  private static final Retry.Policy POLICY = new Retry.Policy(4, 50, 1000);

  private final SimulatedWorld world = new SimulatedWorld(3);
  private final List<Long> calls = new ArrayList<>();

  private <T> Future<T> retry(Supplier<Future<T>> call) {
    return Retry.of(
        world.environment(),
        POLICY,
        failure -> failure instanceof IllegalStateException,
        () -> {
          calls.add(world.nowMillis());
          return call.get();
        });
  }

  @Test
  void shouldCallUntilItSucceeds() {
    Future<String> result =
        retry(
            () ->
                calls.size() < 5
                    ? Future.failedFuture(new IllegalStateException("not yet"))
                    : Future.succeededFuture("done"));

    assertEquals("done", world.result(result));
    assertEquals(5, calls.size());
  }

  @Test
  void shouldNotTryAgainWhatFailsForGood() {
    Exception cause = new IllegalArgumentException("wrong");

    assertSame(cause, world.failure(Exception.class, retry(() -> Future.failedFuture(cause))));
    assertEquals(1, calls.size());
  }

  @Test
  void shouldBeginNoTryPastTheTime() {
    world.failure(
        IllegalStateException.class,
        retry(() -> Future.failedFuture(new IllegalStateException("away"))));

    long last = calls.get(calls.size() - 1) - calls.get(0);
    assertTrue(last <= 1000 && last > 900, "the last try was after " + last + " ms");
    for (int i = 1; i < calls.size(); i++) {
      assertTrue(calls.get(i) - calls.get(i - 1) <= 55, "delays are capped");
    }
  }

  @Test
  void shouldFailWithWhatTheCallThrows() {
    world.failure(
        IllegalArgumentException.class,
        retry(
            () -> {
              if (calls.size() > 1) {
                throw new IllegalArgumentException("thrown");
              }
              return Future.failedFuture(new IllegalStateException("not yet"));
            }));
    assertEquals(2, calls.size());
  }

  @Test
  void shouldDoubleDelaysUpToTheCapWithAJitterOfATenth() {
    Backoff backoff = new Backoff(world.environment().entropy(), 10, 100);
    long[] expected = {10, 20, 40, 80, 100, 100};
    for (int i = 0; i < expected.length; i++) {
      long delay = backoff.nextMillis();
      assertTrue(delay >= expected[i] * 9 / 10 && delay <= expected[i] * 11 / 10, "" + delay);
      assertEquals(i + 1, backoff.tries());
    }
    backoff.reset();
    assertEquals(0, backoff.tries());
    assertTrue(backoff.nextMillis() <= 11);
    assertEquals(1, new Backoff(world.environment().entropy(), 0, 0).nextMillis());
  }

  @Test
  void shouldLoopWithoutGrowingTheStack() {
    int[] left = {200_000};
    world.result(Loop.whileTrue(() -> Future.succeededFuture(--left[0] > 0)));
    assertEquals(0, left[0]);
  }

  @Test
  void shouldLoopOverStepsThatEndLater() {
    int[] left = {1_000};
    Future<Void> looped =
        Loop.whileTrue(
            () -> {
              Promise<Boolean> later = Promise.promise();
              boolean more = --left[0] > 0;
              world.environment().timers().after(1, () -> later.complete(more));
              return later.future();
            });
    world.result(looped);
    assertEquals(0, left[0]);
    assertEquals(2000, world.nowMillis());
  }

  @Test
  void shouldEndTheLoopWithTheFailureOfAStep() {
    world.failure(
        IllegalStateException.class,
        Loop.whileTrue(() -> Future.failedFuture(new IllegalStateException())));
    int[] steps = {0};
    world.failure(
        IllegalArgumentException.class,
        Loop.whileTrue(
            () -> {
              if (++steps[0] > 1) {
                throw new IllegalArgumentException("thrown");
              }
              return world.environment().offload().call(() -> true);
            }));
  }
}
