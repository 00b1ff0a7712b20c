package io.tidemark.launcher.cluster;

import com.hazelcast.core.EntryEvent;
import com.hazelcast.map.IMap;
import com.hazelcast.map.listener.EntryEvictedListener;
import com.hazelcast.map.listener.EntryExpiredListener;
import com.hazelcast.map.listener.EntryRemovedListener;
import io.tidemark.environment.Environment;
import io.tidemark.environment.Timers;
import io.tidemark.environment.Watchers;
import io.tidemark.lease.Leases;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The leases of a cluster: entries of a map of Hazelcast that expire unless they are renewed. Who
 * loses contact believes in its lease for a while, and may be wrong: a lease decides who tries.
 *
 * <p>Collections are spread over the nodes that stay: a free lease goes to the one that {@link
 * Spread} ranks first, unless it does not try; and who has more than its share hands one over now
 * and then.
 *
 * <p>Thread-safe, but a lease is acquired and released on one context.
 */
public final class HazelcastLeases implements Leases {

  /** How long a lease outlives the last renewal: the take-over time if nobody notices a death. */
  static final long TTL_MILLIS = 8_000;

  /**
   * How long the holder believes in it. Hazelcast ends an entry up to a second before its time; the
   * rest is for clocks that do not run alike.
   */
  static final long TRUST_MILLIS = TTL_MILLIS - 1_500;

  /** Several renewals may fail before a lease is lost. */
  static final long RENEW_MILLIS = 1_250;

  /** How long a node waits for each one that should try for a free lease before it. */
  static final long RANK_MILLIS = 300;

  /** How old what is known of the other nodes' leases may be when a free one is tried for. */
  static final long VIEW_MILLIS = 250;

  /** How often a node looks whether it has more than its share; it hands over one at a time. */
  static final long SHARE_MILLIS = 3_000;

  /** For so long no node may have come or gone before anything is handed over. */
  static final long STABLE_MILLIS = 5_000;

  /** A release that takes longer is left to the time to live. */
  static final long RELEASE_MILLIS = 2_000;

  private static final String MAP = "tidemark.leases";

  private static final Logger log = LoggerFactory.getLogger(HazelcastLeases.class);

  private final Vertx vertx;
  private final Cluster cluster;
  private final Environment environment;
  private final IMap<String, String> map;
  private final IMap<String, String> writers;
  private final Context context;
  private final Watchers<String> watchers = new Watchers<>();
  private final Set<Held> held = ConcurrentHashMap.newKeySet();
  private final UUID listener;
  private final Runnable membership;
  private volatile long changedMillis;
  private volatile LeaseView view = LeaseView.NONE;
  private volatile boolean closed;

  /**
   * Blocks for the time of a question to the other nodes.
   *
   * @param context where it does what nobody waits for
   */
  public HazelcastLeases(Context context, Cluster cluster, Environment environment) {
    this.vertx = context.owner();
    this.cluster = cluster;
    this.environment = environment;
    this.map = cluster.map(MAP);
    this.writers = cluster.map(HazelcastWriters.MAP);
    this.context = context;
    this.changedMillis = nowMillis();
    this.listener = map.addEntryListener(new Freed(), false);
    this.membership = cluster.watch(this::changed);
    context.runOnContext(run -> shareLater());
  }

  private long nowMillis() {
    return environment.clock().monotonicMillis();
  }

  @Override
  public Future<@Nullable Lease> acquire(String collection, Runnable lost) {
    return view(VIEW_MILLIS)
        .map(seen -> seen.spread(cluster.name()).rank(collection) * RANK_MILLIS)
        .compose(this::after)
        .compose(turn -> take(collection, lost));
  }

  private Future<Void> after(long millis) {
    Promise<Void> waited = Promise.promise();
    environment.timers().after(millis, waited::complete);
    return waited.future();
  }

  /** Null if somebody else was first. */
  private Future<@Nullable Lease> take(String collection, Runnable lost) {
    if (closed) {
      return Future.succeededFuture();
    }
    String value = LeaseStep.value(cluster.name(), environment.entropy().nextId());
    long askedNanos = environment.clock().monotonicNanos();
    return step(collection, new LeaseStep.Take(value, TTL_MILLIS))
        .map(
            taken -> {
              if (!taken) {
                return null;
              }
              Held lease = new Held(collection, value, lost, askedNanos);
              held.add(lease);
              lease.watchTime();
              return lease;
            });
  }

  private Future<Boolean> step(String collection, LeaseStep step) {
    return from(() -> map.submitToKey(collection, step));
  }

  /** Hazelcast answers on threads of its own, and throws at once if it has been shut down. */
  private <T> Future<T> from(Supplier<CompletionStage<T>> call) {
    try {
      return Future.fromCompletionStage(call.get(), vertx.getOrCreateContext());
    } catch (RuntimeException e) {
      return Future.failedFuture(e);
    }
  }

  @Override
  public Runnable watch(Consumer<String> free) {
    return watchers.add(free);
  }

  /** Which node holds each lease, by collection; as of a moment ago. */
  public Future<Map<String, String>> holders() {
    return view(0).map(LeaseView::holders);
  }

  private Future<LeaseView> view(long maxAgeMillis) {
    LeaseView known = view;
    if (known.isYounger(maxAgeMillis, nowMillis())) {
      return Future.succeededFuture(known);
    }
    long atMillis = nowMillis();
    return environment
        .offload()
        .call(() -> LeaseView.read(atMillis, cluster, map, writers))
        .onSuccess(seen -> view = seen);
  }

  /** Told on a thread of Hazelcast's, or of whoever made this. */
  private void changed(Cluster.Change change) {
    changedMillis = nowMillis();
    view = LeaseView.NONE;
    if (change.kind() == Cluster.Change.Kind.REMOVED && !closed) {
      context.runOnContext(run -> evict(change.node()));
    }
  }

  /**
   * Ends the leases of a node that has left, rather than to wait until they expire. If it lives
   * after all, it believes in them for some seconds: that does no harm.
   */
  private void evict(String node) {
    environment
        .offload()
        .call(() -> map.executeOnEntries(new LeaseStep.Evict(node)))
        .onSuccess(done -> log.info("node {} has left", node))
        .onFailure(e -> log.warn("the leases of {} were not ended: they expire", node, e));
  }

  private void shareLater() {
    if (!closed) {
      environment.timers().after(SHARE_MILLIS, this::share);
    }
  }

  /** Hands over a lease, if this node has too many. */
  private void share() {
    boolean isStable = nowMillis() - changedMillis >= STABLE_MILLIS;
    if (closed || !isStable || held.isEmpty() || cluster.nodes().size() < 2) {
      shareLater();
      return;
    }
    view(0)
        .onComplete(
            read -> {
              if (read.succeeded()) {
                handOver(read.result().spread(cluster.name()).surplus());
              } else {
                log.debug("the leases were not read", read.cause());
              }
              shareLater();
            });
  }

  private void handOver(Optional<String> collection) {
    collection.ifPresent(
        name ->
            held.stream()
                .filter(lease -> lease.collection.equals(name))
                .forEach(
                    lease -> {
                      log.info("'{}' is handed over to a node that coordinates less", name);
                      lease.lostOnItsContext();
                    }));
  }

  /** Takes and renews no lease any more. Blocks a little. */
  public void close() {
    closed = true;
    membership.run();
    boolean unused = map.removeEntryListener(listener);
    List.copyOf(held).forEach(Held::end);
  }

  /** Tells of every entry that goes away. */
  private final class Freed
      implements EntryRemovedListener<String, String>,
          EntryExpiredListener<String, String>,
          EntryEvictedListener<String, String> {

    @Override
    public void entryRemoved(EntryEvent<String, String> event) {
      free(event);
    }

    @Override
    public void entryExpired(EntryEvent<String, String> event) {
      free(event);
    }

    @Override
    public void entryEvicted(EntryEvent<String, String> event) {
      free(event);
    }

    private void free(EntryEvent<String, String> event) {
      watchers.tell(event.getKey());
    }
  }

  /** A lease of this node. */
  private final class Held implements Lease {
    private final String collection;
    private final String value;
    private final @Nullable Context home = Vertx.currentContext();
    private final List<Timers.Timer> timers = new ArrayList<>();
    private @Nullable Runnable lost;
    private volatile long trustedNanos;
    private volatile boolean ended;

    Held(String collection, String value, Runnable lost, long askedNanos) {
      this.collection = collection;
      this.value = value;
      this.lost = lost;
      renewed(askedNanos);
    }

    @Override
    public boolean isHeld() {
      return !ended && leftNanos() > 0;
    }

    private long leftNanos() {
      return trustedNanos - environment.clock().monotonicNanos();
    }

    /** Counts from before the call that renewed it. */
    private void renewed(long askedNanos) {
      trustedNanos = askedNanos + TimeUnit.MILLISECONDS.toNanos(TRUST_MILLIS);
    }

    /** Renews it in a while, and ends it should it not be renewed in time. */
    void watchTime() {
      cancelTimers();
      if (!ended) {
        long leftMillis = Math.max(0, TimeUnit.NANOSECONDS.toMillis(leftNanos()));
        timers.add(environment.timers().after(RENEW_MILLIS, this::renew));
        timers.add(environment.timers().after(leftMillis + 1, this::expire));
      }
    }

    private void cancelTimers() {
      timers.forEach(Timers.Timer::cancel);
      timers.clear();
    }

    private void renew() {
      if (ended) {
        return;
      }
      long askedNanos = environment.clock().monotonicNanos();
      step(collection, new LeaseStep.Renew(value, TTL_MILLIS))
          .onComplete(
              asked -> {
                if (asked.failed()) {
                  log.debug("the lease of '{}' was not renewed", collection, asked.cause());
                } else if (asked.result()) {
                  renewed(askedNanos);
                } else if (!ended) {
                  log.warn("somebody else has the lease of '{}'", collection);
                  end();
                  runLost();
                }
                watchTime();
              });
    }

    private void expire() {
      if (!ended) {
        log.warn("the lease of '{}' could not be renewed in time", collection);
        end();
        runLost();
      }
    }

    void end() {
      ended = true;
      held.remove(this);
    }

    /** Tells the holder, once, to give it up; until it does, the lease is renewed. */
    void lostOnItsContext() {
      if (home == null) {
        runLost();
      } else {
        home.runOnContext(run -> runLost());
      }
    }

    private void runLost() {
      Runnable tell = lost;
      lost = null;
      if (tell != null) {
        tell.run();
      }
    }

    @Override
    public Future<Void> release() {
      end();
      lost = null;
      cancelTimers();
      return step(collection, new LeaseStep.Release(value))
          .timeout(RELEASE_MILLIS, TimeUnit.MILLISECONDS)
          .onFailure(e -> log.debug("the lease of '{}' was not released", collection, e))
          .<Void>mapEmpty()
          .otherwiseEmpty();
    }
  }
}
