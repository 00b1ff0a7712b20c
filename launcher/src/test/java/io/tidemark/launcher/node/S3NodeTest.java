package io.tidemark.launcher.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.tidemark.S3Server;
import io.tidemark.launcher.config.ConfigReader;
import io.tidemark.launcher.config.NodeConfig;
import io.tidemark.launcher.http.Client;
import io.tidemark.launcher.http.Client.Reply;
import io.tidemark.location.Await;
import io.tidemark.location.DeterminateException;
import io.tidemark.protocol.Addresses;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.junit5.VertxExtension;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(VertxExtension.class)
class S3NodeTest {

  private static final long REQUEST_MILLIS = 30_000;
  private static final String ROWS = "/collections/orders/rows";
  private static final String[] FIRST = {"Tidemark-Producer", "till", "Tidemark-Sequence", "1"};

  @TempDir private static Path folder;

  private static S3Server server;

  @BeforeAll
  static void startServer() {
    server = S3Server.start(folder);
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  /** Both stores in one bucket, below one prefix. */
  private static Future<Node> start(Vertx vertx, String uri) {
    NodeConfig config =
        ConfigReader.read(
            new JsonObject()
                .put("http.port", 0)
                .put("store.consensus", uri)
                .put("store.blob", uri)
                .put("snapshot.spillFolder", folder.resolve("spill").toString()));
    return Node.start(vertx, config, new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
  }

  /** A node that has just started answers 503 until it coordinates. */
  @CanIgnoreReturnValue
  private static Reply publish(Vertx vertx, Client client, String row, String... headers) {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(REQUEST_MILLIS);
    Reply reply = client.post(ROWS, row, headers);
    while (reply.status() == 503 && System.nanoTime() < deadline) {
      Await.result(vertx.timer(50));
      reply = client.post(ROWS, row, headers);
    }
    assertEquals(200, reply.status(), reply.body());
    return reply;
  }

  private static List<String> snapshot(Client client) {
    Reply reply = client.get("/collections/orders/snapshot");
    assertEquals(200, reply.status(), reply.body());
    return reply.lines().stream()
        .map(JsonObject::new)
        .map(row -> row.getLong("id") + " x " + row.getLong("_diff"))
        .sorted()
        .toList();
  }

  @Test
  void shouldKeepItsStateAndItsPartsInABucket(Vertx vertx) throws Exception {
    String uri = server.uri("orders", "node");
    Node node = Await.result(start(vertx, uri));
    Client client = new Client(node.port());
    assertEquals(201, client.create("orders").status());
    JsonObject row = new JsonObject().put("id", 7).put("name", "bus");
    JsonObject reply =
        (JsonObject)
            Await.result(node.bus().request(Addresses.rows("orders"), row, REQUEST_MILLIS));
    assertTrue(reply.getLong("time") < reply.getLong("upper"));
    Reply first = publish(vertx, client, "{\"id\": 8}", FIRST);
    // Too much for the state: these go through a part.
    StringBuilder many = new StringBuilder();
    for (int id = 100; id < 5_100; id++) {
      many.append("{\"id\": ").append(id).append(", \"name\": \"").append(id).append("\"}\n");
    }
    publish(vertx, client, many.toString());
    List<String> before = snapshot(client);
    assertEquals(5_002, before.size());
    Await.result(node.stop());

    Node again = Await.result(start(vertx, uri));
    Client later = new Client(again.port());
    assertEquals(before, snapshot(later));
    Reply repeated = publish(vertx, later, "{\"id\": 8}", FIRST);
    assertEquals(first.json().getLong("time"), repeated.json().getLong("time"));
    publish(vertx, later, "{\"id\": 9}");
    List<String> after = snapshot(later);
    assertEquals(5_003, after.size());
    assertTrue(after.containsAll(List.of("7 x 1", "8 x 1", "9 x 1")), after.toString());
    Await.result(again.stop());
    for (String part : List.of("node/consensus", "node/parts")) {
      assertTrue(Files.isDirectory(server.data().resolve("orders").resolve(part)), part);
    }
  }

  @Test
  void shouldSayWhyItDoesNotStart(Vertx vertx) {
    String uri = server.uri("orders", "node").replace("s3://orders/", "s3://missing/");

    String message = Await.failure(DeterminateException.class, start(vertx, uri)).getMessage();

    assertTrue(message.contains("make the bucket"), message);
  }
}
