package io.tidemark.launcher.http;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.tidemark.launcher.Metrics;
import io.tidemark.launcher.config.NodeConfig;
import io.tidemark.launcher.node.Node;
import io.tidemark.location.Await;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.nio.file.Path;

/** A real node with real stores, on a free port. */
final class NodeFixture implements AutoCloseable {

  private final PrometheusMeterRegistry registry = Metrics.registry();
  private final Vertx vertx = Metrics.into(Vertx.builder(), new VertxOptions(), registry).build();
  private final Node node;

  NodeFixture(Path folder) {
    this(NodeConfig.DEFAULTS.withHttp("127.0.0.1", 0).withData(folder));
  }

  NodeFixture(NodeConfig config) {
    this.node = Await.result(Node.start(vertx, config, registry));
  }

  Node node() {
    return node;
  }

  Client client() {
    return new Client(node.port());
  }

  @Override
  public void close() {
    Await.result(node.stop());
    Await.result(vertx.close());
  }
}
