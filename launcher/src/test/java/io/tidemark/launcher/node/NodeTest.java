package io.tidemark.launcher.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.tidemark.launcher.config.NodeConfig;
import io.tidemark.location.Await;
import io.tidemark.protocol.Addresses;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.junit5.VertxExtension;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(VertxExtension.class)
class NodeTest {

  @TempDir private Path folder;

  private Node start(Vertx vertx) {
    return Await.result(
        Node.start(
            vertx,
            NodeConfig.DEFAULTS.withHttp("127.0.0.1", 0).withData(folder),
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT)));
  }

  @Test
  void shouldKeepRowsOverARestart(Vertx vertx) {
    Node node = start(vertx);
    JsonObject created =
        (JsonObject)
            Await.result(
                node.bus()
                    .request(
                        Addresses.ADMIN,
                        new JsonObject()
                            .put("action", "create")
                            .put("name", "orders")
                            .put(
                                "columns",
                                new JsonArray()
                                    .add(new JsonObject().put("name", "id").put("type", "int64"))),
                        10_000));
    assertEquals("orders", created.getString("name"));
    JsonObject reply =
        (JsonObject)
            Await.result(
                node.bus()
                    .request(Addresses.rows("orders"), new JsonObject().put("id", 7), 10_000));
    assertTrue(reply.getLong("time") < reply.getLong("upper"));
    Await.result(node.stop());

    Node again = start(vertx);
    JsonObject described =
        (JsonObject)
            Await.result(
                again
                    .bus()
                    .request(
                        Addresses.ADMIN,
                        new JsonObject().put("action", "describe").put("name", "orders"),
                        10_000));
    assertEquals(1, described.getLong("updates"));
    Await.result(again.stop());
  }
}
