package io.tidemark.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.catalog.Catalog;
import io.tidemark.catalog.CollectionSpec;
import io.tidemark.environment.Environment;
import io.tidemark.persist.PersistClient;
import io.tidemark.persist.ShardContents;
import io.tidemark.progress.Antichain;
import io.tidemark.protocol.Addresses;
import io.tidemark.protocol.ForgedEpoch;
import io.tidemark.protocol.Messages.InEpoch;
import io.tidemark.row.SchemaJson;
import io.tidemark.sim.Nemesis.Deed;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * One run of the whole pipeline from one seed: some nodes, publishers, sources and readers, a world
 * that goes wrong for a while and is then mended, and at the end a look at everything that must
 * hold.
 */
final class Simulation {

  private static final long TROUBLE_MILLIS = 8_000;
  private static final long MENDED_MILLIS = 240_000;

  /** Leases that two believe in, and writers that have come, settle in this time… */
  private static final long SETTLE_MILLIS = 15_000;

  /** …and stay as they are. */
  private static final long QUIET_MILLIS = 10_000;

  /** That takes longer than all the rest, so not every seed is looked at for so long. */
  private static final int QUIET_EVERY = 8;

  private final Scheduler scheduler = new Scheduler();
  private final Cluster cluster;
  private final long seed;
  private final SplittableRandom random;
  private final List<PublisherActor> publishers = new ArrayList<>();
  private final List<RawActor> raws = new ArrayList<>();
  private final List<SourceActor> sources = new ArrayList<>();
  private final List<FollowerActor> followers = new ArrayList<>();
  private final List<SubscriberActor> subscribers = new ArrayList<>();
  private final Map<String, CollectionSpec> collections = new HashMap<>();
  private final Nemesis nemesis;
  private final boolean calm;

  Simulation(long seed, Sabotage sabotage) {
    this(seed, sabotage, List.of(Deed.values()));
  }

  /** A world in which nothing goes wrong: nodes come and go in order, and columns are added. */
  static Simulation calm(long seed) {
    return new Simulation(
        seed, Sabotage.NONE, List.of(Deed.JOIN_NODE, Deed.LEAVE_NODE, Deed.ALTER));
  }

  private Simulation(long seed, Sabotage sabotage, List<Deed> deeds) {
    this.calm = !deeds.contains(Deed.CRASH_NODE);
    this.seed = seed;
    this.random = new SplittableRandom(seed);
    this.cluster = new Cluster(scheduler, random.split(), sabotage);
    for (int i = 0; i < 2; i++) {
      publishers.add(new PublisherActor("p" + i, cluster));
      sources.add(new SourceActor(i, cluster));
    }
    raws.add(new RawActor("r", cluster, calm));
    this.nemesis =
        new Nemesis(cluster, deeds, new Applications(publishers, sources, followers, subscribers));
    if (sabotage == Sabotage.EPOCH) {
      cluster.network().tamper(new ForgedEpochs()::forge);
    }
  }

  Cluster cluster() {
    return cluster;
  }

  Nemesis nemesis() {
    return nemesis;
  }

  long fingerprint() {
    return scheduler.fingerprint();
  }

  long events() {
    return scheduler.eventsRun();
  }

  Reads reads() {
    Reads all = Reads.NONE;
    for (FollowerActor follower : followers) {
      all = all.plus(new Reads(follower.compared(), follower.lapsed(), 0));
    }
    for (SubscriberActor subscriber : subscribers) {
      all = all.plus(new Reads(0, 0, subscriber.tooLate()));
    }
    return all;
  }

  /** Runs to the end, and fails if anything that must hold does not. */
  void run() {
    int nodes = (calm ? 2 : 1) + random.nextInt(3);
    for (int i = 0; i < nodes; i++) {
      cluster.start("n" + i);
    }
    scheduler.runUntil(100);
    boolean retained = random.nextInt(3) == 0;
    create("orders", "ingest", 1, retained ? "2s" : "forever");
    create("ticks", "source", sources.size(), retained ? 60 : "forever");
    read("orders", retained);
    read("ticks", retained);
    publishers.forEach(PublisherActor::start);
    raws.forEach(RawActor::start);
    sources.forEach(SourceActor::start);
    followers.forEach(FollowerActor::start);
    subscribers.forEach(SubscriberActor::start);
    nemesis.start();
    scheduler.runUntil(scheduler.nowMillis() + TROUBLE_MILLIS);
    nemesis.rest();
    publishers.forEach(PublisherActor::stop);
    raws.forEach(RawActor::stop);
    sources.forEach(SourceActor::hurry);
    finish();
    if (seed % QUIET_EVERY == 0) {
      checkQuiet();
    }
    checkOrders();
    checkTicks();
    // Who is registered is alone: an upper that it did not make itself is an outcome it was not
    // told.
    assertEquals(0, cluster.counted("tidemark.append.mismatches"), "appends met a foreign upper");
  }

  private void create(String name, String mode, int partitions, Object retention) {
    Node client = cluster.client("creator");
    boolean[] created = {false};
    cluster
        .bus(client)
        .request(
            Addresses.ADMIN,
            new JsonObject()
                .put("action", "create")
                .put("name", name)
                .put("mode", mode)
                .put("partitions", partitions)
                .put("retention", retention)
                .put("columns", SchemaJson.toJson(Rows.SCHEMA)),
            30_000)
        .onComplete(
            done -> {
              if (done.failed()) {
                throw new AssertionError(name + " was not created", done.cause());
              }
              created[0] = true;
            });
    long deadline = scheduler.nowMillis() + 30_000;
    while (!created[0] && scheduler.nowMillis() < deadline) {
      scheduler.runUntil(scheduler.nowMillis() + 10);
    }
    assertTrue(created[0], name + " was not created in time");
    Environment environment = client.environment();
    PersistClient stores = cluster.stores();
    new Catalog(stores.consensus(), environment, stores.options().retry())
        .read()
        .onSuccess(collections::putAll);
  }

  /** Somebody or other follows it, or nobody: all of them in every run would take too long. */
  private void read(String name, boolean retained) {
    if (random.nextBoolean()) {
      followers.add(new FollowerActor(name, cluster, collections.get(name).shard()));
    }
    if (random.nextBoolean()) {
      subscribers.add(new SubscriberActor(name, cluster, retained));
    }
  }

  /** After the trouble everything that was begun must come to its end. */
  private void finish() {
    long deadline = scheduler.nowMillis() + MENDED_MILLIS;
    while (!isDone() && scheduler.nowMillis() < deadline) {
      scheduler.runUntil(scheduler.nowMillis() + 100);
    }
    assertTrue(isDone(), () -> "not everything came to its end: " + progress());
  }

  /** Once nothing goes wrong any more, the epochs of long ago do not go on ending each other. */
  private void checkQuiet() {
    scheduler.runUntil(scheduler.nowMillis() + SETTLE_MILLIS);
    long orders = contents("orders").epoch();
    long ticks = contents("ticks").epoch();
    scheduler.runUntil(scheduler.nowMillis() + QUIET_MILLIS);
    assertEquals(orders, contents("orders").epoch(), "the epoch of orders in quiet times");
    assertEquals(ticks, contents("ticks").epoch(), "the epoch of ticks in quiet times");
  }

  private boolean isDone() {
    return publishers.stream().allMatch(PublisherActor::isDone)
        && raws.stream().allMatch(RawActor::isDone)
        && sources.stream().allMatch(SourceActor::isDone)
        && followers.stream().allMatch(each -> each.hasComeTo(endOf(each.collection())))
        && subscribers.stream().allMatch(each -> each.hasComeTo(endOf(each.collection())));
  }

  /** All that matters of a collection is before this, once its writers are done. */
  private Antichain endOf(String name) {
    return name.equals("ticks") ? Antichain.empty() : Antichain.of(newestAcknowledged() + 1);
  }

  private long newestAcknowledged() {
    return Stream.concat(
            publishers.stream().flatMap(each -> each.acknowledged().values().stream()),
            raws.stream().flatMap(each -> each.acknowledged().values().stream()))
        .mapToLong(Long::longValue)
        .max()
        .orElse(-1);
  }

  private String progress() {
    StringBuilder text = new StringBuilder();
    publishers.forEach(
        p ->
            text.append(p.name())
                .append(' ')
                .append(p.acknowledged().size())
                .append('/')
                .append(p.sent())
                .append(", "));
    raws.forEach(
        r ->
            text.append(r.name())
                .append(' ')
                .append(r.acknowledged().size())
                .append('/')
                .append(r.sent())
                .append(", "));
    text.append(sources).append(", ");
    followers.forEach(f -> text.append(f).append(", "));
    subscribers.forEach(each -> text.append(each).append(", "));
    return text.append("upper of ticks ").append(contents("ticks").upper()).toString();
  }

  private ShardContents contents(String name) {
    return ShardContents.read(
        cluster.stores(), collections.get(name).shard(), cluster.client("checker").environment());
  }

  /** Every acknowledged row is there exactly once, at its time, in order; and no other row is. */
  private void checkOrders() {
    ShardContents contents = contents("orders");
    Map<String, Long> rows = Rows.upTo(contents.blocks(), Long.MAX_VALUE);
    Map<String, Long> times = times(contents);
    long since = sinceOf(contents);
    for (PublisherActor publisher : publishers) {
      checkSender(publisher.name(), publisher.sent(), publisher.acknowledged(), rows, times, since);
    }
    for (RawActor raw : raws) {
      checkSender(raw.name(), raw.sent(), raw.acknowledged(), rows, times, since);
      for (long number : raw.unnumberedSure()) {
        assertEquals(1, rows.remove(raw.name() + "? " + number), "unnumbered row " + number);
      }
      for (long number : raw.unnumberedMaybe()) {
        Long found = rows.remove(raw.name() + "? " + number);
        assertTrue(found == null || found == 1, "unnumbered row " + number + ": " + found);
      }
    }
    assertTrue(rows.isEmpty(), () -> "rows that nobody sent: " + rows);
    checkReaders("orders", contents);
  }

  private static void checkSender(
      String name,
      long sent,
      Map<Long, Long> acknowledged,
      Map<String, Long> rows,
      Map<String, Long> times,
      long since) {
    long before = 0;
    for (long number = 0; number < sent; number++) {
      String key = name + " " + number;
      assertEquals(1L, rows.remove(key), "row " + key + " of " + sent);
      // Times before the since are one: some of them have been advanced to it, and some not yet.
      long time = Math.max(times.get(key), since);
      assertTrue(time >= before, key + " is at " + time + ", the row before it at " + before);
      long said = acknowledged.get(number);
      boolean told = said < 0 || Math.max(said, since) >= time;
      assertTrue(told, key + " is at " + time + ", said was " + said);
      before = time;
    }
  }

  private static Map<String, Long> times(ShardContents contents) {
    Map<String, Long> times = new HashMap<>();
    contents
        .blocks()
        .forEach(
            block -> {
              for (int i = 0; i < block.size(); i++) {
                times.put(Rows.key(block, i), block.times().get(i));
              }
            });
    return times;
  }

  /** The collection is what the sources have, at every time. */
  private void checkTicks() {
    ShardContents contents = contents("ticks");
    assertEquals(Antichain.empty(), contents.upper());
    for (long time = sinceOf(contents); time < SourceActor.END; time += 1 + random.nextInt(40)) {
      assertEquals(expectedTicks(time), Rows.upTo(contents.blocks(), time), "ticks at " + time);
    }
    assertEquals(expectedTicks(SourceActor.END), Rows.upTo(contents.blocks(), Long.MAX_VALUE));
    checkReaders("ticks", contents);
  }

  private static long sinceOf(ShardContents contents) {
    return contents.since().isEmpty() ? SourceActor.END : contents.since().time();
  }

  private Map<String, Long> expectedTicks(long time) {
    Map<String, Long> expected = new TreeMap<>();
    for (int partition = 0; partition < sources.size(); partition++) {
      Rows.upTo(SourceActor.upTo(partition, time), time)
          .forEach((row, sum) -> expected.merge(row, sum, Long::sum));
    }
    return expected;
  }

  /** Whoever followed it was told every change once, at its time. */
  private void checkReaders(String name, ShardContents contents) {
    followers.stream()
        .filter(each -> each.collection().equals(name))
        .flatMap(each -> each.lives().stream())
        .forEach(life -> life.check(contents, "a follower of " + name));
    subscribers.stream()
        .filter(each -> each.collection().equals(name))
        .flatMap(each -> each.lives().stream())
        .forEach(life -> life.check(contents, "a subscriber of " + name));
  }

  /** Makes every message of an epoch one of the newest epoch, as if nobody looked at it. */
  private static final class ForgedEpochs {
    private final Map<String, Long> newest = new HashMap<>();

    Object forge(Object message) {
      if (message instanceof InEpoch of) {
        long epoch = newest.merge(of.collection(), of.epoch(), Math::max);
        return ForgedEpoch.of(of, epoch);
      }
      return message;
    }
  }
}
