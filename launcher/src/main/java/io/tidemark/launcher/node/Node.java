package io.tidemark.launcher.node;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.tidemark.admin.AdminContext;
import io.tidemark.admin.AdminVerticle;
import io.tidemark.append.AppendSettings;
import io.tidemark.environment.Environment;
import io.tidemark.environment.Failpoints;
import io.tidemark.environment.VertxEnvironment;
import io.tidemark.launcher.cluster.Cluster;
import io.tidemark.launcher.cluster.WatchedBus;
import io.tidemark.launcher.config.ConfigException;
import io.tidemark.launcher.config.NodeConfig;
import io.tidemark.launcher.http.HttpContext;
import io.tidemark.launcher.http.HttpVerticle;
import io.tidemark.lease.Deployer.Deployment;
import io.tidemark.lease.LeaseContext;
import io.tidemark.lease.LeaseSettings;
import io.tidemark.lease.LeaseVerticle;
import io.tidemark.mint.MintSettings;
import io.tidemark.mint.Retirement;
import io.tidemark.persist.Coordinator;
import io.tidemark.persist.PersistClient;
import io.tidemark.persist.PersistOptions;
import io.tidemark.persist.part.PartSelfTest;
import io.tidemark.protocol.Bus;
import io.tidemark.protocol.VertxBus;
import io.tidemark.read.ReadContext;
import io.tidemark.read.ReadMeters;
import io.tidemark.read.ReadSettings;
import io.tidemark.read.ReadVerticle;
import io.tidemark.write.MemoryBudget;
import io.tidemark.write.WriteContext;
import io.tidemark.write.WriteMeters;
import io.tidemark.write.WriteVerticle;
import io.tidemark.write.WriterSettings;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.internal.PromiseInternal;
import io.vertx.core.internal.VertxInternal;
import java.net.BindException;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.ServiceLoader;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A whole node on one Vert.x instance: stores, write verticles, admin, lease (which deploys mint
 * and append), HTTP. Any thread may use it. Stop it before the Vert.x instance is closed: that
 * undeploys everything at once, in no order.
 */
public final class Node {

  /** What stopping may take besides the two steps that wait for {@code drainMillis}. */
  public static final long STOP_SLACK_MILLIS = 10_000;

  /** How long a creation waits until the collection takes rows. */
  private static final long READY_MILLIS = 10_000;

  /** How many producers one shard remembers: some hundred bytes of its state each. */
  private static final int MAX_PRODUCERS = 10_000;

  /** Threads for files, Parquet and compression: more would only share the same disk. */
  private static final int WORKER_THREADS = 16;

  /** 48 random bits tell nodes apart. */
  private static final int ID_LETTERS = 12;

  private static final Logger log = LoggerFactory.getLogger(Node.class);

  private final Vertx vertx;

  /** Of no verticle, so that what is deployed from it is undeployed by us alone. */
  private final Context context;

  private final String id;
  private final NodeConfig config;
  private final PersistOptions options;
  private final PrometheusMeterRegistry registry;
  private final WorkerExecutor workers;
  private final Environment environment;
  private final @Nullable Cluster cluster;
  private final Bus bus;
  private final List<Deployment> coordination = new ArrayList<>();
  private final List<String> writerIds = new ArrayList<>();
  private final List<Deployment> writers = new ArrayList<>();
  private @Nullable Peers peers;
  private @Nullable Stores stores;
  private @Nullable PersistClient client;
  private @Nullable HttpVerticle http;
  private @Nullable Deployment httpDeployment;
  private @Nullable Deployment reader;
  private @Nullable Future<Void> stopping;

  private Node(
      Vertx vertx, NodeConfig config, PersistOptions options, PrometheusMeterRegistry registry) {
    this.vertx = vertx;
    this.config = config;
    this.options = options;
    this.registry = registry;
    this.context = ((VertxInternal) vertx).createEventLoopContext();
    this.cluster = Cluster.of(vertx);
    this.id =
        cluster == null
            ? VertxEnvironment.entropy().nextId().substring(0, ID_LETTERS)
            : cluster.name();
    this.workers = vertx.createSharedWorkerExecutor("tidemark", WORKER_THREADS);
    this.environment = VertxEnvironment.of(vertx, workers, failpoints());
    this.bus = cluster == null ? new VertxBus(vertx) : watched(cluster);
  }

  private WatchedBus watched(Cluster of) {
    WatchedBus watched =
        new WatchedBus(context, new VertxBus(vertx), of::registrations, environment);
    watched.watch();
    Runnable unused =
        of.watch(
            change -> {
              if (change.kind() == Cluster.Change.Kind.MERGED) {
                watched.merged();
              }
            });
    return watched;
  }

  /** Nobody, unless somebody puts a service on the class path: tests of crashes do. */
  private static Failpoints failpoints() {
    return ServiceLoader.load(Failpoints.class).findFirst().orElse(Failpoints.NONE);
  }

  /**
   * Starts a node. Whatever was started is stopped again if it fails.
   *
   * @param registry what its meters are registered in, and {@code /metrics} shows
   * @return completes when it takes requests; fails if a store does not open or the port is in use
   */
  public static Future<Node> start(
      Vertx vertx, NodeConfig config, PrometheusMeterRegistry registry) {
    return start(vertx, config, PersistOptions.DEFAULTS, registry);
  }

  /** {@link #start(Vertx, NodeConfig, PrometheusMeterRegistry)} with shards of another make. */
  public static Future<Node> start(
      Vertx vertx, NodeConfig config, PersistOptions options, PrometheusMeterRegistry registry) {
    // Off the event loop: what messages are encoded with takes long to set up.
    return vertx
        .executeBlocking(() -> new Node(vertx, config, options, registry))
        .compose(
            node ->
                node.start()
                    .map(node)
                    .recover(
                        failed -> node.stop().transform(stopped -> Future.failedFuture(failed))));
  }

  /**
   * HTTP comes before the pipeline: a second process on the same port must not fence the first. And
   * what is slow the first time comes before others count on this node.
   */
  private Future<Void> start() {
    Future<Integer> selfTest = environment.offload().call(PartSelfTest::run);
    return environment
        .offload()
        .call(this::checkExposure)
        .compose(checked -> joinPeers())
        .compose(joined -> Stores.open(config.store(), vertx, environment))
        .compose(this::serve)
        .compose(persist -> selfTest.map(persist))
        .compose(this::deployWriters)
        .compose(this::deployReader)
        .compose(this::deployCoordination)
        .onSuccess(done -> ready());
  }

  private Future<Peers> joinPeers() {
    Cluster of = cluster;
    Future<Peers> joined =
        of == null
            ? Future.succeededFuture(Peers.none(id))
            : environment.offload().call(() -> Peers.of(of, context, environment));
    return joined.onSuccess(found -> peers = found);
  }

  private Peers peers() {
    return Objects.requireNonNull(peers, "the node has not started");
  }

  private Void checkExposure() {
    config.http().check();
    if (config.http().isReadableOnTheWay()) {
      log.warn("HTTP is not encrypted: whoever sees a request has the token; give 'http.tls'");
    }
    return null;
  }

  private Future<PersistClient> serve(Stores opened) {
    stores = opened;
    PersistOptions spilling =
        options.withCompaction(
            options.compaction().withSpillDirectory(config.snapshot().spillFolder()));
    PersistClient persist = new PersistClient(opened.blob(), opened.consensus(), spilling);
    client = persist;
    HttpVerticle verticle =
        new HttpVerticle(new HttpContext(config, environment, bus, persist, registry));
    http = verticle;
    return deploy(verticle)
        .onSuccess(deployed -> httpDeployment = deployed)
        .map(persist)
        .recover(failed -> Future.failedFuture(listening(failed)));
  }

  /** A port that is in use is for whoever configured it to change. */
  private Throwable listening(Throwable failed) {
    NodeConfig.Http where = config.http();
    return failed instanceof BindException || failed instanceof UnknownHostException
        ? new ConfigException(
            "cannot listen on "
                + where.host()
                + ":"
                + where.port()
                + ": "
                + failed.getMessage()
                + "; change 'http.host' or 'http.port'")
        : failed;
  }

  private Future<PersistClient> deployWriters(PersistClient persist) {
    MemoryBudget budget = new MemoryBudget(config.rowMemoryBytes());
    WriteMeters meters = new WriteMeters(registry);
    List<Future<Void>> deploying = new ArrayList<>();
    for (int i = 0; i < config.writers(); i++) {
      String writer = id + "-" + i;
      writerIds.add(writer);
      WriteContext context =
          new WriteContext(writer, environment, bus, persist, budget, writerSettings(), meters);
      deploying.add(
          deploy(new WriteVerticle(context))
              .onSuccess(writers::add)
              .compose(deployed -> peers().writers().register(writer)));
    }
    return Future.join(deploying).map(persist);
  }

  private Future<PersistClient> deployReader(PersistClient persist) {
    ReadSettings settings =
        ReadSettings.of(config.snapshot().memoryBytes(), config.snapshot().spillFolder());
    ReadContext context =
        new ReadContext(id + "-r", environment, bus, persist, settings, new ReadMeters(registry));
    return deploy(new ReadVerticle(context)).onSuccess(deployed -> reader = deployed).map(persist);
  }

  private WriterSettings writerSettings() {
    WriterSettings defaults = WriterSettings.DEFAULTS;
    return new WriterSettings(
        defaults.maxMessageBytes(),
        defaults.creditBytes(),
        defaults.maxProducers(),
        defaults.maxEarly(),
        defaults.gapMillis(),
        defaults.repeatMillis(),
        config.drainMillis(),
        defaults.session());
  }

  private Future<Void> deployCoordination(PersistClient persist) {
    LeaseContext lease =
        new LeaseContext(
            environment,
            bus,
            persist,
            peers().leases(),
            peers().writers(),
            this::deploy,
            registry,
            MintSettings.DEFAULTS,
            AppendSettings.DEFAULTS,
            LeaseSettings.DEFAULTS,
            new Coordinator(id, peers().cluster()),
            MAX_PRODUCERS);
    AdminContext admin =
        new AdminContext(
            environment, bus, persist, peers().writers(), peers().membership(), READY_MILLIS);
    return deploy(new LeaseVerticle(lease))
        .onSuccess(coordination::add)
        .compose(deployed -> deploy(new AdminVerticle(admin)))
        .onSuccess(deployed -> coordination.add(0, deployed))
        .mapEmpty();
  }

  private void ready() {
    if (http != null) {
      http.ready();
    }
  }

  /** Deploys a verticle that is nobody's child, whoever asks for it. */
  private Future<Deployment> deploy(VerticleBase verticle) {
    return onContext(() -> vertx.deployVerticle(verticle))
        .map(deployment -> () -> onContext(() -> undeploy(deployment)));
  }

  /** What Vert.x has undeployed by itself is gone, as it should be. */
  private Future<Void> undeploy(String deployment) {
    return vertx.deploymentIDs().contains(deployment)
        ? vertx.undeploy(deployment)
        : Future.succeededFuture();
  }

  /** Makes a call on the node's own context; the future completes on the caller's. */
  private <T> Future<T> onContext(Supplier<Future<T>> call) {
    PromiseInternal<T> result = ((VertxInternal) vertx).getOrCreateContext().promise();
    context.runOnContext(run -> call.get().onComplete(result));
    return result.future();
  }

  /** The port on which HTTP is served, also where any free one was asked for. */
  public int port() {
    return http == null ? 0 : http.port();
  }

  public NodeConfig config() {
    return config;
  }

  /** The environment in which the node's verticles, and clients on the same Vert.x, run. */
  public Environment environment() {
    return environment;
  }

  public Bus bus() {
    return bus;
  }

  /** Opens the node's shards; until the node is stopped. */
  public PersistClient persist() {
    return Objects.requireNonNull(client, "the node has not started");
  }

  /**
   * Stops in order: HTTP takes nothing more and waits for its requests; readings end; the writers
   * are not listed any more, so that no new epoch counts on them; admin and coordination end, and
   * with it the leases, which other nodes take at once; the writers wait until what they took is
   * durable; then the stores. Never takes longer than twice {@code drainMillis} and {@link
   * #STOP_SLACK_MILLIS}; then it fails, and what is left is left.
   */
  public Future<Void> stop() {
    return onContext(
        () -> {
          if (stopping == null) {
            stopping =
                stopInOrder()
                    .timeout(maxStopMillis(), TimeUnit.MILLISECONDS)
                    .onFailure(e -> log.warn("the node did not stop cleanly", e));
          }
          return stopping;
        });
  }

  private Future<Void> stopInOrder() {
    return undeploy(httpDeployment == null ? List.of() : List.of(httpDeployment))
        .compose(done -> undeploy(reader == null ? List.of() : List.of(reader)))
        .compose(done -> retireWriters())
        .compose(done -> undeployInOrder(coordination))
        .compose(done -> undeploy(writers))
        .compose(done -> leavePeers())
        .compose(done -> closeStores())
        .eventually(workers::close);
  }

  /** What {@link #stop} takes at most. */
  public long maxStopMillis() {
    return 2 * config.drainMillis() + STOP_SLACK_MILLIS;
  }

  private Future<Void> retireWriters() {
    return peers == null
        ? Future.succeededFuture()
        : Retirement.begin(bus, peers().writers(), writerIds, config.drainMillis());
  }

  private Future<Void> leavePeers() {
    if (bus instanceof WatchedBus watched) {
      watched.close();
    }
    return peers == null
        ? Future.succeededFuture()
        : offload(peers.closing())
            .onFailure(e -> log.warn("the cluster was not left cleanly", e))
            .otherwiseEmpty();
  }

  private static Future<Void> undeploy(List<Deployment> deployments) {
    return Future.join(deployments.stream().map(Deployment::get).toList())
        .<Void>mapEmpty()
        .onFailure(e -> log.warn("a verticle did not stop cleanly", e))
        .otherwiseEmpty();
  }

  private Future<Void> undeployInOrder(List<Deployment> deployments) {
    Future<Void> done = Future.succeededFuture();
    for (Deployment deployment : deployments) {
      done = done.compose(before -> undeploy(List.of(deployment)));
    }
    return done;
  }

  private Future<Void> closeStores() {
    Stores open = stores;
    if (open == null) {
      return Future.succeededFuture();
    }
    return offload(open.closing());
  }

  private Future<Void> offload(Runnable call) {
    return environment
        .offload()
        .call(
            () -> {
              call.run();
              return null;
            });
  }
}
