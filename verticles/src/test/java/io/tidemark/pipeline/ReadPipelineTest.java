package io.tidemark.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.tidemark.client.Change;
import io.tidemark.client.Publisher;
import io.tidemark.client.Subscriber;
import io.tidemark.client.SubscriberOptions;
import io.tidemark.location.Await;
import io.tidemark.progress.Antichain;
import io.tidemark.protocol.Addresses;
import io.tidemark.protocol.FailureCode;
import io.tidemark.protocol.Messages.NextBlock;
import io.tidemark.protocol.Messages.OpenReading;
import io.tidemark.protocol.Messages.Reading;
import io.tidemark.protocol.RefusedException;
import io.tidemark.row.UpdateBlock;
import io.tidemark.row.UpdateBlockBuilder;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Reading a collection over a real event bus. */
@Timeout(240)
class ReadPipelineTest extends PipelineTest {

  /** What a subscriber was given. Only its context changes it. */
  private final class Seen {
    private final List<Change> changes = Collections.synchronizedList(new ArrayList<>());
    private final List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
    private final List<String> ends = Collections.synchronizedList(new ArrayList<>());
    private final Subscriber subscriber;

    Seen(String collection, String from) {
      subscriber =
          node()
              .on(
                  () ->
                      Subscriber.open(
                          collection,
                          SubscriberOptions.from(from),
                          node().environment(),
                          node().bus()));
    }

    @CanIgnoreReturnValue
    Seen flowing() {
      node()
          .on(
              () -> {
                subscriber
                    .exceptionHandler(failures::add)
                    .endHandler(end -> ends.add("end"))
                    .handler(changes::add);
                return Future.<Void>succeededFuture();
              });
      return this;
    }

    /** How often each id is there, by what was given until now. */
    Map<Long, Long> sums() {
      Map<Long, Long> sums = new TreeMap<>();
      for (Change change : List.copyOf(changes)) {
        UpdateBlock updates = change.updates();
        for (int i = 0; i < updates.size(); i++) {
          sums.merge((Long) updates.value(0, i), updates.diffs().get(i), Long::sum);
        }
      }
      sums.values().removeIf(sum -> sum == 0);
      return sums;
    }

    void awaitSums(Map<Long, Long> expected) {
      Until.holds(
          () -> {
            assertEquals(List.of(), failures);
            return sums().equals(expected);
          });
    }

    String position() {
      return changes.get(changes.size() - 1).position().text();
    }
  }

  private void create(String name) {
    node().admin("create", Orders.ingest(name));
  }

  private static Map<Long, Long> once(long from, long to) {
    Map<Long, Long> ids = new TreeMap<>();
    for (long id = from; id < to; id++) {
      ids.put(id, 1L);
    }
    return ids;
  }

  private void publish(String collection, long from, long to) {
    Publisher publisher = node().publisher(collection, "p" + from);
    node()
        .onPatiently(
            () -> {
              UpdateBlockBuilder block = new UpdateBlockBuilder(publisher.schema());
              for (long id = from; id < to; id++) {
                Orders.binary(id, "somebody who orders " + id).accept(block);
                block.row(0, 1);
              }
              return publisher.append(block.build()).compose(done -> publisher.close());
            });
  }

  @Test
  void shouldGiveTheContentsAndThenEveryChange() {
    create("orders");
    node()
        .reply("tidemark.orders", new JsonArray().add(Orders.row(1, "a")).add(Orders.row(2, "b")));
    Seen all = new Seen("orders", "snapshot").flowing();
    Seen changes = new Seen("orders", "now").flowing();
    all.awaitSums(Map.of(1L, 1L, 2L, 1L));
    long time = node().reply("tidemark.orders", Orders.row(3, "c")).getLong("time");
    node().reply("tidemark.orders", Orders.row(1, "a").put("_diff", -1));
    all.awaitSums(Map.of(2L, 1L, 3L, 1L));
    changes.awaitSums(Map.of(1L, -1L, 3L, 1L));
    assertEquals(Map.of(3L, 1L, 1L, -1L), changes.sums());
    new Seen("orders", Long.toString(time)).flowing().awaitSums(Map.of(1L, -1L, 3L, 1L));
    new Seen("orders", "0").flowing().awaitSums(Map.of(2L, 1L, 3L, 1L));
    new Seen("orders", all.position()).flowing().awaitSums(Map.of());
    assertEquals(all.changes.get(0).rows().size(), all.changes.get(0).updates().size());
  }

  @Test
  void shouldGiveAnEmptyCollectionAndWhatComes() {
    create("orders");
    Seen all = new Seen("orders", "snapshot").flowing();
    node().reply("tidemark.orders", Orders.row(1, "a"));
    all.awaitSums(Map.of(1L, 1L));
  }

  @Test
  void shouldTellTheEnd() {
    node().admin("create", Orders.source("orders", 1));
    Seen all = new Seen("orders", "snapshot").flowing();
    var partition = node().claim("orders", 0);
    node().on(() -> partition.send(Orders.at(partition.schema(), "a", 5, 7)));
    node().on(() -> partition.advance(Antichain.empty(), null));
    Until.holds(() -> !all.ends.isEmpty());
    all.awaitSums(Map.of(5L, 1L, 7L, 1L));
    assertEquals("end", all.position());
    assertEquals(List.of(), all.failures);
  }

  @Test
  void shouldHoldOnlySoMuchForAReaderThatDoesNotTakeIt() {
    create("orders");
    Seen slow = new Seen("orders", "snapshot");
    node()
        .on(
            () -> {
              slow.subscriber.pause();
              return Future.<Void>succeededFuture();
            });
    slow.flowing();
    for (int i = 0; i < 20; i++) {
      publish("orders", 10_000L * i, 10_000L * (i + 1));
    }
    // Nobody asks for more than there is room for, so whoever looks later finds no more given.
    assertEquals(List.of(), slow.changes);
    double given = node().counted("tidemark.updates.read");
    assertTrue(given < 60_000, "given: " + given);
    node()
        .on(
            () -> {
              slow.subscriber.fetch(1);
              return Future.<Void>succeededFuture();
            });
    Until.holds(() -> !slow.changes.isEmpty());
    assertEquals(1, slow.changes.size());
    node()
        .on(
            () -> {
              slow.subscriber.resume();
              return Future.<Void>succeededFuture();
            });
    slow.awaitSums(once(0, 200_000));
  }

  @Test
  void shouldGoOnInTheMiddleOfALargeStep() {
    create("orders");
    for (int i = 0; i < 6; i++) {
      publish("orders", 10_000L * i, 10_000L * (i + 1));
    }
    Seen first = new Seen("orders", "snapshot").flowing();
    first.awaitSums(once(0, 60_000));
    assertTrue(first.changes.size() > 4, "blocks: " + first.changes.size());
    Change middle = first.changes.get(first.changes.size() / 2);
    assertTrue(middle.position().text().contains("@"), middle.position().text());
    int half = first.changes.indexOf(middle) + 1;
    assertGoesOn(first, half, new Seen("orders", middle.position().text()).flowing());
    // With more columns rows have other hashes, but what has begun goes on in its order.
    JsonObject note = new JsonObject().put("name", "note").put("type", "string");
    node()
        .admin(
            "alter",
            new JsonObject().put("name", "orders").put("addColumns", new JsonArray().add(note)));
    assertGoesOn(first, half, new Seen("orders", middle.position().text()).flowing());
    Seen anew = new Seen("orders", "snapshot").flowing();
    anew.awaitSums(once(0, 60_000));
    Change other = anew.changes.get(anew.changes.size() / 2);
    assertTrue(
        other.position().text().matches(".*@[0-9a-f]+\\.[0-9]+\\.1"), other.position().text());
    assertGoesOn(
        anew,
        anew.changes.indexOf(other) + 1,
        new Seen("orders", other.position().text()).flowing());
  }

  private static void assertGoesOn(Seen first, int from, Seen rest) {
    Until.holds(() -> first.position().equals(rest.changes.isEmpty() ? "" : rest.position()));
    List<Change> all = List.copyOf(first.changes);
    assertEquals(rows(all.subList(from, all.size())), rows(List.copyOf(rest.changes)));
  }

  private static List<List<JsonObject>> rows(List<Change> changes) {
    return changes.stream().map(Change::rows).filter(rows -> !rows.isEmpty()).toList();
  }

  @Test
  void shouldGoOnAfterTheNodeWasStopped() {
    create("orders");
    publish("orders", 0, 100);
    Seen first = new Seen("orders", "snapshot").flowing();
    first.awaitSums(once(0, 100));
    node().stop();
    start(NodeOptions.DEFAULTS);
    node().awaitReady("orders");
    publish("orders", 100, 200);
    Seen second = new Seen("orders", first.position()).flowing();
    second.awaitSums(once(100, 200));
  }

  @Test
  void shouldAnswerWhoSpeaksJson() {
    create("orders");
    node().reply("tidemark.orders", Orders.row(1, "a"));
    JsonObject opened = node().reply("tidemark.orders.read", new JsonObject());
    assertEquals("snapshot", opened.getString("from"));
    assertEquals(2, opened.getJsonArray("columns").size());
    JsonObject ask = new JsonObject().put("session", opened.getString("session"));
    String reader = opened.getString("reader");
    JsonObject block = node().reply(reader, ask.copy().put("number", 1));
    assertEquals(1, block.getJsonArray("updates").size());
    assertEquals(1, block.getJsonArray("updates").getJsonObject(0).getLong("_diff"));
    JsonObject again = node().reply(reader, ask.copy().put("number", 1));
    assertEquals(block, again);
    JsonObject nothing = node().reply(reader, ask.copy().put("number", 2));
    assertEquals(new JsonArray(), nothing.getJsonArray("updates"));
    assertEquals(429, node().refusal(reader, ask.copy().put("number", 7)).failureCode());
    assertEquals(429, node().refusal(reader, ask.copy().put("number", 1)).failureCode());
    node().reply(reader, ask.copy().put("close", true));
    assertEquals(412, node().refusal(reader, ask.copy().put("number", 3)).failureCode());
    assertEquals(
        400,
        node()
            .refusal("tidemark.orders.read", new JsonObject().put("from", "yesterday"))
            .failureCode());
    assertEquals(
        400,
        node().refusal("tidemark.orders.read", new JsonObject().put("from", -1)).failureCode());
  }

  @Test
  void shouldBoundItsReadings() {
    create("orders");
    OpenReading open = new OpenReading("orders", "now");
    List<Reading> readings = new ArrayList<>();
    for (int i = 0; i < TestNode.MAX_READINGS; i++) {
      readings.add(
          (Reading) node().on(() -> node().bus().request(Addresses.read("orders"), open, 20_000)));
    }
    RefusedException refused =
        Await.failure(
            RefusedException.class, node().bus().request(Addresses.read("orders"), open, 20_000));
    assertEquals(FailureCode.OVERLOADED, refused.code());
    // All are silent, and closed after a while; one of them asks, and goes on.
    String session = readings.get(0).session();
    long[] number = {0};
    Until.holds(
        () -> {
          number[0]++;
          NextBlock ask = new NextBlock(session, number[0], number[0] - 1);
          node()
              .on(
                  () ->
                      node()
                          .bus()
                          .request(Addresses.reader(readings.get(0).reader()), ask, 20_000));
          return node().gauge("tidemark.readings") == 1;
        });
    assertFalse(readings.isEmpty());
  }

  @Test
  void shouldSayThatThereIsNoSuchCollection() {
    create("orders");
    RefusedException refused =
        Await.failure(
            RefusedException.class,
            Subscriber.open(
                "others", SubscriberOptions.from("now"), node().environment(), node().bus()));
    assertEquals(FailureCode.UNKNOWN_COLLECTION, refused.code());
  }
}
