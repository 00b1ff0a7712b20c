package io.tidemark.launcher.node;

import static io.tidemark.launcher.cluster.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.hazelcast.multimap.MultiMap;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.tidemark.launcher.cluster.TestCluster;
import io.tidemark.launcher.cluster.TestCluster.Member;
import io.tidemark.launcher.config.NodeConfig;
import io.tidemark.launcher.http.Client;
import io.tidemark.location.Await;
import io.tidemark.protocol.Addresses;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.spi.cluster.hazelcast.impl.HazelcastRegistrationInfo;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Three whole nodes on one folder, clustered. */
@Timeout(180)
class ClusterTest {

  private static final int NODES = 3;

  @TempDir private Path folder;

  private final List<Node> nodes = new ArrayList<>();
  private TestCluster cluster;
  private int sent;

  @BeforeEach
  void start() {
    cluster = new TestCluster(NODES);
    cluster.members().forEach(this::startNode);
  }

  private void startNode(Member member) {
    nodes.add(
        Await.result(
            Node.start(
                member.vertx(),
                NodeConfig.DEFAULTS.withHttp("127.0.0.1", 0).withData(folder),
                new PrometheusMeterRegistry(PrometheusConfig.DEFAULT))));
  }

  @AfterEach
  void stop() {
    nodes.forEach(node -> Await.result(node.stop().otherwiseEmpty()));
    cluster.close();
  }

  private Client client(int node) {
    return new Client(nodes.get(node).port());
  }

  /** Publishes a row through a node, again and again until it is taken. */
  private void publish(int node) {
    int id = ++sent;
    Client client = client(node);
    eventually(
        () ->
            client
                    .post(
                        "/collections/orders/rows",
                        "{\"id\":" + id + "}",
                        "Tidemark-Producer",
                        "p" + id,
                        "Tidemark-Sequence",
                        "1")
                    .status()
                == 200);
  }

  private void assertEveryRowOnce(int node) {
    List<String> expected =
        IntStream.rangeClosed(1, sent)
            .mapToObj(id -> "{\"id\":" + id + ",\"name\":null,\"_diff\":1}")
            .sorted()
            .toList();
    assertEquals(
        expected,
        client(node).get("/collections/orders/snapshot").lines().stream().sorted().toList());
  }

  private JsonObject membership(int node) {
    return (JsonObject)
        Await.result(
            nodes
                .get(node)
                .bus()
                .request(Addresses.ADMIN, new JsonObject().put("action", "cluster"), 10_000));
  }

  /** The index of the node that coordinates, as another one knows it. */
  private int coordinator() {
    JsonArray coordinators = membership(0).getJsonArray("coordinators");
    String name = coordinators.getJsonObject(0).getString("node");
    return IntStream.range(0, NODES)
        .filter(i -> cluster.member(i).manager().getNodeId().replace("-", "").startsWith(name))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void shouldTakeRowsThroughEveryNode() {
    assertEquals(201, client(0).create("orders").status());
    for (int i = 0; i < 10 * NODES; i++) {
      publish(i % NODES);
    }
    for (int i = 0; i < NODES; i++) {
      assertEveryRowOnce(i);
    }
    JsonObject membership = membership(1);
    assertEquals(NODES, membership.getJsonArray("nodes").size());
    assertEquals(NODES * 2, membership.getJsonArray("writers").size());
    assertEquals(1, membership.getJsonArray("coordinators").size());
  }

  @Test
  void shouldGoOnWhenTheCoordinatorStops() {
    assertEquals(201, client(0).create("orders").status());
    publish(0);
    int before = coordinator();
    Await.result(nodes.get(before).stop());
    int other = (before + 1) % NODES;
    publish(other);
    assertEveryRowOnce(other);
    eventually(() -> membership(other).getJsonArray("writers").size() == (NODES - 1) * 2);
  }

  /** It lives on, and believes to coordinate: a successor fences it. */
  @Test
  void shouldGoOnWhenTheCoordinatorIsCutOff() {
    assertEquals(201, client(0).create("orders").status());
    publish(0);
    int before = coordinator();
    cluster.member(before).kill();
    int other = (before + 1) % NODES;
    publish(other);
    publish((before + 2) % NODES);
    assertEveryRowOnce(other);
    eventually(() -> client(other).get("/collections/orders").json().getInteger("epoch") > 1);
  }

  @Test
  void shouldGoOnWhenTheClusterForgetsConsumers() {
    assertEquals(201, client(0).create("orders").status());
    publish(0);
    for (int i = 0; i < NODES; i++) {
      forget(i);
      publish((i + 1) % NODES);
      publish(i);
    }
    assertEveryRowOnce(0);
  }

  /** As seen after partitions that healed: the node is there, and none of its consumers. */
  private void forget(int node) {
    String id = cluster.member(node).manager().getNodeId();
    MultiMap<String, HazelcastRegistrationInfo> registry =
        cluster.member(node).manager().getHazelcastInstance().getMultiMap("__vertx.subs");
    registry.entrySet().stream()
        .filter(entry -> entry.getValue().unwrap().nodeId().equals(id))
        .forEach(entry -> registry.remove(entry.getKey(), entry.getValue()));
  }
}
