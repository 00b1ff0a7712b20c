package io.tidemark.admin;

import io.tidemark.catalog.Catalog;
import io.tidemark.catalog.CollectionSpec;
import io.tidemark.client.EpochWatch;
import io.tidemark.environment.Loop;
import io.tidemark.environment.Timers;
import io.tidemark.persist.EvolveOutcome;
import io.tidemark.persist.EvolveOutcome.Incompatible;
import io.tidemark.persist.Shard;
import io.tidemark.persist.VersionedSchema;
import io.tidemark.protocol.Addresses;
import io.tidemark.protocol.FailureCode;
import io.tidemark.protocol.RefusedException;
import io.tidemark.row.InvalidRowException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;

/**
 * Alters the columns of one collection: first in the shard, which is the truth, then in the list;
 * then waits for a while until its writers have begun an epoch with them. Used once; belongs to one
 * context.
 */
final class ColumnChange {

  private final AdminContext world;
  private final Catalog catalog;
  private final CollectionSpec collection;
  private final Columns wanted;
  private final Promise<Void> begun = Promise.promise();
  private long newestEpoch;
  private long lastEpoch = Long.MAX_VALUE;

  ColumnChange(AdminContext world, Catalog catalog, CollectionSpec collection, Columns wanted) {
    this.world = world;
    this.catalog = catalog;
    this.collection = collection;
    this.wanted = wanted;
  }

  /**
   * Does it.
   *
   * @return the collection with the new columns; fails with {@link FailureCode#INVALID_ROW} if they
   *     cannot be had, and with {@link FailureCode#UNAVAILABLE} if the list or the writers have not
   *     followed: then it can be asked for again
   */
  Future<CollectionSpec> run() {
    EpochWatch watch = EpochWatch.of(world.bus(), collection.name(), this::heard);
    return watch
        .listening()
        .compose(
            listening ->
                world.persist().open(collection.shard(), collection.schema(), world.environment()))
        .compose(this::evolve)
        .eventually(watch::close);
  }

  private Future<CollectionSpec> evolve(Shard shard) {
    int before = shard.registered().id();
    return Loop.whileTrue(() -> step(shard))
        .compose(
            evolved ->
                catalog.alter(
                    collection.name(), listed -> listed.following(shard.id(), shard.schema())))
        .compose(
            altered -> {
              world.bus().publish(Addresses.CATALOG, new JsonObject().put("name", altered.name()));
              return shard.registered().id() == before
                  ? Future.succeededFuture(altered)
                  : nextEpoch(shard.epoch()).map(altered);
            });
  }

  /** One try. True if somebody else has altered the columns meanwhile, and it is to be repeated. */
  private Future<Boolean> step(Shard shard) {
    VersionedSchema current = shard.registered();
    try {
      return shard
          .evolve(current.id(), wanted.applyTo(current.schema()))
          .map(ColumnChange::isToBeRepeated);
    } catch (InvalidRowException e) {
      return Future.failedFuture(Requests.invalid(String.valueOf(e.getMessage())));
    }
  }

  private static boolean isToBeRepeated(EvolveOutcome outcome) {
    if (outcome instanceof Incompatible incompatible) {
      throw Requests.invalid(incompatible.reason());
    }
    return outcome instanceof EvolveOutcome.ExpectedMismatch;
  }

  private void heard(long epoch) {
    newestEpoch = Math.max(newestEpoch, epoch);
    if (newestEpoch > lastEpoch) {
      begun.tryComplete();
    }
  }

  private Future<Void> nextEpoch(long after) {
    lastEpoch = after;
    heard(0);
    Timers.Timer late =
        world
            .environment()
            .timers()
            .after(
                world.readyMillis(),
                () ->
                    begun.tryFail(
                        new RefusedException(
                            FailureCode.UNAVAILABLE,
                            "'"
                                + collection.name()
                                + "' was altered, and its writers have not taken that up yet: is"
                                + " there a node that coordinates?")));
    return begun.future().onComplete(done -> late.cancel());
  }
}
