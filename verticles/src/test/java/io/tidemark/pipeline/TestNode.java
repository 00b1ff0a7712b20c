package io.tidemark.pipeline;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tidemark.admin.AdminContext;
import io.tidemark.admin.AdminContext.Membership;
import io.tidemark.admin.AdminVerticle;
import io.tidemark.client.Publisher;
import io.tidemark.client.PublisherOptions;
import io.tidemark.client.SessionSettings;
import io.tidemark.client.SourcePartition;
import io.tidemark.environment.Environment;
import io.tidemark.environment.VertxEnvironment;
import io.tidemark.lease.Deployer;
import io.tidemark.lease.FinalizerSettings;
import io.tidemark.lease.LeaseContext;
import io.tidemark.lease.LeaseSettings;
import io.tidemark.lease.LeaseVerticle;
import io.tidemark.lease.LocalLeases;
import io.tidemark.location.Await;
import io.tidemark.location.Faults;
import io.tidemark.location.UnreliableBlob;
import io.tidemark.location.UnreliableConsensus;
import io.tidemark.location.file.FileBlob;
import io.tidemark.location.sqlite.SqliteConsensus;
import io.tidemark.mint.LocalWriters;
import io.tidemark.mint.Retirement;
import io.tidemark.persist.Coordinator;
import io.tidemark.persist.PersistClient;
import io.tidemark.protocol.Addresses;
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
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A node as it runs in production, wired for tests: a Vert.x instance with its own event bus,
 * SQLite and files in a directory, and all verticles. The stores answer as {@link #consensusFaults}
 * and {@link #blobFaults} say, which is reliably unless a test changes that.
 */
final class TestNode implements AutoCloseable {

  /** How many readings the node serves at once. */
  static final int MAX_READINGS = 16;

  private static final long READY_MILLIS = 20_000;
  private static final long CATALOG_MILLIS = 500;
  private static final long SETTLE_MILLIS = 1_000;

  private final Vertx vertx;
  private final Environment environment;
  private final Bus bus;
  private final SqliteConsensus sqlite;
  private final FileBlob files;
  private final Faults consensusFaults;
  private final Faults blobFaults;
  private final PersistClient persist;
  private final PersistClient reliable;
  private final MemoryBudget budget;
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final LocalWriters writers = new LocalWriters();
  private final List<String> writerIds = new ArrayList<>();
  private final List<Deployer.Deployment> writing = new ArrayList<>();
  private final List<Deployer.Deployment> deployments = new ArrayList<>();
  private final List<Throwable> uncaught = Collections.synchronizedList(new ArrayList<>());
  private final Context client;
  private boolean closed;

  private TestNode(Path directory, NodeOptions options) {
    vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(options.eventLoops()));
    var unused = vertx.exceptionHandler(uncaught::add);
    WorkerExecutor workers = vertx.createSharedWorkerExecutor("tidemark-offload", 4);
    environment = VertxEnvironment.of(vertx, workers);
    bus = new VertxBus(vertx);
    sqlite =
        SqliteConsensus.open(
            directory.resolve("consensus"), environment.entropy(), environment.clock());
    files =
        FileBlob.open(
            directory.resolve("blob"),
            environment.offload(),
            environment.entropy(),
            environment.clock());
    consensusFaults = new Faults(environment.entropy(), environment.timers());
    blobFaults = new Faults(environment.entropy(), environment.timers());
    reliable = new PersistClient(files, sqlite, options.persist());
    persist =
        options.eventLoops() > 1
            ? reliable
            : new PersistClient(
                new UnreliableBlob(files, blobFaults),
                new UnreliableConsensus(sqlite, consensusFaults),
                options.persist());
    budget = new MemoryBudget(options.budgetBytes());
    client = vertx.getOrCreateContext();
  }

  /** Starts a node on a directory, or starts it again. */
  static TestNode start(Path directory, NodeOptions options) {
    TestNode node = new TestNode(directory, options);
    for (int i = 0; i < options.writers(); i++) {
      node.addWriter(options);
    }
    node.deployed(new ReadVerticle(node.readContext(directory)));
    LocalLeases leases = new LocalLeases();
    node.deployed(
        new AdminVerticle(
            new AdminContext(
                node.environment,
                node.bus,
                node.persist,
                node.writers,
                () -> Future.succeededFuture(Membership.alone("node", leases.held())),
                READY_MILLIS)));
    node.deployed(
        new LeaseVerticle(
            new LeaseContext(
                node.environment,
                node.bus,
                node.persist,
                leases,
                node.writers,
                node::deploy,
                node.registry,
                options.mint(),
                options.append(),
                new LeaseSettings(
                    CATALOG_MILLIS,
                    100,
                    1_000,
                    2_000,
                    8_000,
                    new FinalizerSettings(SETTLE_MILLIS, 1_000, 500)),
                new Coordinator("node", "test"),
                options.maxProducers())));
    return node;
  }

  static TestNode start(Path directory) {
    return start(directory, NodeOptions.DEFAULTS);
  }

  private ReadContext readContext(Path directory) {
    ReadSettings settings =
        new ReadSettings(
            MAX_READINGS, 2, 4, 256 << 10, 8 << 20, directory.resolve("read"), 200, 3_000, 500);
    return new ReadContext(
        "r-" + environment.entropy().nextId().substring(0, 8),
        environment,
        bus,
        persist,
        settings,
        new ReadMeters(registry));
  }

  private void addWriter(NodeOptions options) {
    String writer = "w" + writerIds.size() + "-" + environment.entropy().nextId().substring(0, 8);
    WriteContext context =
        new WriteContext(
            writer, environment, bus, persist, budget, options.writer(), new WriteMeters(registry));
    writing.add(Await.result(deploy(new WriteVerticle(context))));
    Await.result(writers.register(writer));
    writerIds.add(writer);
  }

  private void deployed(VerticleBase verticle) {
    deployments.add(Await.result(deploy(verticle)));
  }

  private Future<Deployer.Deployment> deploy(VerticleBase verticle) {
    // Vert.x undeploys what a verticle has deployed before the verticle itself.
    return vertx
        .deployVerticle(verticle)
        .map(
            id ->
                () ->
                    vertx.deploymentIDs().contains(id)
                        ? vertx.undeploy(id)
                        : Future.succeededFuture());
  }

  /** The ids of the writers. */
  List<String> writers() {
    return writerIds;
  }

  /** Takes one writer out in order: it serves until its epochs are over. */
  void losesWriter(int index) {
    Await.result(writers.unregister(writerIds.get(index)));
    Await.result(writing.get(index).get());
  }

  /** Lists and deploys one more writer. */
  void gainsWriter(NodeOptions options) {
    addWriter(options);
  }

  Vertx vertx() {
    return vertx;
  }

  Environment environment() {
    return environment;
  }

  Bus bus() {
    return bus;
  }

  MemoryBudget budget() {
    return budget;
  }

  /** The stores as they are, whatever the node sees of them. */
  PersistClient stores() {
    return reliable;
  }

  /** Changes what goes wrong in calls of consensus, from now on. */
  void consensusFaults(Consumer<Faults> change) {
    onLoop(() -> change.accept(consensusFaults));
  }

  /** Changes what goes wrong in calls of the blob store, from now on. */
  void blobFaults(Consumer<Faults> change) {
    onLoop(() -> change.accept(blobFaults));
  }

  private void onLoop(Runnable change) {
    on(
        () -> {
          change.run();
          return Future.<Void>succeededFuture();
        });
  }

  /** How many calls of consensus have ended so. */
  long consensusCalls(Faults.End... ends) {
    return on(
        () -> Future.succeededFuture(Arrays.stream(ends).mapToLong(consensusFaults::count).sum()));
  }

  /** What was counted, for all collections together. */
  double counted(String meter, String... tags) {
    return registry.find(meter).tags(tags).counters().stream().mapToDouble(Counter::count).sum();
  }

  /** What a gauge shows; -1 if nobody here has anything to show in it. */
  double gauge(String meter, String... tags) {
    Gauge gauge = registry.find(meter).tags(tags).gauge();
    return gauge == null ? -1 : gauge.value();
  }

  /** What escaped to the event loop: always a defect. */
  List<Throwable> uncaught() {
    return List.copyOf(uncaught);
  }

  /** Calls on the context of this node's client, and waits for the result. */
  @CanIgnoreReturnValue
  <T> T on(Supplier<Future<T>> call) {
    return Await.resultOn(client, call);
  }

  /** As {@link #on}, for what may take minutes. */
  @CanIgnoreReturnValue
  <T> T onPatiently(Supplier<Future<T>> call) {
    Promise<T> promise = Promise.promise();
    client.runOnContext(now -> call.get().onComplete(promise));
    try {
      return promise.future().toCompletionStage().toCompletableFuture().get(10, TimeUnit.MINUTES);
    } catch (ExecutionException e) {
      throw new AssertionError("the call failed", e.getCause());
    } catch (InterruptedException | TimeoutException e) {
      throw new AssertionError("no answer", e);
    }
  }

  /** Asks with JSON, as an application without our library does. */
  Future<JsonObject> ask(String address, Object body, String... headers) {
    DeliveryOptions options = new DeliveryOptions().setSendTimeout(40_000);
    for (int i = 0; i < headers.length; i += 2) {
      options.addHeader(headers[i], headers[i + 1]);
    }
    return vertx.eventBus().<JsonObject>request(address, body, options).map(Message::body);
  }

  /** The reply to a request. */
  @CanIgnoreReturnValue
  JsonObject reply(String address, Object body, String... headers) {
    return Await.result(ask(address, body, headers));
  }

  /** The failure of a request. */
  @CanIgnoreReturnValue
  ReplyException refusal(String address, Object body, String... headers) {
    return Await.failure(ReplyException.class, ask(address, body, headers));
  }

  @CanIgnoreReturnValue
  JsonObject admin(String action, JsonObject more) {
    return reply(Addresses.ADMIN, new JsonObject().put("action", action).mergeIn(more));
  }

  /** Waits until rows can be sent, after a start. */
  void awaitReady(String collection) {
    JsonObject probe = new JsonObject().put("producer", "probe");
    Until.holds(
        () ->
            Await.result(
                ask("tidemark." + collection + ".open", probe)
                    .transform(done -> Future.succeededFuture(done.succeeded()))));
  }

  JsonObject describe(String collection) {
    return admin("describe", new JsonObject().put("name", collection));
  }

  Publisher publisher(String collection, String producer) {
    return on(() -> Publisher.open(collection, PublisherOptions.of(producer), environment, bus));
  }

  SourcePartition claim(String collection, int partition) {
    return on(
        () ->
            SourcePartition.claim(
                collection, partition, environment, bus, SessionSettings.DEFAULTS));
  }

  /** Stops as on SIGTERM: the writers drain first, while the pipeline still commits. */
  void stop() {
    if (!closed) {
      closed = true;
      Void unused = on(() -> Retirement.begin(bus, writers, writerIds, 8_000));
      // What coordinates goes before the writers.
      deployments.forEach(TestNode::undeploy);
      writing.forEach(TestNode::undeploy);
      close(vertx);
      sqlite.close();
      files.close();
    }
  }

  /** Stops dead: nothing is drained or given up. */
  void kill() {
    if (!closed) {
      closed = true;
      // Without this the verticles would still stop in order.
      sqlite.close();
      close(vertx);
      files.close();
    }
  }

  private static void undeploy(Deployer.Deployment deployment) {
    Await.result(deployment.get());
  }

  private static void close(Vertx vertx) {
    Await.result(vertx.close());
  }

  @Override
  public void close() {
    stop();
  }
}
