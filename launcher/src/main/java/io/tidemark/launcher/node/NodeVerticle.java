package io.tidemark.launcher.node;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.tidemark.launcher.config.NodeConfig;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import org.jspecify.annotations.Nullable;

/** A node as one verticle. Undeploying it stops the node in order. */
public final class NodeVerticle extends VerticleBase {

  private final NodeConfig config;
  private final PrometheusMeterRegistry registry;
  private volatile @Nullable Node node;

  public NodeVerticle(NodeConfig config, PrometheusMeterRegistry registry) {
    this.config = config;
    this.registry = registry;
  }

  @Override
  public Future<?> start() {
    return Node.start(vertx, config, registry).onSuccess(started -> node = started);
  }

  @Override
  public Future<?> stop() {
    Node started = node;
    return started == null ? Future.succeededFuture() : started.stop();
  }

  /** The node, once it has started. */
  public @Nullable Node node() {
    return node;
  }
}
