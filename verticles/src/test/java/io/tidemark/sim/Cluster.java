package io.tidemark.sim;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tidemark.admin.AdminContext;
import io.tidemark.admin.AdminVerticle;
import io.tidemark.append.AppendSettings;
import io.tidemark.client.SessionSettings;
import io.tidemark.environment.CrashPoint;
import io.tidemark.environment.Environment;
import io.tidemark.environment.Retry;
import io.tidemark.lease.Deployer;
import io.tidemark.lease.FinalizerSettings;
import io.tidemark.lease.LeaseContext;
import io.tidemark.lease.LeaseSettings;
import io.tidemark.lease.LeaseVerticle;
import io.tidemark.location.Blob;
import io.tidemark.location.Consensus;
import io.tidemark.location.Faults;
import io.tidemark.location.UnreliableBlob;
import io.tidemark.location.UnreliableConsensus;
import io.tidemark.location.memory.MemoryBlob;
import io.tidemark.location.memory.MemoryConsensus;
import io.tidemark.mint.LocalWriters;
import io.tidemark.mint.MintSettings;
import io.tidemark.mint.Retirement;
import io.tidemark.persist.Coordinator;
import io.tidemark.persist.PersistClient;
import io.tidemark.persist.PersistOptions;
import io.tidemark.persist.ReadOptions;
import io.tidemark.protocol.Bus;
import io.tidemark.read.ReadContext;
import io.tidemark.read.ReadMeters;
import io.tidemark.read.ReadSettings;
import io.tidemark.read.ReadVerticle;
import io.tidemark.write.MemoryBudget;
import io.tidemark.write.WriteContext;
import io.tidemark.write.WriteMeters;
import io.tidemark.write.WriteVerticle;
import io.tidemark.write.WriterSettings;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** The simulated machines, their network and their stores. */
final class Cluster {

  /** Small bounds, so that parts, merges, rollups and back-pressure come up all the time. */
  private static final PersistOptions OPTIONS =
      new PersistOptions(
              300,
              1_000,
              6_000,
              1_500,
              12,
              800,
              2_000,
              2,
              6,
              24,
              3_600_000,
              new Retry.Policy(4, 400, 6_000))
          .withReads(new ReadOptions(4_000, 300, 30, 300));

  private static final ReadSettings READ =
      new ReadSettings(64, 2, 4, 2_000, 1 << 20, Path.of("unused"), 300, 5_000, 1_000);

  private static final MintSettings MINT =
      new MintSettings(3, 0, 2_000, 20, 700, 60, 400, 150, 1_000, 200, 2_000);
  private static final AppendSettings APPEND = new AppendSettings(2_500, 16, 10, 500, 7_000, 4_096);

  private final Scheduler scheduler;
  private final SplittableRandom random;
  private final Network network;
  private final SimLeases leases;
  private final LocalWriters writers = new LocalWriters();
  private final MemoryConsensus consensus = new MemoryConsensus();
  private final MemoryBlob blob = new MemoryBlob();
  private final Faults consensusFaults;
  private final Faults blobFaults;
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final ReadMeters reads = new ReadMeters(registry);
  private final TreeMap<String, Node> nodes = new TreeMap<>();
  private final Sabotage sabotage;
  private final Map<String, Running> running = new HashMap<>();
  private final Map<CrashPoint, Long> reached = new EnumMap<>(CrashPoint.class);
  private int started;

  /** The verticles of a node, and the ids of its writers. */
  private record Running(List<String> ids, List<VerticleBase> writers, List<VerticleBase> others) {}

  Cluster(Scheduler scheduler, SplittableRandom random, Sabotage sabotage) {
    this.scheduler = scheduler;
    this.random = random;
    this.sabotage = sabotage;
    this.network = new Network(scheduler, random.split());
    this.leases = new SimLeases(scheduler);
    Node stores = new Node("stores", scheduler, random.split());
    this.consensusFaults = new Faults(random.split()::nextLong, stores.environment().timers());
    this.blobFaults = new Faults(random.split()::nextLong, stores.environment().timers());
  }

  /** What all nodes have counted, together. */
  double counted(String meter) {
    return registry.find(meter).counters().stream().mapToDouble(Counter::count).sum();
  }

  /** Ends the run: something does not hold. */
  void fail(AssertionError problem) {
    scheduler.after(
        0,
        () -> {
          throw problem;
        });
  }

  Scheduler scheduler() {
    return scheduler;
  }

  Network network() {
    return network;
  }

  SimLeases leases() {
    return leases;
  }

  Faults consensusFaults() {
    return consensusFaults;
  }

  Faults blobFaults() {
    return blobFaults;
  }

  SplittableRandom random() {
    return random;
  }

  /** A process of its own that only talks to the cluster. */
  Node client(String name) {
    return new Node(name, scheduler, random.split());
  }

  Bus bus(Node node) {
    return network.bus(node);
  }

  /** The stores as they are, for whoever checks them. */
  PersistClient stores() {
    return new PersistClient(blob, consensus, OPTIONS);
  }

  /** The stores as a process reaches them. */
  PersistClient persist(Node node) {
    SlowStores slow = new SlowStores(node, scheduler, random.split());
    Consensus slowConsensus = slow.consensus(new UnreliableConsensus(consensus, consensusFaults));
    Blob slowBlob = slow.blob(new UnreliableBlob(blob, blobFaults));
    return sabotage.client(slowBlob, slowConsensus, OPTIONS);
  }

  Node node(String name) {
    return nodes.get(name);
  }

  List<String> names() {
    return List.copyOf(nodes.keySet());
  }

  /** How often each crash point was come by. */
  Map<CrashPoint, Long> reached() {
    return reached;
  }

  /** Ends a node's process; after a while others learn that its writers are gone, or never. */
  void crash(String name) {
    node(name).crash();
    List<String> dead = running.get(name).ids();
    if (random.nextInt(4) > 0) {
      scheduler.after(random.nextLong(2_000_000_000L), () -> dead.forEach(this::forget));
    }
  }

  private void forget(String writer) {
    Future<Void> unused = writers.unregister(writer);
  }

  /** Stops a node in order. */
  void leave(String name) {
    Node node = node(name);
    Running leaving = running.get(name);
    node.run(
        () ->
            Retirement.begin(network.bus(node), writers, leaving.ids(), 2_000)
                .compose(done -> stopAll(leaving.others()))
                .compose(done -> stopAll(leaving.writers()))
                .onComplete(done -> node.crash()));
  }

  /** Starts a node, or starts it again. */
  void start(String name) {
    Node node = new Node(name, scheduler, random.split());
    nodes.put(name, node);
    started++;
    Environment environment = counting(node.environment());
    Bus bus = network.bus(node);
    PersistClient persist = persist(node);
    List<String> ids = new ArrayList<>();
    List<VerticleBase> writing = new ArrayList<>();
    MemoryBudget budget = new MemoryBudget(60_000);
    int instances = 1 + (name.hashCode() & 1);
    for (int i = 0; i < instances; i++) {
      String writer = name + "-" + started + "-" + i;
      WriteContext context =
          new WriteContext(
              writer, environment, bus, persist, budget, settings(), new WriteMeters(registry));
      WriteVerticle verticle = sabotage.writer(context);
      ids.add(writer);
      writing.add(verticle);
      started(deploy(verticle).compose(done -> writers.register(writer)));
    }
    String reader = name + "-" + started + "-r";
    List<VerticleBase> others =
        List.of(
            new LeaseVerticle(leaseContext(node, environment, bus, persist)),
            new AdminVerticle(adminContext(name, environment, bus, persist)),
            new ReadVerticle(new ReadContext(reader, environment, bus, persist, READ, reads)));
    others.forEach(verticle -> started(deploy(verticle)));
    running.put(name, new Running(ids, writing, others));
  }

  private Environment counting(Environment world) {
    return new Environment(
        world.clock(),
        world.timers(),
        world.entropy(),
        world.offload(),
        name -> reached.merge(CrashPoint.valueOf(name), 1L, Long::sum));
  }

  private static void started(Future<?> deployed) {
    deployed.onFailure(
        e -> {
          throw new AssertionError("a verticle did not start", e);
        });
  }

  private static WriterSettings settings() {
    return new WriterSettings(
        4_000,
        8_000,
        64,
        16,
        400,
        50,
        2_000,
        new SessionSettings(8_000, 64, 1_500, 20_000, 5, 200));
  }

  private AdminContext adminContext(
      String name, Environment environment, Bus bus, PersistClient persist) {
    return new AdminContext(
        environment,
        bus,
        persist,
        writers,
        () -> Future.succeededFuture(AdminContext.Membership.alone(name, Set.of())),
        20_000);
  }

  private LeaseContext leaseContext(
      Node node, Environment environment, Bus bus, PersistClient persist) {
    return new LeaseContext(
        environment,
        bus,
        persist,
        leases.of(node),
        writers,
        Cluster::deploy,
        registry,
        MINT,
        APPEND,
        new LeaseSettings(1_000, 500, 4_000, 2_000, 20_000, FinalizerSettings.DEFAULTS),
        new Coordinator(node.name(), "sim"),
        1_000);
  }

  private static Future<Deployer.Deployment> deploy(VerticleBase verticle) {
    try {
      return verticle.start().map(done -> () -> stop(verticle));
    } catch (Exception e) {
      return Future.failedFuture(e);
    }
  }

  private static Future<Void> stopAll(List<VerticleBase> verticles) {
    return Future.join(verticles.stream().map(Cluster::stop).toList()).mapEmpty();
  }

  private static Future<Void> stop(VerticleBase verticle) {
    try {
      return verticle.stop().mapEmpty();
    } catch (Exception e) {
      return Future.failedFuture(e);
    }
  }
}
