package io.tidemark.launcher.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.tidemark.launcher.config.NodeConfig;
import io.tidemark.location.Await;
import io.tidemark.protocol.Addresses;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.junit5.VertxExtension;
import java.nio.file.Path;
import java.util.stream.Collectors;
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

  @Test
  void shouldShowWhereACollectionStandsOnlyWhileItCoordinatesIt(Vertx vertx) {
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    NodeConfig config = NodeConfig.DEFAULTS.withHttp("127.0.0.1", 0).withData(folder);
    Node node = Await.result(Node.start(vertx, config, registry));
    JsonObject create =
        new JsonObject()
            .put("action", "create")
            .put("name", "orders")
            .put(
                "columns",
                new JsonArray().add(new JsonObject().put("name", "id").put("type", "int64")));
    Await.result(node.bus().request(Addresses.ADMIN, create, 10_000));
    String before = progress(registry);
    assertTrue(before.contains("collection=\"orders\""), before);
    Await.result(node.stop());
    assertEquals("", progress(registry));

    Node again = Await.result(Node.start(vertx, config, registry));
    Object time = Await.result(publish(vertx, again));
    double shown = Double.parseDouble(progress(registry).replaceAll(".*} ", ""));
    assertTrue(shown > ((JsonObject) time).getLong("time"), "the first one's stands at 0");
    Await.result(again.stop());
  }

  /** The pipeline of a node that has started begins a moment later. */
  private static Future<Object> publish(Vertx vertx, Node node) {
    return node.bus()
        .request(Addresses.rows("orders"), new JsonObject().put("id", 7), 10_000)
        .recover(starting -> vertx.timer(50).compose(later -> publish(vertx, node)));
  }

  private static String progress(PrometheusMeterRegistry registry) {
    return registry
        .scrape()
        .lines()
        .filter(line -> line.startsWith("tidemark_source_progress{"))
        .collect(Collectors.joining());
  }
}
