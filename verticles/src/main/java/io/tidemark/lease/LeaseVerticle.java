package io.tidemark.lease;

import io.tidemark.append.AppendContext;
import io.tidemark.append.AppendMeters;
import io.tidemark.append.AppendVerticle;
import io.tidemark.catalog.Catalog;
import io.tidemark.catalog.CollectionSpec;
import io.tidemark.environment.Timers;
import io.tidemark.lease.Deployer.Deployment;
import io.tidemark.lease.Leases.Lease;
import io.tidemark.mint.MintContext;
import io.tidemark.mint.MintVerticle;
import io.tidemark.protocol.Addresses;
import io.tidemark.protocol.Bus.Registration;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
  private Timers.Timer reading = () -> {};
  private @Nullable Registration registration;
  private boolean stopped;

  public LeaseVerticle(LeaseContext world) {
    this.world = world;
    this.catalog =
        new Catalog(
            world.persist().consensus(), world.environment(), world.persist().options().retry());
  }

  /** A collection that is coordinated here, or for which that is being tried. */
  private static final class Coordination {
    private @Nullable Lease lease;
    private final List<Deployment> deployments = new ArrayList<>();
    private boolean ended;
  }

  @Override
  public Future<?> start() {
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
    List<Future<Void>> ending = new ArrayList<>();
    List.copyOf(coordinations.keySet()).forEach(name -> ending.add(end(name)));
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
        .read()
        .onComplete(
            read -> {
              if (read.succeeded()) {
                read.result().values().forEach(this::tryFor);
              } else {
                log.warn("the list of collections was not read", read.cause());
              }
              readLater();
            });
  }

  private void readLater() {
    if (!stopped) {
      reading.cancel();
      reading = world.environment().timers().after(world.catalogMillis(), this::read);
    }
  }

  private void tryFor(CollectionSpec collection) {
    String name = collection.name();
    if (stopped || coordinations.containsKey(name)) {
      return;
    }
    Coordination coordination = new Coordination();
    coordinations.put(name, coordination);
    world
        .leases()
        .acquire(name, () -> lost(name, coordination))
        .compose(
            lease ->
                lease == null
                    ? Future.succeededFuture(false)
                    : begin(collection, coordination, lease))
        .onComplete(
            begun -> {
              if (begun.failed()) {
                log.warn("'{}' could not be coordinated here", name, begun.cause());
              }
              if (begun.failed() || !begun.result()) {
                end(name).onFailure(e -> log.warn("'{}' was not given up cleanly", name, e));
              }
            });
  }

  private Future<Boolean> begin(CollectionSpec collection, Coordination coordination, Lease lease) {
    coordination.lease = lease;
    if (coordination.ended) {
      return Future.succeededFuture(false);
    }
    String id = collection.name() + "." + world.environment().entropy().nextId();
    return deploy(coordination, new MintVerticle(mintContext(collection, id)))
        .compose(
            done -> deploy(coordination, new AppendVerticle(appendContext(collection, id, lease))))
        .map(true);
  }

  private Future<Void> deploy(Coordination coordination, VerticleBase verticle) {
    return world
        .deployer()
        .deploy(verticle)
        .map(
            deployment -> {
              coordination.deployments.add(0, deployment);
              return null;
            });
  }

  private MintContext mintContext(CollectionSpec collection, String id) {
    return new MintContext(
        collection.name(), id, world.environment(), world.bus(), world.writers(), world.mint());
  }

  private AppendContext appendContext(CollectionSpec collection, String id, Lease lease) {
    return new AppendContext(
        collection,
        id,
        world.environment(),
        world.bus(),
        world.persist(),
        world.append(),
        new AppendMeters(world.registry(), collection.name(), collection.shard().text()),
        lease::isHeld,
        world.maxProducers());
  }

  private void lost(String name, Coordination coordination) {
    if (coordinations.get(name) == coordination) {
      log.info("the lease of '{}' is lost", name);
      end(name).onFailure(e -> log.warn("'{}' was not given up cleanly", name, e));
    }
  }

  private Future<Void> end(String name) {
    Coordination coordination = coordinations.remove(name);
    if (coordination == null) {
      return Future.succeededFuture();
    }
    coordination.ended = true;
    List<Future<Void>> undeploying =
        coordination.deployments.stream().map(Deployment::get).toList();
    Lease lease = coordination.lease;
    return Future.join(undeploying)
        .<Void>mapEmpty()
        .eventually(() -> lease == null ? Future.succeededFuture() : lease.release());
  }
}
