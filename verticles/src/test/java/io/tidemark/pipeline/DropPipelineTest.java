package io.tidemark.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.catalog.Catalog;
import io.tidemark.catalog.DroppedCollection;
import io.tidemark.catalog.Finalization;
import io.tidemark.client.Publisher;
import io.tidemark.client.Subscriber;
import io.tidemark.client.SubscriberOptions;
import io.tidemark.location.Faults;
import io.tidemark.persist.PersistClient;
import io.tidemark.protocol.Addresses;
import io.tidemark.protocol.FailureCode;
import io.tidemark.protocol.RefusedException;
import io.vertx.core.Future;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A collection goes, with all that it holds, whoever uses it and whatever dies meanwhile. */
@Timeout(240)
class DropPipelineTest extends PipelineTest {

  /** Its shard's versions: one that says that it ended, and one of the rollup of that. */
  private static final int LEFT_VERSIONS = 2;

  private static JsonObject named(String collection) {
    return new JsonObject().put("name", collection);
  }

  private String create(String collection) {
    return node().admin("create", Orders.ingest(collection)).getString("shard");
  }

  private void drop(String collection) {
    assertEquals(collection, node().admin("drop", named(collection)).getString("name"));
  }

  private void refused(FailureCode code, String text, String action, String collection) {
    ReplyException refusal =
        node().refusal(Addresses.ADMIN, named(collection).put("action", action));
    assertTrue(
        refusal.getMessage().startsWith(code + ": ") && refusal.getMessage().contains(text),
        refusal.getMessage());
  }

  private JsonArray dropping() {
    return node().admin("list", new JsonObject()).getJsonArray("dropping");
  }

  private List<String> objects(String shard) {
    List<String> keys = new ArrayList<>();
    return node()
        .on(() -> node().stores().blob().list(shard + "/", each -> keys.add(each.key())).map(keys));
  }

  /** Nothing is left but the sign that the shard was dropped. */
  private void assertGone(String shard) {
    Until.holds(() -> dropping().isEmpty());
    List<String> left = objects(shard);
    assertEquals(1, left.size(), left::toString);
    assertEquals(
        LEFT_VERSIONS, node().on(() -> node().stores().consensus().scan(shard, 0, 100)).size());
  }

  /** Rows in parts of their own, so that there is something to delete. */
  private void publishParts(String collection) {
    for (int id = 0; id < 5; id++) {
      node().reply("tidemark." + collection, Orders.row(id, "ann"));
    }
  }

  private Subscriber subscribe(String collection, List<Throwable> failures) {
    return node()
        .on(
            () ->
                Subscriber.open(
                        collection,
                        SubscriberOptions.from("snapshot"),
                        node().environment(),
                        node().bus())
                    .onSuccess(
                        opened -> opened.exceptionHandler(failures::add).handler(change -> {})));
  }

  private static FailureCode code(Throwable failure) {
    return ((RefusedException) failure).code();
  }

  @Test
  void shouldTellEverybodyAndLeaveNothing() {
    start(NodeOptions.DEFAULTS.withPersist(Settings.parts(64 << 10)));
    String shard = create("orders");
    publishParts("orders");
    Publisher publisher = node().publisher("orders", "p");
    node().on(() -> publisher.append(Orders.binary(9, "ben")));
    List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
    Subscriber unused = subscribe("orders", failures);
    assertTrue(objects(shard).size() > 1, "there are parts");

    drop("orders");

    Until.holds(() -> !failures.isEmpty());
    assertEquals(FailureCode.UNKNOWN_COLLECTION, code(failures.get(0)));
    assertEquals(FailureCode.UNKNOWN_COLLECTION, code(failedAppend(publisher, 10)));
    ReplyException refusal = node().refusal("tidemark.orders", Orders.row(11, "cem"));
    assertTrue(
        refusal.failureType() == ReplyFailure.NO_HANDLERS
            || refusal.getMessage().startsWith("UNKNOWN_COLLECTION: "),
        refusal.getMessage());
    refused(FailureCode.UNKNOWN_COLLECTION, "it was dropped", "drop", "orders");
    refused(FailureCode.UNKNOWN_COLLECTION, "no collection 'orders'", "describe", "orders");
    Until.holds(
        () -> node().admin("cluster", new JsonObject()).getJsonArray("coordinators").isEmpty());
    assertGone(shard);
    refused(FailureCode.UNKNOWN_COLLECTION, "create it", "drop", "orders");
    assertEquals(0, node().budget().heldBytes());
  }

  private Throwable failedAppend(Publisher publisher, long id) {
    return node()
        .on(
            () ->
                publisher
                    .append(Orders.binary(id, "ann"))
                    .transform(done -> Future.succeededFuture(done.cause())));
  }

  @Test
  void shouldMakeAnotherOfTheSameNameAtOnce() {
    String shard = create("orders");
    publishParts("orders");
    JsonObject message = Orders.row(1, "ann");
    node().reply("tidemark.orders", message, "producer", "p", "seq", "1");
    long epoch = node().describe("orders").getLong("epoch");
    List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
    Subscriber unused = subscribe("orders", failures);

    drop("orders");
    JsonObject wider = Orders.ingest("orders");
    wider.getJsonArray("columns").add(new JsonObject().put("name", "note").put("type", "string"));
    JsonObject created = node().admin("create", wider);

    assertNotEquals(shard, created.getString("shard"));
    assertEquals(Map.of(), contents().of("orders"));
    JsonObject described = node().describe("orders");
    assertTrue(described.getLong("epoch") > epoch, "epochs of the name go on rising");
    assertFalse(described.getJsonObject("producers").containsKey("p"));
    node().reply("tidemark.orders", message.put("note", "new"), "producer", "p", "seq", "1");
    assertEquals(
        Map.of(List.of(1L, "ann", "new"), 1L),
        contents().of("orders"),
        "the first message of p was never sent to this one");
    Until.holds(() -> !failures.isEmpty());
    assertEquals(FailureCode.UNKNOWN_COLLECTION, code(failures.get(0)));
    assertGone(shard);
    assertEquals(1, contents().of("orders").size());
  }

  /** What an admin verticle does, in a process that dies right after. */
  private DroppedCollection takeOffTheList(String collection) {
    return node().on(() -> catalog().drop(collection));
  }

  private Catalog catalog() {
    PersistClient stores = node().stores();
    return new Catalog(stores.consensus(), node().environment(), stores.options().retry());
  }

  @Test
  void shouldFinishWhatIsOffTheListAndNoMore() {
    String shard = create("orders");
    publishParts("orders");
    DroppedCollection unused = takeOffTheList("orders");
    node().kill();
    start(NodeOptions.DEFAULTS);

    String another = create("orders");

    assertNotEquals(shard, another);
    assertEquals(Map.of(), contents().of("orders"));
    assertGone(shard);
  }

  @Test
  void shouldFinishWhatHasEndedAndNoMore() {
    NodeOptions options =
        NodeOptions.DEFAULTS.withEventLoops(1).withPersist(Settings.parts(64 << 10));
    start(options);
    String shard = create("orders");
    publishParts("orders");
    node().blobFaults(faults -> faults.outage(Faults.Outage.DETERMINATE));
    DroppedCollection dropped = takeOffTheList("orders");
    node()
        .on(() -> new Finalization(catalog(), node().stores(), node().environment()).end(dropped));
    assertTrue(objects(shard).size() > 1, "nothing is deleted yet");
    node().kill();

    start(options);

    assertEquals(1, dropping().size());
    assertGone(shard);
    node().refusal("tidemark.orders", Orders.row(1, "ann"));
  }

  @Test
  void shouldSayThatTheShardGoesOnForNow() {
    start(NodeOptions.DEFAULTS.withEventLoops(1).withPersist(Settings.impatientStores()));
    String shard = create("orders");
    node().blobFaults(faults -> faults.outage(Faults.Outage.DETERMINATE));

    refused(FailureCode.UNAVAILABLE, "off the list", "drop", "orders");

    refused(FailureCode.UNKNOWN_COLLECTION, "it was dropped", "drop", "orders");
    node().blobFaults(faults -> faults.outage(Faults.Outage.NONE));
    assertGone(shard);
  }

  @Test
  void shouldRefuseToDropWhatIsNotThere() {
    refused(FailureCode.UNKNOWN_COLLECTION, "no collection 'orders'", "drop", "orders");
  }
}
