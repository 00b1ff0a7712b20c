package io.tidemark.write;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.environment.SimulatedWorld;
import io.tidemark.protocol.FailureCode;
import io.tidemark.protocol.RefusedException;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RelayTest {

  private final SimulatedWorld world = new SimulatedWorld(1);
  private final List<Long> triedMillis = new ArrayList<>();

  private Future<Object> relay(FailureCode... answers) {
    return Relay.of(
        world.environment(),
        Ingress.RELAY_MILLIS,
        newEpoch -> () -> {},
        () -> {
          triedMillis.add(world.nowMillis());
          FailureCode code = answers[Math.min(triedMillis.size(), answers.length) - 1];
          return Future.failedFuture(new RefusedException(code, "no"));
        });
  }

  @Test
  void shouldTryAgainUntilTheTimeIsUpAndNoLonger() {
    long since = world.nowMillis();
    RefusedException refused =
        world.failure(RefusedException.class, relay(FailureCode.UNAVAILABLE));
    assertEquals(FailureCode.UNAVAILABLE, refused.code());
    long last = triedMillis.get(triedMillis.size() - 1) - since;
    assertTrue(last <= Ingress.RELAY_MILLIS, "tried after " + last);
    assertTrue(last > Ingress.RELAY_MILLIS - 1_000, "given up after " + last);
    assertEquals(25_000, Ingress.RELAY_MILLIS, "less than the 30 s of a request on the event bus");
  }

  @Test
  void shouldNotForgetThatAnEarlierTryMayHaveHappened() {
    RefusedException refused =
        world.failure(
            RefusedException.class, relay(FailureCode.OUTCOME_UNKNOWN, FailureCode.UNAVAILABLE));
    assertEquals(FailureCode.OUTCOME_UNKNOWN, refused.code());
    assertTrue(refused.getMessage().contains("same producer and sequence"), refused.getMessage());
  }

  @Test
  void shouldNotTryAgainWhatIsRefusedForGood() {
    RefusedException refused = world.failure(RefusedException.class, relay(FailureCode.FENCED));
    assertEquals(FailureCode.FENCED, refused.code());
    assertEquals(1, triedMillis.size());
  }
}
