package io.tidemark.admin;

import io.tidemark.catalog.Catalog;
import io.tidemark.catalog.CollectionSpec;
import io.tidemark.catalog.Finalization;
import io.tidemark.environment.Timers;
import io.tidemark.persist.Position;
import io.tidemark.persist.Shard;
import io.tidemark.persist.ShardDroppedException;
import io.tidemark.persist.ShardSummary;
import io.tidemark.progress.Antichain;
import io.tidemark.protocol.Addresses;
import io.tidemark.protocol.Bus.Delivery;
import io.tidemark.protocol.Bus.Registration;
import io.tidemark.protocol.FailureCode;
import io.tidemark.protocol.RefusedException;
import io.tidemark.row.InvalidRowException;
import io.tidemark.row.SchemaJson;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Answers at {@link Addresses#ADMIN}: {@code {"action": "create", "name": …, "columns": […],
 * "mode": …, "partitions": …, "retention": …}}, {@code {"action": "alter", "name": …, "retention":
 * …, "addColumns": […], "nullable": […]}}, {@code {"action": "list"}}, {@code {"action":
 * "cluster"}}; and {@code drop}, {@code describe}, {@code inspect}, {@code compact} and {@code gc}
 * with a {@code name}.
 */
public final class AdminVerticle extends VerticleBase {

  /** Longer than a coordinator keeps anybody waiting. */
  private static final long UPKEEP_MILLIS = 15_000;

  private final AdminContext world;
  private final Catalog catalog;
  private final Finalization finalization;
  private @Nullable Registration registration;

  public AdminVerticle(AdminContext world) {
    this.world = world;
    this.catalog =
        new Catalog(
            world.persist().consensus(), world.environment(), world.persist().options().retry());
    this.finalization = new Finalization(catalog, world.persist(), world.environment());
  }

  @Override
  public Future<?> start() {
    return world
        .bus()
        .consume(Addresses.ADMIN, this::received)
        .onSuccess(registered -> registration = registered);
  }

  @Override
  public Future<?> stop() {
    return registration == null ? Future.succeededFuture() : registration.unregister();
  }

  private void received(Delivery delivery) {
    Future<JsonObject> answer;
    try {
      answer = answer(delivery.body());
    } catch (RefusedException e) {
      answer = Future.failedFuture(e);
    } catch (InvalidRowException | ClassCastException e) {
      answer = Future.failedFuture(Requests.invalid(String.valueOf(e.getMessage())));
    }
    answer.onComplete(
        done -> {
          if (done.succeeded()) {
            delivery.reply(done.result());
          } else {
            delivery.refuse(refusal(done.cause()));
          }
        });
  }

  /** A store that fails is something that is not there for now; a dropped shard is gone. */
  private static RefusedException refusal(Throwable cause) {
    if (cause instanceof RefusedException refused) {
      return refused;
    }
    FailureCode code =
        cause instanceof ShardDroppedException
            ? FailureCode.UNKNOWN_COLLECTION
            : FailureCode.UNAVAILABLE;
    return new RefusedException(code, String.valueOf(cause.getMessage()));
  }

  private Future<JsonObject> answer(@Nullable Object body) {
    if (!(body instanceof JsonObject request)) {
      throw Requests.invalid("send a JSON object with an \"action\"");
    }
    return switch (request.getString("action", "")) {
      case "create" -> create(Definition.of(request));
      case "alter" -> alter(Alteration.of(request));
      case "drop" -> drop(Requests.name(request));
      case "describe" -> describe(Requests.name(request));
      case "inspect" -> inspect(Requests.name(request));
      case "compact", "gc" -> upkeep(Requests.name(request), request.getString("action"));
      case "list" -> list();
      case "cluster" -> cluster();
      default ->
          throw Requests.invalid(
              "\"action\" is '"
                  + request.getValue("action")
                  + "': use create, alter, drop, describe, inspect, compact, gc, list or cluster");
    };
  }

  private Future<JsonObject> create(Definition wanted) {
    FirstEpoch first = new FirstEpoch();
    return world
        .bus()
        .consume(Addresses.upper(wanted.name()), first::heard)
        .compose(
            waiting ->
                free(wanted.name())
                    .compose(free -> created(wanted))
                    .compose(created -> whenReady(created, first.after(created.after())))
                    .eventually(waiting::unregister));
  }

  private Future<CollectionSpec> created(Definition wanted) {
    return catalog.create(
        wanted.name(), wanted.schema(), wanted.mode(), wanted.partitions(), wanted.retention());
  }

  /** Nothing more can be written to what had the name before, however its dropping went. */
  private Future<Void> free(String name) {
    return catalog
        .list()
        .compose(
            listing -> Future.all(listing.droppedAs(name).stream().map(finalization::end).toList()))
        .mapEmpty();
  }

  /** The list decides. Should the shard not end at once, somebody sees to it. */
  private Future<JsonObject> drop(String name) {
    return catalog
        .drop(name)
        .onSuccess(dropped -> tell(name))
        .compose(
            dropped ->
                finalization
                    .end(dropped)
                    .recover(e -> Future.failedFuture(notEnded(name, e)))
                    .map(done -> dropped(dropped.collection())));
  }

  private static RefusedException notEnded(String name, Throwable cause) {
    return new RefusedException(
        FailureCode.UNAVAILABLE,
        "'"
            + name
            + "' is off the list, but its shard could not be ended yet, which is tried again in the"
            + " background ("
            + cause.getMessage()
            + ")");
  }

  /** The columns first: whether they can be had is known only then. */
  private Future<JsonObject> alter(Alteration wanted) {
    return catalog
        .list()
        .map(listing -> wanted.apply(listing.find(wanted.name())))
        .compose(
            possible ->
                wanted.columns().isEmpty()
                    ? Future.succeededFuture(possible)
                    : new ColumnChange(world, catalog, possible, wanted.columns()).run())
        .compose(done -> catalog.alter(wanted.name(), wanted::apply))
        .map(
            altered -> {
              tell(altered.name());
              return spec(altered);
            });
  }

  /** The list has changed. Who does not hear it reads it again before long. */
  private void tell(String name) {
    world.bus().publish(Addresses.CATALOG, new JsonObject().put("name", name));
  }

  /** Tells everybody, and waits for a while until the collection takes rows. */
  private Future<JsonObject> whenReady(CollectionSpec created, Promise<Void> ready) {
    tell(created.name());
    Timers.Timer late =
        world
            .environment()
            .timers()
            .after(
                world.readyMillis(),
                () ->
                    ready.tryFail(
                        new RefusedException(
                            FailureCode.UNAVAILABLE,
                            "'"
                                + created.name()
                                + "' was created, and takes no rows yet: is there a"
                                + " node that coordinates?")));
    return ready.future().onComplete(done -> late.cancel()).map(done -> spec(created));
  }

  private Future<JsonObject> list() {
    return catalog
        .list()
        .map(
            listing -> {
              JsonArray all = new JsonArray();
              listing.collections().values().forEach(collection -> all.add(spec(collection)));
              JsonArray dropped = new JsonArray();
              listing.dropped().values().forEach(each -> dropped.add(dropped(each.collection())));
              return new JsonObject().put("collections", all).put("dropping", dropped);
            });
  }

  private Future<JsonObject> describe(String name) {
    return catalog
        .list()
        .map(listing -> listing.find(name))
        .compose(
            collection ->
                world
                    .persist()
                    .open(collection.shard(), collection.schema(), world.environment())
                    .map(shard -> described(collection, shard.summary())));
  }

  private Future<JsonObject> inspect(String name) {
    return catalog
        .list()
        .map(listing -> listing.find(name))
        .compose(
            collection ->
                world
                    .persist()
                    .open(collection.shard(), collection.schema(), world.environment())
                    .compose(Shard::anatomy)
                    .map(
                        shard ->
                            described(collection, shard.summary())
                                .mergeIn(Inspection.json(shard))));
  }

  /** Whoever coordinates the collection does it, and answers before this gives up. */
  private Future<JsonObject> upkeep(String name, String action) {
    JsonObject request = new JsonObject().put("action", action);
    return catalog
        .list()
        .map(listing -> listing.find(name))
        .compose(
            collection ->
                world.bus().request(Addresses.upkeep(collection.name()), request, UPKEEP_MILLIS))
        .map(JsonObject.class::cast);
  }

  private Future<JsonObject> cluster() {
    return world
        .membership()
        .get()
        .compose(
            membership ->
                world
                    .writers()
                    .list()
                    .map(
                        writers ->
                            new JsonObject()
                                .put("cluster", membership.cluster())
                                .put("node", membership.node())
                                .put("nodes", new JsonArray(membership.nodes()))
                                .put("writers", new JsonArray(writers))
                                .put("coordinators", coordinators(membership))));
  }

  private static JsonArray coordinators(AdminContext.Membership membership) {
    JsonArray coordinators = new JsonArray();
    new TreeMap<>(membership.coordinators())
        .forEach(
            (collection, node) ->
                coordinators.add(new JsonObject().put("collection", collection).put("node", node)));
    return coordinators;
  }

  private static JsonObject dropped(CollectionSpec collection) {
    return new JsonObject().put("name", collection.name()).put("shard", collection.shard().text());
  }

  private static JsonObject spec(CollectionSpec collection) {
    return new JsonObject()
        .put("name", collection.name())
        .put("mode", collection.mode().text())
        .put("partitions", collection.partitions())
        .put("columns", SchemaJson.toJson(collection.schema()))
        .put("shard", collection.shard().text())
        .put("retention", collection.retention().json());
  }

  private static JsonObject described(CollectionSpec collection, ShardSummary shard) {
    JsonObject producers = new JsonObject();
    shard.producers().forEach((id, position) -> producers.put(id, position(position)));
    return spec(collection)
        .put("since", time(shard.since()))
        .put("upper", time(shard.upper()))
        .put("epoch", shard.epoch())
        .put("seqno", shard.seqno())
        .put("batches", shard.batches())
        .put("parts", shard.parts())
        .put("updates", shard.updates())
        .put("inlineBytes", shard.inlineBytes())
        .put("partBytes", shard.hollowBytes())
        .put("producers", producers)
        .put("offsets", new JsonObject(Map.copyOf(shard.offsets())));
  }

  private static JsonObject position(Position position) {
    return new JsonObject()
        .put("sequence", position.sequence())
        .put("updates", position.updates())
        .put("time", position.time());
  }

  private static @Nullable Long time(Antichain frontier) {
    return frontier.isEmpty() ? null : Long.valueOf(frontier.time());
  }
}
