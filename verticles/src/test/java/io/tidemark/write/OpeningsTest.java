package io.tidemark.write;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tidemark.environment.SimulatedWorld;
import io.tidemark.protocol.Bus;
import io.tidemark.protocol.Bus.Delivery;
import io.tidemark.protocol.FailureCode;
import io.tidemark.protocol.Messages.OpenProducer;
import io.tidemark.protocol.RefusedException;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Openings at a writer whose pipeline has not begun. */
class OpeningsTest {

  private final SimulatedWorld world = new SimulatedWorld(1);
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final WriteContext context =
      new WriteContext(
          "w",
          world.environment(),
          new NobodyListens(),
          null,
          new MemoryBudget(1 << 20),
          WriterSettings.DEFAULTS,
          new WriteMeters(registry));
  private final Openings openings =
      new Openings(
          context, new CollectionWriter(context, "orders", IngestWriter::new, () -> {}), "orders");

  private static final class NobodyListens implements Bus {

    @Override
    public Future<Object> request(
        String address, Object body, Map<String, String> headers, long millis) {
      return Future.failedFuture(new RefusedException(FailureCode.UNAVAILABLE, "nobody"));
    }

    @Override
    public void send(String address, Object body) {}

    @Override
    public void publish(String address, Object body) {}

    @Override
    public Future<Registration> consume(String address, Consumer<Delivery> handler) {
      return Future.failedFuture(new RefusedException(FailureCode.UNAVAILABLE, "nobody"));
    }
  }

  /** A message, and what it was answered. */
  private static final class Asked implements Delivery {
    private final Object body;
    private RefusedException refusal;

    Asked(Object body) {
      this.body = body;
    }

    @Override
    public Object body() {
      return body;
    }

    @Override
    public String header(String name) {
      return null;
    }

    @Override
    public void reply(Object answer) {
      throw new AssertionError("answered " + answer);
    }

    @Override
    public void refuse(RefusedException refused) {
      assertNull(refusal, "it is answered once");
      refusal = refused;
    }
  }

  private double counted() {
    return registry
        .get("tidemark.messages.refused")
        .tags("collection", "orders", "code", FailureCode.UNAVAILABLE.name())
        .counter()
        .count();
  }

  @Test
  void shouldCountWhatItRefusesWhileThePipelineStarts() {
    Asked ours = new Asked(new OpenProducer("orders", 0, "till", "me", 1));
    openings.received(ours);
    assertEquals(FailureCode.UNAVAILABLE, ours.refusal.code());
    assertTrue(ours.refusal.getMessage().contains("is starting"), ours.refusal.getMessage());
    assertEquals(1, counted());
  }

  @Test
  void shouldPursueAnOpeningInJsonForABoundedTime() {
    Asked json = new Asked(new JsonObject().put("producer", "till"));
    long since = world.nowMillis();
    openings.received(json);
    assertNull(json.refusal);
    world.runAll();
    assertEquals(FailureCode.UNAVAILABLE, json.refusal.code());
    assertTrue(world.nowMillis() - since <= Openings.RELAY_MILLIS);
    assertEquals(1, counted(), "however often it was tried");
  }
}
