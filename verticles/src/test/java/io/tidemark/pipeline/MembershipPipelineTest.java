package io.tidemark.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.client.Publisher;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Writers come and go while rows are published in every way: no request fails. */
class MembershipPipelineTest extends PipelineTest {

  private static final NodeOptions OPTIONS =
      NodeOptions.DEFAULTS
          .withMint(Settings.impatientMint())
          .withWriter(Settings.impatientWriter());

  @Test
  void shouldFailNoRequestWhileWritersComeAndGo() {
    start(OPTIONS);
    node().admin("create", Orders.ingest("orders"));
    Publisher publisher = node().publisher("orders", "till");
    Traffic traffic = new Traffic(node());
    traffic
        .add("published", id -> publisher.append(Orders.binary(id, "published")))
        .add("anonymous", id -> send(id, "anonymous"))
        .add(
            "numbered",
            id -> send(id, "numbered", "producer", "numbered", "seq", String.valueOf(id + 1)));
    for (int change = 0; change < 4; change++) {
      double planned = node().counted("tidemark.epochs.planned");
      if (change % 2 == 0) {
        node().gainsWriter(OPTIONS);
      } else {
        node().losesWriter(change / 2);
      }
      Until.holds(() -> node().counted("tidemark.epochs.planned") > planned || traffic.hasFailed());
      traffic.flows();
    }
    Map<Object, Long> rows = traffic.stop();
    assertEquals(rows, contents().of("orders"));
    assertTrue(node().counted("tidemark.epochs.planned") >= 4);
    assertEquals(0, node().counted("tidemark.fenced"));
  }

  private Future<JsonObject> send(long id, String who, String... headers) {
    return node().ask("tidemark.orders", Orders.row(id, who), headers);
  }

  @Test
  void shouldChangeOnceForSeveralThatComeTogether() {
    start(OPTIONS);
    node().admin("create", Orders.ingest("orders"));
    node().reply("tidemark.orders", Orders.row(1, "ann"));
    double epochs = node().counted("tidemark.epochs");
    for (int i = 0; i < 3; i++) {
      node().gainsWriter(OPTIONS);
    }
    node().awaitReady("orders");
    Until.holds(() -> node().counted("tidemark.epochs.planned") > 0);
    assertTrue(node().counted("tidemark.epochs") <= epochs + 3);
    node().reply("tidemark.orders", Orders.row(2, "ann"));
    assertEquals(2, contents().of("orders").size());
  }
}
