package io.tidemark.sim;

import io.tidemark.location.Faults;
import io.tidemark.protocol.Addresses;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Does to the cluster what the world does, for a while, and then mends everything. */
final class Nemesis {

  /** What can be done to it. */
  enum Deed {
    CRASH_NODE,
    JOIN_NODE,
    LEAVE_NODE,
    PAUSE_NODE,
    CUT_OFF_NODE,
    STEAL_LEASES,
    SKEW_CLOCK,
    LOSE_MESSAGES,
    DELAY_MESSAGES,
    CONSENSUS_DOWN,
    CONSENSUS_SILENT,
    CONSENSUS_FLAKY,
    BLOB_DOWN,
    BLOB_FLAKY,
    CRASH_PUBLISHER,
    CRASH_SOURCE,
    CRASH_READER,
    PAUSE_READER,
    ALTER
  }

  private static final int MAX_NODES = 5;

  private final Cluster cluster;
  private final SplittableRandom random;
  private final Applications applications;
  private final Map<Deed, Long> done = new EnumMap<>(Deed.class);
  private final List<String> down = new ArrayList<>();
  private final List<Deed> deeds;
  private boolean resting;
  private int altered;

  /**
   * @param deeds what it may do
   */
  Nemesis(Cluster cluster, List<Deed> deeds, Applications applications) {
    this.deeds = deeds;
    this.cluster = cluster;
    this.random = cluster.random().split();
    this.applications = applications;
  }

  /** How often each deed was done; an alteration counts once it is known to have happened. */
  Map<Deed, Long> done() {
    return done;
  }

  void start() {
    after(500 + random.nextInt(1_500), this::act);
  }

  /** Mends everything, and does nothing more. */
  void rest() {
    resting = true;
    cluster.network().faults(0, 0, 0);
    cluster.network().cutOff("");
    healed(cluster.consensusFaults());
    healed(cluster.blobFaults());
    for (String name : cluster.names()) {
      cluster.node(name).resume();
      if (!cluster.node(name).isUp()) {
        cluster.start(name);
      }
    }
  }

  private static void healed(Faults faults) {
    faults.outage(Faults.Outage.NONE).happens(1).answered(1).late(0, 1);
  }

  private void act() {
    if (resting) {
      return;
    }
    Deed deed = deeds.get(random.nextInt(deeds.size()));
    if (deed != Deed.ALTER) {
      done.merge(deed, 1L, Long::sum);
    }
    cluster.scheduler().trace("nemesis " + deed);
    act(deed);
    after(100 + random.nextInt(1_500), this::act);
  }

  private void act(Deed deed) {
    int millis = 50 + random.nextInt(random.nextInt(4) == 0 ? 8_000 : 1_500);
    switch (deed) {
      case CRASH_NODE -> crashNode(millis);
      case JOIN_NODE -> joinNode();
      case LEAVE_NODE -> leaveNode(millis);
      case PAUSE_NODE -> pauseNode(millis);
      case CUT_OFF_NODE -> {
        cluster.network().cutOff(anyNode());
        after(millis, () -> cluster.network().cutOff(""));
      }
      case STEAL_LEASES -> cluster.leases().steal();
      case SKEW_CLOCK -> cluster.node(anyNode()).skew(random.nextLong(-5_000, 5_000));
      case LOSE_MESSAGES -> {
        cluster.network().faults(random.nextDouble() * 0.3, random.nextDouble() * 0.3, 0);
        after(millis, () -> cluster.network().faults(0, 0, 0));
      }
      case DELAY_MESSAGES -> {
        cluster.network().faults(0, 0.05, random.nextDouble() * 0.2);
        after(millis, () -> cluster.network().faults(0, 0, 0));
      }
      case CONSENSUS_DOWN -> outage(cluster.consensusFaults(), Faults.Outage.DETERMINATE, millis);
      case CONSENSUS_SILENT ->
          outage(cluster.consensusFaults(), Faults.Outage.INDETERMINATE, millis);
      case CONSENSUS_FLAKY -> flaky(cluster.consensusFaults(), millis);
      case BLOB_DOWN -> outage(cluster.blobFaults(), Faults.Outage.DETERMINATE, millis);
      case BLOB_FLAKY -> flaky(cluster.blobFaults(), millis);
      case CRASH_PUBLISHER -> crash(applications.publishers());
      case CRASH_SOURCE -> crash(applications.sources());
      case CRASH_READER -> crash(applications.readers());
      case PAUSE_READER -> pauseReader(millis);
      case ALTER -> alter();
    }
  }

  private void crash(List<? extends Application> some) {
    if (!some.isEmpty()) {
      Application one = some.get(random.nextInt(some.size()));
      one.crash();
      one.start();
    }
  }

  /** Long enough, often, for its lease to be over. */
  private void pauseReader(int millis) {
    List<FollowerActor> followers = applications.followers();
    if (!followers.isEmpty()) {
      Node paused = followers.get(random.nextInt(followers.size())).node();
      paused.pause();
      after(millis, paused::resume);
    }
  }

  /** Asks for one more column, whatever becomes of that. */
  private void alter() {
    JsonObject column = new JsonObject().put("name", "more" + altered++).put("type", "string");
    cluster
        .bus(cluster.client("alterer"))
        .request(
            Addresses.ADMIN,
            new JsonObject()
                .put("action", "alter")
                .put("name", random.nextBoolean() ? "orders" : "ticks")
                .put("addColumns", new JsonArray().add(column)),
            10_000)
        .onSuccess(answer -> done.merge(Deed.ALTER, 1L, Long::sum));
  }

  private void crashNode(int millis) {
    String name = anyNode();
    if (cluster.node(name).isUp()) {
      cluster.crash(name);
      down.add(name);
      after(
          millis,
          () -> {
            if (down.remove(name) && !resting) {
              cluster.start(name);
            }
          });
    }
  }

  private void joinNode() {
    String name = "n" + cluster.names().size();
    if (cluster.names().size() < MAX_NODES) {
      cluster.start(name);
    }
  }

  /** One of several nodes stops in order, and comes back. */
  private void leaveNode(int millis) {
    String name = anyNode();
    long up = cluster.names().stream().filter(each -> cluster.node(each).isUp()).count();
    if (up > 1 && !down.contains(name)) {
      Node leaving = cluster.node(name);
      cluster.leave(name);
      comeBack(leaving, millis);
    }
  }

  /** Also one that was still leaving when the trouble was over. */
  private void comeBack(Node left, int millis) {
    after(
        millis,
        () -> {
          if (cluster.node(left.name()) != left) {
            return;
          }
          if (left.isUp()) {
            comeBack(left, millis);
          } else {
            cluster.start(left.name());
          }
        });
  }

  private void pauseNode(int millis) {
    Node paused = cluster.node(anyNode());
    paused.pause();
    after(millis, paused::resume);
  }

  private void outage(Faults faults, Faults.Outage kind, int millis) {
    faults.outage(kind);
    after(millis, () -> faults.outage(Faults.Outage.NONE));
  }

  private void flaky(Faults faults, int millis) {
    faults.happens(0.8).answered(0.8).late(0.3, 4_000);
    after(millis, () -> faults.happens(1).answered(1));
  }

  private String anyNode() {
    List<String> names = cluster.names();
    return names.get(random.nextInt(names.size()));
  }

  private void after(long millis, Runnable action) {
    cluster.scheduler().after(millis * 1_000_000, action);
  }
}
