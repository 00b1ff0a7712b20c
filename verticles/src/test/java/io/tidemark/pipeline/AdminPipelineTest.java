package io.tidemark.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.protocol.Addresses;
import io.tidemark.protocol.FailureCode;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Collections are created and looked at through the admin address. */
class AdminPipelineTest extends PipelineTest {

  @Test
  void shouldCreateDescribeAndList() {
    JsonObject created = node().admin("create", Orders.source("ticks", 3));
    assertEquals("ticks", created.getString("name"));
    assertEquals("source", created.getString("mode"));
    assertEquals(3, created.getInteger("partitions"));
    assertEquals(List.of("id", "who"), names(created));
    node().admin("create", Orders.ingest("orders"));
    node().reply("tidemark.orders", Orders.row(1, "ann"), "producer", "till", "seq", "1");

    JsonObject orders = node().describe("orders");
    assertEquals("ingest", orders.getString("mode"));
    assertEquals(1, orders.getInteger("partitions"));
    assertEquals(0, orders.getLong("since"));
    assertTrue(orders.getLong("upper") > 0);
    assertEquals(1, orders.getLong("epoch"));
    assertEquals(1, orders.getLong("updates"));
    JsonObject till = orders.getJsonObject("producers").getJsonObject("till");
    assertEquals(1, till.getLong("sequence"));
    assertEquals(0, node().describe("ticks").getLong("updates"));

    JsonArray all = node().admin("list", new JsonObject()).getJsonArray("collections");
    assertEquals(
        List.of("orders", "ticks"),
        all.stream().map(each -> ((JsonObject) each).getString("name")).toList());
    assertEquals(created, all.getJsonObject(1));
  }

  private static List<String> names(JsonObject created) {
    return created.getJsonArray("columns").stream()
        .map(each -> ((JsonObject) each).getString("name"))
        .collect(Collectors.toList());
  }

  @Test
  void shouldAlterTheRetention() {
    node().admin("create", Orders.ingest("orders").put("retention", "P7D"));
    assertEquals(604_800_000L, node().describe("orders").getValue("retention"));
    node().admin("create", Orders.source("ticks", 1));
    assertEquals("forever", node().describe("ticks").getValue("retention"));

    JsonObject altered =
        node().admin("alter", new JsonObject().put("name", "ticks").put("retention", "17"));

    assertEquals(17L, altered.getLong("retention"));
    assertEquals(17L, node().describe("ticks").getLong("retention"));
    JsonObject alter = new JsonObject().put("action", "alter").put("name", "orders");
    invalid("nothing is to be changed", alter);
    invalid("'mode' is no property", alter.copy().put("mode", "source"));
    invalid("\"retention\" is '7'", alter.copy().put("retention", "7"));
    invalid("\"name\" is missing", without(alter, "name").put("retention", "7d"));
    refused(
        FailureCode.UNKNOWN_COLLECTION,
        "no collection 'order'",
        alter.copy().put("name", "order").put("retention", "7d"));
    assertEquals(604_800_000L, node().describe("orders").getValue("retention"));
  }

  @Test
  void shouldTellWhoTakesPart() {
    assertEquals(
        node().writers().stream().sorted().toList(),
        node().admin("cluster", new JsonObject()).getJsonArray("writers").stream()
            .sorted()
            .toList());
  }

  @Test
  void shouldRefuseWhatMakesNoSense() {
    JsonObject good = Orders.ingest("orders").put("action", "create");
    invalid("JSON object", "create");
    invalid("JSON object", new JsonArray());
    invalid("use create", new JsonObject());
    invalid("'explode'", new JsonObject().put("action", "explode"));
    invalid("\"name\" is missing", new JsonObject().put("action", "create"));
    invalid("\"name\" is missing", new JsonObject().put("action", "describe"));
    invalid("'Orders' cannot name", good.copy().put("name", "Orders"));
    invalid("cannot name", good.copy().put("name", ""));
    invalid("cannot name", good.copy().put("name", "x".repeat(64)));
    invalid("cannot name", good.copy().put("name", "admin"));
    invalid("'colour'", good.copy().put("colour", "red"));
    invalid("mode", good.copy().put("mode", "sideways"));
    invalid("only a collection in source mode", good.copy().put("partitions", 2));
    invalid("1 to 1024", good.copy().put("mode", "source").put("partitions", 0));
    invalid("1 to 1024", good.copy().put("mode", "source").put("partitions", 1025));
    invalid("partitions", good.copy().put("mode", "source").put("partitions", "two"));
    invalid("partitions", good.copy().put("mode", "source").put("partitions", 4294967298L));
    invalid("\"retention\" is '30'", good.copy().put("retention", "30"));
    invalid("\"retention\" is '0'", good.copy().put("retention", 0));
    invalid("\"retention\" is 'null'", good.copy().putNull("retention"));
    invalid("whole number", good.copy().put("mode", "source").put("retention", "7d"));
    invalid("\"columns\" is missing", without(good, "columns"));
    invalid("columns", good.copy().put("columns", "id int64"));
    invalid("", good.copy().put("columns", new JsonArray()));
    invalid("", good.copy().put("columns", new JsonArray().add("id")));
    invalid("money", column(good, new JsonObject().put("name", "id").put("type", "money")));
    invalid("_id", column(good, new JsonObject().put("name", "_id").put("type", "int64")));
    assertEquals(
        new JsonArray(), node().admin("list", new JsonObject()).getJsonArray("collections"));
  }

  private static JsonObject without(JsonObject request, String key) {
    JsonObject copy = request.copy();
    assertTrue(copy.remove(key) != null);
    return copy;
  }

  private static JsonObject column(JsonObject request, JsonObject column) {
    return request.copy().put("columns", new JsonArray().add(column));
  }

  private void invalid(String text, Object request) {
    refused(FailureCode.INVALID_ROW, text, request);
  }

  private void refused(FailureCode code, String text, Object request) {
    ReplyException refusal = node().refusal(Addresses.ADMIN, request);
    assertEquals(code.status(), refusal.failureCode(), refusal.getMessage());
    assertTrue(
        refusal.getMessage().startsWith(code + ": ") && refusal.getMessage().contains(text),
        refusal.getMessage());
    assertTrue(!refusal.getMessage().contains("java."), refusal.getMessage());
  }

  @Test
  void shouldRefuseACollectionThatIsThereAndOneThatIsNot() {
    node().admin("create", Orders.ingest("orders"));
    refused(
        FailureCode.COLLECTION_EXISTS,
        "'orders' exists already",
        Orders.ingest("orders").put("action", "create"));
    refused(
        FailureCode.UNKNOWN_COLLECTION,
        "no collection 'order'",
        new JsonObject().put("action", "describe").put("name", "order"));
  }

  @Test
  void shouldDescribeACollectionThatHasEnded() {
    node().admin("create", Orders.source("ticks", 1));
    Sources.seal(node(), "ticks");
    assertNull(node().describe("ticks").getValue("upper"));
  }
}
