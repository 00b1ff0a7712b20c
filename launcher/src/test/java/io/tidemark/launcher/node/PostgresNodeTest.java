package io.tidemark.launcher.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.tidemark.launcher.config.ConfigException;
import io.tidemark.launcher.config.ConfigReader;
import io.tidemark.launcher.config.NodeConfig;
import io.tidemark.location.Await;
import io.tidemark.location.DeterminateException;
import io.tidemark.location.postgresql.PostgresServer;
import io.tidemark.protocol.Addresses;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.junit5.VertxExtension;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(VertxExtension.class)
class PostgresNodeTest {

  private static final long REQUEST_MILLIS = 30_000;

  @TempDir private Path folder;

  private Future<Node> start(Vertx vertx, String consensus) {
    NodeConfig config =
        ConfigReader.read(
            new JsonObject()
                .put("http.port", 0)
                .put("store.consensus", consensus)
                .put("store.blob", "file:" + folder.resolve("parts")));
    return Node.start(vertx, config, new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
  }

  private static JsonObject request(Node node, String address, JsonObject body) {
    return (JsonObject) Await.result(node.bus().request(address, body, REQUEST_MILLIS));
  }

  @Test
  void shouldKeepItsStateInPostgresql(Vertx vertx) {
    String uri = PostgresServer.shared().uri(PostgresServer.newSchema());
    JsonArray columns =
        new JsonArray().add(new JsonObject().put("name", "id").put("type", "int64"));
    Node node = Await.result(start(vertx, uri));
    assertEquals(
        "orders",
        request(
                node,
                Addresses.ADMIN,
                new JsonObject()
                    .put("action", "create")
                    .put("name", "orders")
                    .put("columns", columns))
            .getString("name"));
    JsonObject reply = request(node, Addresses.rows("orders"), new JsonObject().put("id", 7));
    assertTrue(reply.getLong("time") < reply.getLong("upper"));
    Await.result(node.stop());

    Node again = Await.result(start(vertx, uri));
    JsonObject described =
        request(
            again,
            Addresses.ADMIN,
            new JsonObject().put("action", "describe").put("name", "orders"));
    assertEquals(1, described.getLong("updates"));
    Await.result(again.stop());
  }

  @Test
  void shouldSayWithoutThePasswordWhyItDoesNotStart(Vertx vertx) {
    int port = PostgresServer.shared().port();
    String misuse =
        Await.failure(ConfigException.class, start(vertx, "postgresql://me:s3cret@127.0.0.1"))
            .getMessage();
    String refused =
        Await.failure(
                DeterminateException.class,
                start(vertx, "postgresql://postgres:s3cret@127.0.0.1:" + port + "/nowhere"))
            .getMessage();

    assertTrue(misuse.contains("'store.consensus'"), misuse);
    assertTrue(refused.contains("nowhere"), refused);
    assertFalse((misuse + refused).contains("s3cret"), misuse + refused);
  }
}
