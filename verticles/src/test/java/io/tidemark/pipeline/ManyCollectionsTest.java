package io.tidemark.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidemark.location.Await;
import io.tidemark.protocol.Addresses;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** One node runs many pipelines. */
class ManyCollectionsTest extends PipelineTest {

  private static final int COLLECTIONS = 50;
  private static final int ROWS = 20;

  @Test
  void shouldRunManyCollectionsAtOnce() {
    List<Future<JsonObject>> created = new ArrayList<>();
    for (int c = 0; c < COLLECTIONS; c++) {
      created.add(node().ask(Addresses.ADMIN, Orders.ingest("orders" + c).put("action", "create")));
    }
    created.forEach(Await::result);
    List<Future<JsonObject>> sent = new ArrayList<>();
    for (int row = 0; row < ROWS; row++) {
      for (int c = 0; c < COLLECTIONS; c++) {
        sent.add(node().ask("tidemark.orders" + c, Orders.row(row, "of " + c)));
      }
    }
    // Created while the others are at work.
    node().admin("create", Orders.ingest("late"));
    node().reply("tidemark.late", new JsonArray().add(Orders.row(1, "late")));
    sent.forEach(Await::result);
    for (int c = 0; c < COLLECTIONS; c++) {
      var rows = contents().of("orders" + c);
      assertEquals(ROWS, rows.size());
      for (int row = 0; row < ROWS; row++) {
        assertEquals(1, rows.get(Orders.values(row, "of " + c)));
      }
    }
    assertEquals(
        COLLECTIONS + 1, node().admin("list", new JsonObject()).getJsonArray("collections").size());
  }
}
