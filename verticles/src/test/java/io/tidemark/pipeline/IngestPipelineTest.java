package io.tidemark.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.client.Publisher;
import io.tidemark.client.PublisherOptions;
import io.tidemark.location.Await;
import io.tidemark.protocol.Messages.Receipt;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;

/** Rows of applications on their way into a collection in ingest mode. */
class IngestPipelineTest extends PipelineTest {

  @Test
  void shouldAnswerARowOnceASnapshotHoldsIt() {
    node().admin("create", Orders.ingest("orders"));
    JsonObject reply = node().reply("tidemark.orders", Orders.row(1, "ann"));
    long time = reply.getLong("time");
    assertTrue(time < reply.getLong("upper"));
    assertEquals(
        Map.of(Orders.values(1, "ann"), 1L), contents().at("orders", OptionalLong.of(time)));
    assertEquals(Map.of(), contents().at("orders", OptionalLong.of(time - 1)));
  }

  @Test
  void shouldTakeAnArrayAtOneTimeAndRetractionsToo() {
    node().admin("create", Orders.ingest("orders"));
    JsonArray rows = new JsonArray().add(Orders.row(1, "ann")).add(Orders.row(2, null));
    JsonObject reply = node().reply("tidemark.orders", rows.add(Orders.row(1, "ann")));
    Map<Object, Long> expected = new HashMap<>();
    expected.put(Orders.values(1, "ann"), 2L);
    expected.put(Orders.values(2, null), 1L);
    OptionalLong time = OptionalLong.of(reply.getLong("time"));
    assertEquals(expected, contents().at("orders", time));
    assertEquals(
        Map.of(),
        contents().at("orders", OptionalLong.of(time.getAsLong() - 1)),
        "all of a message comes at one time");

    node().reply("tidemark.orders", Orders.row(1, "ann").put("_diff", -2));
    assertEquals(Map.of(Orders.values(2, null), 1L), contents().of("orders"));
    assertEquals(2, node().counted("tidemark.source.row.retractions"));
    assertEquals(3, node().counted("tidemark.source.row.inserts"));
  }

  @Test
  void shouldKeepTheOrderOfAProducer() {
    node().admin("create", Orders.ingest("orders"));
    List<Future<JsonObject>> replies = new ArrayList<>();
    for (int sequence = 1; sequence <= 200; sequence++) {
      replies.add(
          node()
              .ask(
                  "tidemark.orders",
                  Orders.row(sequence, "ann"),
                  "producer",
                  "till",
                  "seq",
                  "" + sequence));
    }
    long before = 0;
    for (Future<JsonObject> reply : replies) {
      long time = Await.result(reply).getLong("time");
      assertTrue(before <= time, "a later message must not come at an earlier time");
      before = time;
    }
    assertEquals(200, contents().of("orders").size());
  }

  @Test
  void shouldGiveARepeatTheReplyOfTheFirst() {
    node().admin("create", Orders.ingest("orders"));
    String[] headers = {"producer", "till", "seq", "1"};
    JsonObject first = node().reply("tidemark.orders", Orders.row(1, "ann"), headers);
    assertEquals(first, node().reply("tidemark.orders", Orders.row(1, "ann"), headers));
    // What it says does not matter: the number does.
    assertEquals(first, node().reply("tidemark.orders", Orders.row(9, "eve"), headers));
    assertEquals(Map.of(Orders.values(1, "ann"), 1L), contents().of("orders"));

    node().stop();
    start(NodeOptions.DEFAULTS);
    node().awaitReady("orders");
    JsonObject later = node().reply("tidemark.orders", Orders.row(1, "ann"), headers);
    assertEquals(first.getLong("time"), later.getLong("time"), "also after a restart");
    assertEquals(Map.of(Orders.values(1, "ann"), 1L), contents().of("orders"));
  }

  @Test
  void shouldTakeRowsOfManyProducersAtOnce() {
    int publishers = 4;
    int rows = 25_000;
    node().admin("create", Orders.ingest("orders"));
    List<Future<List<Receipt>>> all = new ArrayList<>();
    for (int p = 0; p < publishers; p++) {
      String producer = "p" + p;
      Context context = node().vertx().getOrCreateContext();
      Promise<List<Receipt>> receipts = Promise.promise();
      context.runOnContext(now -> publish(producer, rows).onComplete(receipts));
      all.add(receipts.future());
    }
    for (Future<List<Receipt>> each : all) {
      long before = 0;
      for (Receipt receipt : Await.result(each)) {
        assertTrue(before <= receipt.time(), "rows are committed in the order of their appending");
        before = receipt.time();
      }
    }
    Map<Object, Long> expected = new HashMap<>();
    for (int p = 0; p < publishers; p++) {
      for (long id = 0; id < rows; id++) {
        expected.put(Orders.values(id, "p" + p), 1L);
      }
    }
    assertEquals(expected, contents().of("orders"));
    assertEquals(publishers * rows, node().counted("tidemark.updates.committed"));
    assertEquals(publishers * rows, node().counted("tidemark.updates.staged"));
    assertEquals(0, node().budget().heldBytes(), "what is stored takes no memory");
    JsonObject positions = node().describe("orders").getJsonObject("producers");
    for (int p = 0; p < publishers; p++) {
      assertEquals(rows, positions.getJsonObject("p" + p).getLong("updates"));
    }
  }

  private Future<List<Receipt>> publish(String producer, long rows) {
    return Publisher.open(
            "orders", PublisherOptions.of(producer), node().environment(), node().bus())
        .compose(publisher -> new Publishing(publisher, producer, rows).run());
  }

  /** Appends rows as fast as the publisher takes them. */
  private static final class Publishing {
    private final Publisher publisher;
    private final String producer;
    private final long rows;
    private final List<Future<Receipt>> receipts = new ArrayList<>();
    private final Promise<List<Receipt>> done = Promise.promise();

    Publishing(Publisher publisher, String producer, long rows) {
      this.publisher = publisher;
      this.producer = producer;
      this.rows = rows;
    }

    Future<List<Receipt>> run() {
      append();
      return done.future();
    }

    private void append() {
      while (receipts.size() < rows) {
        if (publisher.isFull()) {
          publisher.onDrain(this::append);
          return;
        }
        receipts.add(publisher.append(Orders.binary(receipts.size(), producer)));
      }
      publisher
          .close()
          .map(closed -> receipts.stream().map(Future::result).toList())
          .onComplete(done);
    }
  }

  @Test
  void shouldTellEveryUpperAndChange() {
    node().admin("create", Orders.ingest("orders"));
    ConcurrentLinkedQueue<JsonObject> uppers = new ConcurrentLinkedQueue<>();
    ConcurrentLinkedQueue<JsonObject> changes = new ConcurrentLinkedQueue<>();
    listen("tidemark.orders.upper", uppers);
    listen("tidemark.orders.changes", changes);
    Map<Long, Long> times = new HashMap<>();
    for (long id = 0; id < 20; id++) {
      times.put(id, node().reply("tidemark.orders", Orders.row(id, "ann")).getLong("time"));
    }
    Until.holds(() -> changes.stream().mapToInt(IngestPipelineTest::updates).sum() == 20);

    Map<Long, Long> told = new HashMap<>();
    Long upper = null;
    for (JsonObject change : changes) {
      if (upper != null) {
        assertEquals(upper, change.getLong("lower"), "no change is left out");
      }
      upper = change.getLong("upper");
      for (Object update : change.getJsonArray("updates")) {
        JsonObject row = (JsonObject) update;
        told.put(row.getLong("id"), row.getLong("_time"));
        assertEquals(1, row.getLong("_diff"));
      }
    }
    assertEquals(times, told);
    Long last = upper;
    Until.holds(() -> uppers.stream().anyMatch(each -> last.equals(each.getLong("upper"))));
    long before = 0;
    for (JsonObject each : uppers) {
      assertTrue(before < each.getLong("upper"), "the upper never goes back");
      assertEquals(1, each.getLong("epoch"));
      before = each.getLong("upper");
    }
  }

  private void listen(String address, ConcurrentLinkedQueue<JsonObject> told) {
    var unused =
        Await.result(
            node()
                .vertx()
                .eventBus()
                .<JsonObject>consumer(address, message -> told.add(message.body()))
                .completion());
  }

  private static int updates(JsonObject change) {
    JsonArray updates = change.getJsonArray("updates");
    return updates == null ? 0 : updates.size();
  }

  @Test
  void shouldMoveTheUpperWhenThereAreNoRows() {
    start(NodeOptions.DEFAULTS.withMint(Settings.heartbeat(50)));
    node().admin("create", Orders.ingest("orders"));
    long first = node().describe("orders").getLong("upper");
    Until.holds(() -> node().describe("orders").getLong("upper") > first);
  }

  @Test
  void shouldTellOnlyTheBoundsOfALargeChange() {
    start(NodeOptions.DEFAULTS.withAppend(Settings.changes(200)));
    node().admin("create", Orders.ingest("orders"));
    ConcurrentLinkedQueue<JsonObject> changes = new ConcurrentLinkedQueue<>();
    listen("tidemark.orders.changes", changes);
    JsonArray many = new JsonArray();
    for (long id = 0; id < 100; id++) {
      many.add(Orders.row(id, "somebody"));
    }
    long upper = node().reply("tidemark.orders", many).getLong("upper");
    Until.holds(() -> changes.stream().anyMatch(each -> each.getLong("upper") == upper));
    JsonObject change =
        changes.stream().filter(each -> each.getLong("upper") == upper).findFirst().orElseThrow();
    assertTrue(change.containsKey("lower"));
    assertTrue(!change.containsKey("updates"));
  }
}
