package io.tidemark.launcher;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.tidemark.launcher.cluster.BusOptions;
import io.tidemark.launcher.cluster.HazelcastFile;
import io.tidemark.launcher.config.ConfigException;
import io.tidemark.launcher.config.ConfigReader;
import io.tidemark.launcher.config.NodeConfig;
import io.tidemark.launcher.node.Node;
import io.tidemark.launcher.node.NodeVerticle;
import io.vertx.core.Deployable;
import io.vertx.core.Vertx;
import io.vertx.core.VertxBuilder;
import io.vertx.core.VertxOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.launcher.application.HookContext;
import io.vertx.launcher.application.VertxApplicationHooks;
import io.vertx.spi.cluster.hazelcast.HazelcastClusterManager;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a node does when the Vert.x launcher starts, and when it ends. */
final class Hooks implements VertxApplicationHooks {

  /** What the end may take besides the stop of the node. */
  private static final long CLOSE_MILLIS = 5_000;

  private static final String MEMORY = "memory:";

  private static final Logger log = LoggerFactory.getLogger(Node.class);

  private final PrometheusMeterRegistry registry = Metrics.registry();
  private final boolean isClustered;
  private NodeConfig config = NodeConfig.DEFAULTS;
  private @Nullable HazelcastClusterManager clusterManager;
  private @Nullable NodeVerticle verticle;
  private @Nullable Failure failure;

  /** Why the process ends, and with which code. */
  record Failure(int exitCode, String line) {}

  /**
   * The hooks of a process.
   *
   * @param isClustered whether it was started with {@code -cluster}
   */
  Hooks(boolean isClustered) {
    this.isClustered = isClustered;
  }

  /** Null if nothing failed. */
  @Nullable Failure failure() {
    return failure;
  }

  @Override
  public @Nullable JsonObject afterConfigParsed(@Nullable JsonObject json) {
    try {
      config = ConfigReader.read(json == null ? new JsonObject() : json, System.getProperties());
      if (isClustered) {
        checkStores();
        clusterManager =
            new HazelcastClusterManager(HazelcastFile.read(config.cluster().hazelcastFile()));
      }
    } catch (ConfigException e) {
      throw failed(e);
    }
    return json;
  }

  @Override
  public VertxBuilder createVertxBuilder(VertxOptions options) {
    VertxBuilder builder = Metrics.into(Vertx.builder(), options, registry);
    if (clusterManager == null) {
      return builder;
    }
    try {
      VertxOptions unused = options.setEventBusOptions(BusOptions.of(config.cluster()));
    } catch (ConfigException e) {
      throw failed(e);
    }
    return builder.withClusterManager(clusterManager);
  }

  /** Nodes of a cluster that do not share their stores would each have collections of their own. */
  private void checkStores() {
    NodeConfig.Store store = config.store();
    if (store.consensus().equals(MEMORY) || store.blob().equals(MEMORY)) {
      throw new ConfigException(
          "'store.consensus' and 'store.blob' cannot be '"
              + MEMORY
              + "' in a cluster: all nodes have to share them");
    }
  }

  @Override
  public Supplier<? extends Deployable> verticleSupplier() {
    return () -> {
      NodeVerticle node = new NodeVerticle(config, registry);
      verticle = node;
      return node;
    };
  }

  @Override
  public void beforeDeployingVerticle(HookContext context) {
    if (context.deploymentOptions().getInstances() > 1) {
      throw failed(
          new ConfigException(
              "-instances: a process is one node; for more cores, raise 'write.instances'"));
    }
  }

  @Override
  public void afterVerticleDeployed(HookContext context) {
    Node node = verticle == null ? null : verticle.node();
    if (node != null) {
      log.info(
          "listening on {}://{}:{}, state in {}, parts in {}",
          config.http().scheme(),
          config.http().host(),
          node.port(),
          config.store().shownConsensus(),
          config.store().blob());
    }
  }

  @Override
  public void afterFailureToStartVertx(HookContext context, Throwable cause) {
    fail(cause);
  }

  @Override
  public void afterFailureToDeployVerticle(HookContext context, Throwable cause) {
    fail(cause);
  }

  /** The launcher swallows what a hook throws, but for its exit code. */
  private ConfigException failed(ConfigException cause) {
    fail(cause);
    return cause;
  }

  /** Remembers the first failure. */
  void fail(Throwable cause) {
    if (failure == null) {
      boolean isMisuse = cause instanceof ConfigException;
      String text = cause.getMessage() == null ? cause.toString() : cause.getMessage();
      failure =
          new Failure(
              isMisuse ? Main.EXIT_USAGE : Main.EXIT_FAILURE, text.replaceAll("\\s*\\R\\s*", " "));
    }
  }

  /**
   * Stops the node in order, before Vert.x undeploys everything at once. Called by the thread that
   * ends the process, so it may block.
   */
  @Override
  public void beforeStoppingVertx(HookContext context) {
    Node node = verticle == null ? null : verticle.node();
    if (node == null) {
      return;
    }
    long maxMillis = node.maxStopMillis();
    CompletableFuture.delayedExecutor(maxMillis + CLOSE_MILLIS, TimeUnit.MILLISECONDS)
        .execute(() -> Runtime.getRuntime().halt(Main.EXIT_SIGTERM));
    log.info("stopping");
    try {
      node.stop().toCompletionStage().toCompletableFuture().get(maxMillis, TimeUnit.MILLISECONDS);
      log.info("stopped");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      log.warn("the node did not stop in order", e);
    }
  }
}
