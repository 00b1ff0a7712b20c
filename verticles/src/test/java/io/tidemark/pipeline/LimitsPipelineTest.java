package io.tidemark.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.client.Publisher;
import io.tidemark.location.Faults.Outage;
import io.tidemark.protocol.Addresses;
import io.tidemark.protocol.FailureCode;
import io.tidemark.protocol.Messages.OpenProducer;
import io.tidemark.protocol.Messages.Receipt;
import io.tidemark.protocol.RefusedException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** The bounds of a node, reached. */
class LimitsPipelineTest extends PipelineTest {

  @Test
  void shouldTakeMoreRowsThanItsMemoryHolds() {
    int budgetBytes = 300_000;
    int rows = 40_000;
    start(NodeOptions.DEFAULTS.withBudgetBytes(budgetBytes));
    node().admin("create", Orders.ingest("orders"));
    Publisher publisher = node().publisher("orders", "till");
    Promise<Void> done = Promise.promise();
    long[] most = {0};
    node()
        .onPatiently(
            () -> {
              append(publisher, 0, rows, most, done);
              return done.future();
            });
    assertTrue(most[0] <= budgetBytes);
    Map<Object, Long> expected = new HashMap<>();
    for (long id = 0; id < rows; id++) {
      expected.put(Orders.values(id, "somebody who orders"), 1L);
    }
    assertEquals(expected, contents().of("orders"));
    assertTrue(
        node().counted("tidemark.messages.refused", "code", "OVERLOADED") > 0,
        "the publisher was to be slowed down");
    assertEquals(0, node().budget().heldBytes());
  }

  private void append(Publisher publisher, int from, int rows, long[] most, Promise<Void> done) {
    for (int id = from; id < rows; id++) {
      if (publisher.isFull()) {
        int next = id;
        publisher.onDrain(() -> append(publisher, next, rows, most, done));
        return;
      }
      publisher.append(Orders.binary(id, "somebody who orders")).onFailure(done::tryFail);
      most[0] = Math.max(most[0], node().budget().heldBytes());
    }
    publisher.flush().onComplete(flushed -> done.handle(flushed));
  }

  @Test
  void shouldRememberOnlySoManyProducers() {
    start(NodeOptions.DEFAULTS.withMaxProducers(3));
    node().admin("create", Orders.ingest("orders"));
    for (String producer : new String[] {"a", "b", "c"}) {
      node().reply("tidemark.orders", Orders.row(1, producer), "producer", producer, "seq", "1");
    }
    RefusedException refusal = openingRefused("d");
    assertEquals(FailureCode.OVERLOADED, refusal.code());
    assertTrue(refusal.getMessage().contains("too many producers"), refusal.getMessage());
    node().reply("tidemark.orders", Orders.row(2, "b"), "producer", "b", "seq", "2");
    assertEquals(4, contents().of("orders").size());
  }

  private RefusedException openingRefused(String producer) {
    return node()
        .on(
            () ->
                node()
                    .bus()
                    .request(
                        Addresses.open("orders"),
                        new OpenProducer("orders", 0, producer, "me", 1),
                        10_000)
                    .transform(done -> Future.succeededFuture((RefusedException) done.cause())));
  }

  @Test
  void shouldStopInTimeAlthoughAStoreDoesNotAnswer() {
    start(
        NodeOptions.DEFAULTS
            .withEventLoops(1)
            .withWriters(1)
            .withPersist(Settings.impatientStores())
            .withWriter(Settings.impatientWriter()));
    node().admin("create", Orders.ingest("orders"));
    JsonObject before = node().reply("tidemark.orders", Orders.row(1, "before"));
    assertTrue(before.getLong("time") > 0);
    node().consensusFaults(faults -> faults.outage(Outage.DETERMINATE));
    CompletableFuture<JsonObject> row =
        node()
            .ask("tidemark.orders", Orders.row(2, "never"))
            .toCompletionStage()
            .toCompletableFuture();
    Until.holds(() -> node().counted("tidemark.updates.staged") > 1);
    node().stop();
    assertTrue(!row.isDone() || row.isCompletedExceptionally(), "it was never durable");
    start(NodeOptions.DEFAULTS);
    assertEquals(Map.of(Orders.values(1, "before"), 1L), contents().of("orders"));
  }

  @Test
  void shouldTellAPublisherThatDoesNotWait() {
    start(NodeOptions.DEFAULTS);
    node().admin("create", Orders.ingest("orders"));
    Publisher publisher = node().publisher("orders", "till");
    RefusedException refusal =
        node()
            .on(
                () -> {
                  Promise<RefusedException> refused = Promise.promise();
                  Future<Receipt> last = Future.succeededFuture();
                  for (int i = 0; i < 400; i++) {
                    last = publisher.append(Orders.at(publisher.schema(), "x".repeat(60_000), 0));
                  }
                  last.onComplete(done -> refused.complete((RefusedException) done.cause()));
                  return refused.future();
                });
    assertEquals(FailureCode.OVERLOADED, refusal.code());
    assertTrue(refusal.getMessage().contains("wait for receipts"), refusal.getMessage());
  }
}
