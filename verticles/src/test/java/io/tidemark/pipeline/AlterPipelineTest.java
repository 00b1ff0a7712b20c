package io.tidemark.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.tidemark.client.Change;
import io.tidemark.client.Publisher;
import io.tidemark.client.Subscriber;
import io.tidemark.client.SubscriberOptions;
import io.tidemark.persist.EvolveOutcome.Evolved;
import io.tidemark.persist.Shard;
import io.tidemark.protocol.Addresses;
import io.tidemark.row.Column;
import io.tidemark.row.ColumnType;
import io.vertx.core.Future;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The columns of a collection are altered while rows are published and read: nothing is lost. */
@Timeout(240)
class AlterPipelineTest extends PipelineTest {

  private static final NodeOptions OPTIONS =
      NodeOptions.DEFAULTS
          .withMint(Settings.impatientMint())
          .withWriter(Settings.impatientWriter());

  private static JsonObject orders() {
    return new JsonObject().put("name", "orders");
  }

  private static JsonArray column(String name, String type) {
    return new JsonArray().add(new JsonObject().put("name", name).put("type", type));
  }

  @CanIgnoreReturnValue
  private JsonObject addNote() {
    return node().admin("alter", orders().put("addColumns", column("note", "string")));
  }

  private Future<JsonObject> send(JsonObject row, String... headers) {
    return node().ask("tidemark.orders", row, headers);
  }

  private static JsonObject noted(long id, String who, String note) {
    return Orders.row(id, who).put("note", note);
  }

  /** A row of before, and of whoever does not know better, as it reads with so many columns. */
  private static Object padded(Object row, int columns) {
    List<Object> values = new ArrayList<>((List<?>) row);
    values.addAll(Collections.nCopies(columns - values.size(), null));
    return values;
  }

  @Test
  void shouldLoseNothingWhileRowsFlow() {
    start(OPTIONS);
    node().admin("create", Orders.ingest("orders"));
    Publisher before = node().publisher("orders", "before");
    Traffic traffic = new Traffic(node());
    traffic
        .add("published", id -> before.append(Orders.binary(id, "published")))
        .add("anonymous", id -> send(Orders.row(id, "anonymous")))
        .add(
            "numbered",
            id ->
                send(
                    Orders.row(id, "numbered"),
                    "producer",
                    "numbered",
                    "seq",
                    String.valueOf(id + 1)));
    traffic.flows();

    JsonObject altered = addNote();

    assertEquals(3, altered.getJsonArray("columns").size());
    Publisher after = node().publisher("orders", "after");
    traffic
        .add(
            id ->
                after.append(
                    row -> Orders.binary(id, "after").andThen(r -> r.string(2, "n")).accept(row)),
            id -> Arrays.asList(id, "after", "n"))
        .add(id -> send(noted(id, "noted", "n")), id -> Arrays.asList(id, "noted", "n"));
    traffic.flows();
    node().admin("alter", orders().put("addColumns", column("more", "int64")));
    node().gainsWriter(OPTIONS);
    node().admin("alter", orders().put("nullable", new JsonArray().add("id")));
    node().reply("tidemark.orders", new JsonObject().put("more", 5));
    traffic.flows();

    Map<Object, Long> rows = traffic.stop(row -> padded(row, 4));
    rows.put(Arrays.asList(null, null, null, 5L), 1L);
    assertEquals(rows, contents().of("orders"));
    assertEquals(0, node().counted("tidemark.fenced"));
    assertTrue(node().counted("tidemark.epochs.planned") >= 3);
  }

  @Test
  void shouldTakeBackARowOfBefore() {
    node().admin("create", Orders.ingest("orders"));
    node()
        .reply("tidemark.orders", new JsonArray().add(Orders.row(1, "a")).add(Orders.row(2, "b")));
    addNote();
    node().reply("tidemark.orders", Orders.row(1, "a").put("_diff", -1));

    assertEquals(Map.of(Arrays.asList(2L, "b", null), 1L), contents().of("orders"));
  }

  @Test
  void shouldChangeNothingTheSecondTime() {
    node().admin("create", Orders.ingest("orders"));
    JsonObject first = addNote();
    double epochs = node().counted("tidemark.epochs");

    assertEquals(first, addNote());
    assertEquals(first.getJsonArray("columns"), node().describe("orders").getJsonArray("columns"));
    assertEquals(epochs, node().counted("tidemark.epochs"));
  }

  @Test
  void shouldSayWhatCannotBeAltered() {
    node().admin("create", Orders.ingest("orders"));
    assertRefused("'who' is there already", orders().put("addColumns", column("who", "date")));
    JsonArray required = column("note", "string");
    required.getJsonObject(0).put("nullable", false);
    assertRefused("has to be nullable", orders().put("addColumns", required));
    assertRefused("no column 'what'", orders().put("nullable", new JsonArray().add("what")));
    assertRefused("is no list", orders().put("nullable", "id"));
    assertRefused("takes names", orders().put("nullable", new JsonArray().add(7)));
    assertRefused("is no list", orders().put("addColumns", "note"));
    assertRefused(
        "no collection", orders().put("name", "none").put("nullable", new JsonArray().add("id")));
    assertRefused("there is no column 'note'", "tidemark.orders", noted(1, "a", "n"));
  }

  private void assertRefused(String why, JsonObject wanted) {
    assertRefused(why, Addresses.ADMIN, wanted.put("action", "alter"));
  }

  private void assertRefused(String why, String address, JsonObject body) {
    ReplyException refused = node().refusal(address, body);
    assertTrue(refused.getMessage().contains(why), refused.getMessage());
    assertTrue(
        refused.getMessage().startsWith("INVALID_ROW")
            || refused.getMessage().startsWith("UNKNOWN_COLLECTION"),
        refused.getMessage());
  }

  /** Whoever altered the columns died before the list said so. */
  @Test
  void shouldListWhatTheShardHasOnceAnEpochBegins() {
    start(OPTIONS);
    node().admin("create", Orders.ingest("orders"));
    Shard shard = contents().shard("orders");
    Column note = Column.nullable("note", ColumnType.STRING);
    assertEquals(
        new Evolved(1),
        node().on(() -> shard.evolve(0, shard.schema().altered(List.of(note), List.of()))));
    assertEquals(2, contents().spec("orders").schema().size());
    node().gainsWriter(OPTIONS);

    Until.holds(() -> contents().spec("orders").schema().size() == 3);
    Until.holds(
        () ->
            node()
                .on(
                    () ->
                        send(noted(1, "a", "n"))
                            .transform(done -> Future.succeededFuture(done.succeeded()))));
    assertEquals(Map.of(Arrays.asList(1L, "a", "n"), 1L), contents().of("orders"));
  }

  @Test
  void shouldGiveASubscriberTheNewColumns() {
    node().admin("create", Orders.ingest("orders"));
    List<Change> changes = Collections.synchronizedList(new ArrayList<>());
    Subscriber subscriber =
        node()
            .on(
                () ->
                    Subscriber.open(
                        "orders",
                        SubscriberOptions.from("now"),
                        node().environment(),
                        node().bus()));
    node()
        .on(
            () -> {
              subscriber.handler(changes::add);
              return Future.<Void>succeededFuture();
            });
    JsonObject reading = node().reply("tidemark.orders.read", new JsonObject().put("from", "now"));
    node().reply("tidemark.orders", Orders.row(1, "a"));
    JsonObject first = next(reading, 0);
    addNote();
    node().reply("tidemark.orders", noted(2, "b", "n"));

    Until.holds(() -> rows(changes).size() == 2);
    assertEquals(
        List.of("[1, a]", "[2, b, n]"),
        rows(changes).stream().map(Object::toString).collect(Collectors.toList()));
    JsonObject second = next(reading, first.getInteger("number"));
    assertEquals(null, first.getJsonArray("columns"));
    assertEquals(3, second.getJsonArray("columns").size());
    assertEquals("n", second.getJsonArray("updates").getJsonObject(0).getString("note"));
  }

  /** The next block with updates; others only say how far it has come. */
  private JsonObject next(JsonObject reading, int after) {
    JsonObject question = new JsonObject().put("session", reading.getString("session"));
    for (int number = after + 1; ; number++) {
      JsonObject block = node().reply(reading.getString("reader"), question.put("number", number));
      if (!block.getJsonArray("updates").isEmpty()) {
        return block;
      }
    }
  }

  private static List<List<Object>> rows(List<Change> changes) {
    List<List<Object>> rows = new ArrayList<>();
    for (Change change : List.copyOf(changes)) {
      for (int i = 0; i < change.updates().size(); i++) {
        List<Object> values = new ArrayList<>();
        for (int c = 0; c < change.updates().schema().size(); c++) {
          values.add(change.updates().value(c, i));
        }
        rows.add(values);
      }
    }
    return rows;
  }
}
