package io.tidemark.lease;

import io.tidemark.append.AppendContext;
import io.tidemark.append.AppendMeters;
import io.tidemark.append.AppendVerticle;
import io.tidemark.append.Fencing;
import io.tidemark.append.Tenure;
import io.tidemark.catalog.Catalog;
import io.tidemark.catalog.CollectionSpec;
import io.tidemark.catalog.Finalization;
import io.tidemark.catalog.Listing;
import io.tidemark.catalog.Retention;
import io.tidemark.environment.CrashPoint;
import io.tidemark.environment.Timers;
import io.tidemark.lease.Deployer.Deployment;
import io.tidemark.lease.Leases.Lease;
import io.tidemark.mint.MintContext;
import io.tidemark.mint.MintVerticle;
import io.tidemark.persist.Coordinator;
import io.tidemark.protocol.Addresses;
import io.tidemark.protocol.Bus.Registration;
import io.tidemark.row.Schema;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tries for the lease of every collection, and deploys mint and append for those that it gets: once
 * in the whole cluster, as far as leases can tell.
 */
public final class LeaseVerticle extends VerticleBase {

  private static final Logger log = LoggerFactory.getLogger(LeaseVerticle.class);

  private final LeaseContext world;
  private final Catalog catalog;
  private final Map<String, Coordination> coordinations = new HashMap<>();

  /** What the list of collections said last. */
  private Map<String, CollectionSpec> known = Map.of();

  /** Those that failed to begin here: they wait for the next reading of the list. */
  private final Set<String> failed = new HashSet<>();

  private final StandBacks standBacks;
  private final Finalizer finalizer;

  private Timers.Timer reading = () -> {};
  private Runnable watching = () -> {};
  private @Nullable Registration registration;
  private boolean stopped;

  public LeaseVerticle(LeaseContext world) {
    this.world = world;
    this.catalog =
        new Catalog(
            world.persist().consensus(), world.environment(), world.persist().options().retry());
    this.standBacks = new StandBacks(world.environment(), world.lease());
    this.finalizer =
        new Finalizer(
            new Finalization(catalog, world.persist(), world.environment()),
            world.environment(),
            world.bus(),
            world.lease().finalizer());
  }

  @Override
  public Future<?> start() {
    watching = world.leases().watch(this::freed);
    return world
        .bus()
        .consume(Addresses.CATALOG, changed -> read())
        .onSuccess(
            registered -> {
              registration = registered;
              read();
            });
  }

  /** Gives everything up in order: first the work, then the leases. */
  @Override
  public Future<?> stop() {
    stopped = true;
    reading.cancel();
    watching.run();
    standBacks.stop();
    finalizer.stop();
    List<Future<Void>> ending = new ArrayList<>();
    List.copyOf(coordinations.values()).forEach(each -> ending.add(end(each)));
    if (registration != null) {
      ending.add(registration.unregister());
    }
    return Future.join(ending);
  }

  private void read() {
    if (stopped) {
      return;
    }
    reading.cancel();
    catalog
        .list()
        .onComplete(
            read -> {
              if (read.succeeded()) {
                listed(read.result());
              } else {
                log.warn("the list of collections was not read", read.cause());
              }
              readLater();
            });
  }

  private void listed(Listing listing) {
    if (stopped) {
      return;
    }
    forgetStandBacks(listing.collections());
    known = listing.collections();
    failed.clear();
    List.copyOf(coordinations.values()).forEach(this::follow);
    finalizer.listed(listing.dropped());
    known.values().forEach(this::tryFor);
  }

  private void forgetStandBacks(Map<String, CollectionSpec> next) {
    for (CollectionSpec before : known.values()) {
      CollectionSpec now = next.get(before.name());
      if (now == null || !now.shard().equals(before.shard())) {
        standBacks.forget(before.name());
      }
    }
  }

  /** A coordination goes with its collection; one of the same name may have come in its place. */
  private void follow(Coordination coordination) {
    CollectionSpec now = known.get(coordination.name);
    if (now != null && now.shard().equals(coordination.collection.shard())) {
      coordination.collection = now;
    } else {
      coordination.again = now != null;
      if (!coordination.ended) {
        dropped(coordination);
      }
    }
  }

  private void readLater() {
    if (!stopped) {
      reading.cancel();
      reading = world.environment().timers().after(world.lease().catalogMillis(), this::read);
    }
  }

  /** Somebody gave a lease up, or lost it: whoever is quick need not wait for the next reading. */
  private void freed(String name) {
    CollectionSpec collection = known.get(name);
    Coordination coordination = coordinations.get(name);
    if (coordination != null) {
      coordination.again = true;
    } else if (collection != null && !failed.contains(name)) {
      tryFor(collection);
    }
  }

  private void tryFor(CollectionSpec collection) {
    String name = collection.name();
    if (stopped || coordinations.containsKey(name) || standBacks.holds(name)) {
      return;
    }
    Coordination coordination = new Coordination(collection);
    coordinations.put(name, coordination);
    world
        .leases()
        .acquire(name, () -> lost(coordination))
        .compose(
            lease ->
                lease == null
                    ? Future.succeededFuture(false)
                    : begin(collection, coordination, lease))
        .onComplete(
            begun -> {
              if (begun.failed()) {
                failed.add(name);
                log.warn("'{}' could not be coordinated here", name, begun.cause());
              }
              if (begun.failed() || !begun.result()) {
                endAtOnce(coordination);
              }
            });
  }

  private Future<Boolean> begin(CollectionSpec collection, Coordination coordination, Lease lease) {
    coordination.lease = lease;
    if (coordination.ended) {
      return Future.succeededFuture(false);
    }
    CrashPoint.M1.reached(world.environment());
    String id = collection.name() + "." + world.environment().entropy().nextId();
    return deploy(coordination, new MintVerticle(mintContext(collection, coordination, id)))
        .compose(
            goesOn ->
                goesOn
                    ? deploy(
                        coordination,
                        new AppendVerticle(appendContext(collection, coordination, id)))
                    : Future.succeededFuture(false));
  }

  /** Yields whether the coordination has not ended meanwhile. */
  private Future<Boolean> deploy(Coordination coordination, VerticleBase verticle) {
    return world
        .deployer()
        .deploy(verticle)
        .compose(
            deployment -> {
              if (coordination.ended) {
                return deployment.get().map(false);
              }
              coordination.deployments.add(deployment);
              return Future.succeededFuture(true);
            });
  }

  private MintContext mintContext(CollectionSpec collection, Coordination coordination, String id) {
    return new MintContext(
        collection.name(),
        id,
        world.environment(),
        world.bus(),
        world.writers(),
        world.mint(),
        coordination::mayCoordinate,
        () -> here(coordination.finished::tryComplete));
  }

  private AppendContext appendContext(
      CollectionSpec collection, Coordination coordination, String id) {
    return new AppendContext(
        collection,
        id,
        world.environment(),
        world.bus(),
        world.persist(),
        world.append(),
        new AppendMeters(world.registry(), collection.name(), collection.shard().text()),
        tenure(coordination),
        world.self(),
        world.maxProducers());
  }

  private Tenure tenure(Coordination coordination) {
    return new Tenure() {
      @Override
      public boolean mayCoordinate() {
        return coordination.mayCoordinate();
      }

      @Override
      public Retention retention() {
        return coordination.collection.retention();
      }

      @Override
      public Schema schema() {
        return coordination.collection.schema();
      }

      @Override
      public void fenced(Fencing by) {
        here(() -> LeaseVerticle.this.fenced(coordination, by));
      }

      @Override
      public void dropped() {
        here(() -> ended(coordination));
      }

      @Override
      public void unanswered(long millis) {
        here(() -> LeaseVerticle.this.unanswered(coordination, millis));
      }
    };
  }

  /** Consensus has said it before the list did, which is to say it before this is tried again. */
  private void ended(Coordination coordination) {
    if (!coordination.ended) {
      failed.add(coordination.name);
      dropped(coordination);
    }
  }

  /** There is nothing to be finished here. */
  private void dropped(Coordination coordination) {
    log.info("'{}' was dropped, and is not coordinated any more", coordination.name);
    if (coordination.lease != null) {
      finalizer.coordinated(coordination.collection.shard());
    }
    coordination.surrendered = true;
    endAtOnce(coordination);
  }

  private void lost(Coordination coordination) {
    if (!coordination.ended) {
      log.info("'{}' is not coordinated here any more", coordination.name);
      endAtOnce(coordination);
    }
  }

  /**
   * Somebody else has begun an epoch: the lease is given up, and tried for again after a while, if
   * it is free. The writers of this node take part in the epochs of whoever coordinates.
   */
  private void fenced(Coordination coordination, Fencing fencing) {
    Coordinator by = fencing.by().coordinator();
    boolean isForeign = by != null && !by.cluster().equals(world.self().cluster());
    coordination.surrendered = true;
    long millis = standBacks.begin(coordination.name, isForeign, () -> freed(coordination.name));
    if (isForeign) {
      log.error(
          "two clusters write the shard of '{}': stop one. Epoch {} of {} was ended by epoch {} of"
              + " {}; nothing is lost, and here it is tried again in {} ms",
          coordination.name,
          fencing.own(),
          world.self(),
          fencing.by().epoch(),
          by,
          millis);
    } else {
      log.warn(
          "'{}' epoch {} was ended by epoch {} of {}: another node coordinates it now; this one"
              + " goes on as an ordinary node, and tries for the lease in {} ms if it is free",
          coordination.name,
          fencing.own(),
          fencing.by().epoch(),
          by == null ? "somebody unknown" : by,
          millis);
    }
    endAtOnce(coordination);
  }

  /** Another node may reach consensus. Nothing can be finished here. */
  private void unanswered(Coordination coordination, long waitedMillis) {
    coordination.surrendered = true;
    long millis = standBacks.beginBriefly(coordination.name, () -> freed(coordination.name));
    log.warn(
        "'{}': consensus has answered nothing for {} ms: the lease is given up to a node that may"
            + " reach it; this one tries again in {} ms if it is free",
        coordination.name,
        waitedMillis,
        millis);
    endAtOnce(coordination);
  }

  /** Append has a context of its own, whose timers end with it. */
  private void here(Runnable action) {
    if (context == null) {
      action.run(); // a simulation has one thread, and no contexts
    } else {
      context.runOnContext(run -> action.run());
    }
  }

  private void endAtOnce(Coordination coordination) {
    end(coordination)
        .onFailure(e -> log.warn("'{}' was not given up cleanly", coordination.name, e));
  }

  /**
   * The work ends before the lease, so that the successor finds it done: first mint waits until
   * append has committed what was described. Then the lease goes, and both leave meanwhile: the
   * successor does not wait until the cluster has forgotten where they listened. Harmless twice.
   */
  private Future<Void> end(Coordination coordination) {
    coordination.ended = true;
    List<Deployment> deployments = List.copyOf(coordination.deployments);
    coordination.deployments.clear();
    Future<Void> first =
        deployments.isEmpty() ? Future.succeededFuture() : deployments.get(0).get();
    first.onComplete(gone -> coordination.finished.tryComplete());
    return coordination
        .finished
        .future()
        .compose(
            finished -> {
              List<Future<Void>> leaving = new ArrayList<>(List.of(first));
              deployments.stream().skip(1).forEach(each -> leaving.add(each.get()));
              leaving.add(release(coordination));
              return Future.join(leaving);
            })
        .eventually(() -> left(coordination))
        .mapEmpty();
  }

  private Future<Void> left(Coordination coordination) {
    boolean removed = coordinations.remove(coordination.name, coordination);
    if (removed && coordination.again) {
      freed(coordination.name);
    }
    return Future.succeededFuture();
  }

  private Future<Void> release(Coordination coordination) {
    Lease lease = coordination.lease;
    if (lease == null) {
      return Future.succeededFuture();
    }
    coordination.lease = null;
    CrashPoint.M6.reached(world.environment());
    return lease.release();
  }
}
