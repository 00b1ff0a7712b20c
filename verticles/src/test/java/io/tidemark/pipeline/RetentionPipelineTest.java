package io.tidemark.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.client.SourcePartition;
import io.tidemark.progress.Antichain;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.Test;

/** The since follows the upper at the distance that the collection has, while the node runs. */
class RetentionPipelineTest extends PipelineTest {

  private static final long HOUR_MILLIS = 3_600_000;

  private long since(String collection) {
    return node().describe(collection).getLong("since");
  }

  private void alter(String collection, Object retention) {
    node().admin("alter", new JsonObject().put("name", collection).put("retention", retention));
  }

  @Test
  void shouldTakeAnotherRetentionWithoutARestart() {
    start(NodeOptions.DEFAULTS.withMint(Settings.heartbeat(100)));
    node().admin("create", Orders.ingest("orders"));
    node().reply("tidemark.orders", Orders.row(1, "ann"));
    assertEquals(0, since("orders"));

    alter("orders", "1h");
    Until.holds(() -> since("orders") > 0);
    JsonObject moved = node().describe("orders");
    assertTrue(
        moved.getLong("since") <= moved.getLong("upper") - HOUR_MILLIS, moved.encodePrettily());
    assertEquals(1, contents().of("orders").size(), "what was inserted long ago is still there");

    long before = since("orders");
    alter("orders", "2h");
    node().reply("tidemark.orders", Orders.row(2, "ben"));
    alter("orders", "forever");
    node().reply("tidemark.orders", Orders.row(3, "cem"));
    assertEquals(before, since("orders"), "it does not go back");
  }

  @Test
  void shouldKeepTheNewestTimeReadable() {
    node().admin("create", Orders.source("ticks", 1).put("retention", 1));
    SourcePartition source = node().claim("ticks", 0);
    for (long time = 0; time < 5; time++) {
      Antichain complete = Antichain.of(time + 1);
      Sources.send(node(), source, "ann", time);
      node().on(() -> source.advance(complete, null));
      assertEquals(time + 1, contents().of("ticks").size());
    }
    Until.holds(() -> since("ticks") > 0);
    assertTrue(since("ticks") <= 4, "the newest complete time is 4");
  }
}
