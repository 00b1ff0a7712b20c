package io.tidemark.launcher.node;

import static io.tidemark.launcher.cluster.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.tidemark.client.Change;
import io.tidemark.client.Subscriber;
import io.tidemark.client.SubscriberOptions;
import io.tidemark.environment.VertxEnvironment;
import io.tidemark.launcher.cluster.TestCluster;
import io.tidemark.launcher.cluster.TestCluster.Member;
import io.tidemark.launcher.config.NodeConfig;
import io.tidemark.launcher.http.Client;
import io.tidemark.location.Await;
import io.tidemark.protocol.VertxBus;
import io.tidemark.row.UpdateBlock;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A subscriber in a process of its own, as it were, and three nodes, two of which die. */
@Timeout(240)
class SubscriberClusterTest {

  private static final int NODES = 3;
  private static final int ROWS = 4_000;

  @TempDir private Path folder;

  private final List<Node> nodes = new ArrayList<>();
  private final List<PrometheusMeterRegistry> registries = new ArrayList<>();
  private final List<Integer> alive = new ArrayList<>();
  private final List<Change> changes = Collections.synchronizedList(new ArrayList<>());
  private final List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
  private TestCluster cluster;
  private Vertx client;
  private int sent;

  @BeforeEach
  void start() {
    cluster = new TestCluster(NODES);
    for (int i = 0; i < NODES; i++) {
      Member member = cluster.member(i);
      PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
      registries.add(registry);
      alive.add(i);
      nodes.add(
          Await.result(
              Node.start(
                  member.vertx(),
                  NodeConfig.DEFAULTS.withHttp("127.0.0.1", 0).withData(folder),
                  registry)));
    }
    client = cluster.add().vertx();
  }

  @AfterEach
  void stop() {
    alive.forEach(node -> Await.result(nodes.get(node).stop().otherwiseEmpty()));
    cluster.close();
  }

  private void publish() {
    int from = sent;
    sent += ROWS;
    String rows =
        IntStream.range(from, sent)
            .mapToObj(id -> "{\"id\":" + id + ",\"name\":\"a name that takes some room\"}\n")
            .collect(Collectors.joining());
    eventually(
        () ->
            new Client(nodes.get(alive.get(0)).port())
                    .post(
                        "/collections/orders/rows",
                        rows,
                        "Tidemark-Producer",
                        "p" + from,
                        "Tidemark-Sequence",
                        "1")
                    .status()
                == 200);
  }

  private void subscribe() {
    VertxBus bus = new VertxBus(client);
    var environment =
        VertxEnvironment.of(client, client.createSharedWorkerExecutor("subscriber", 2));
    Await.resultOn(
        client.getOrCreateContext(),
        () ->
            Subscriber.open("orders", SubscriberOptions.from("snapshot"), environment, bus)
                .onSuccess(opened -> opened.exceptionHandler(failures::add).handler(changes::add)));
  }

  /** The node that serves the reading; -1 while none does. */
  private int reader() {
    for (int node : alive) {
      Gauge readings = registries.get(node).find("tidemark.readings").gauge();
      if (readings != null && readings.value() > 0) {
        return node;
      }
    }
    return -1;
  }

  private void kill(int node) {
    alive.remove(Integer.valueOf(node));
    cluster.member(node).kill();
    Await.result(cluster.member(node).vertx().close().otherwiseEmpty());
  }

  /** How often each id was given, by the sum of the diffs. */
  private Map<Long, Long> given() {
    Map<Long, Long> sums = new TreeMap<>();
    for (Change change : List.copyOf(changes)) {
      UpdateBlock updates = change.updates();
      for (int i = 0; i < updates.size(); i++) {
        sums.merge((Long) updates.value(0, i), updates.diffs().get(i), Long::sum);
      }
    }
    return sums;
  }

  @Test
  void shouldGiveEveryChangeOnceWhicheverNodeDies() {
    assertEquals(201, new Client(nodes.get(0).port()).create("orders").status());
    publish();
    publish();
    subscribe();
    for (int deaths = 0; deaths < 2; deaths++) {
      publish();
      eventually(() -> reader() >= 0);
      int reader = reader();
      // In the middle of it: what is published next is not all given yet.
      publish();
      kill(reader);
      publish();
      eventually(() -> reader() >= 0 && reader() != reader);
    }
    publish();
    eventually(() -> given().size() == sent);
    assertEquals(List.of(), failures);
    Map<Long, Long> snapshot = new TreeMap<>();
    new Client(nodes.get(alive.get(0)).port())
        .get("/collections/orders/snapshot")
        .lines()
        .forEach(
            line -> {
              JsonObject row = new JsonObject(line);
              snapshot.put(row.getLong("id"), row.getLong("_diff"));
            });
    assertEquals(snapshot, given());
  }
}
