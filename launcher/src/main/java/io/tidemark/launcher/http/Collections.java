package io.tidemark.launcher.http;

import io.tidemark.catalog.Retention;
import io.tidemark.persist.ShardId;
import io.tidemark.protocol.Addresses;
import io.tidemark.protocol.Bus;
import io.tidemark.protocol.FailureCode;
import io.tidemark.protocol.Mode;
import io.tidemark.protocol.RefusedException;
import io.tidemark.row.InvalidRowException;
import io.tidemark.row.Schema;
import io.tidemark.row.SchemaJson;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the admin address says of collections. What does not change is asked for once. */
final class Collections {

  /** How long admin may take: longer than a creation waits until the collection takes rows. */
  private static final long ANSWER_MILLIS = 20_000;

  private final Bus bus;

  /** As many as there are collections at most; emptied when their list changes. */
  private final Map<String, Collection> known = new HashMap<>();

  Collections(Bus bus) {
    this.bus = bus;
  }

  /** What of a collection stays the same, but for its columns: these may be altered. */
  record Collection(String name, Schema schema, Mode mode, ShardId shard) {}

  /** Forgets what is known when the list changes. */
  Future<Bus.Registration> listen() {
    return bus.consume(Addresses.CATALOG, changed -> known.clear());
  }

  /** Creates a collection. */
  Future<JsonObject> create(JsonObject spec) {
    return ask("create", spec);
  }

  /** Whether a collection is as {@code spec} wants it. */
  static boolean fits(JsonObject described, JsonObject spec) {
    try {
      JsonArray columns = spec.getJsonArray("columns", new JsonArray());
      return SchemaJson.fromJson(described.getJsonArray("columns"))
              .equals(SchemaJson.fromJson(columns))
          && described.getString("mode").equals(spec.getString("mode", Mode.INGEST.text()))
          && described.getInteger("partitions").equals(spec.getInteger("partitions", 1))
          && (!spec.containsKey("retention") || retention(described).equals(retention(spec)));
    } catch (InvalidRowException | RefusedException | ClassCastException e) {
      return false;
    }
  }

  /** Drops a collection. */
  Future<JsonObject> drop(String name) {
    return ask("drop", new JsonObject().put("name", name)).onSuccess(dropped -> forget());
  }

  /** What is known of collections has turned out to be old. */
  void forget() {
    known.clear();
  }

  private static Retention retention(JsonObject spec) {
    return Retention.parse(
        spec.getValue("retention"), Mode.parse(spec.getString("mode", Mode.INGEST.text())));
  }

  /** Changes a collection. */
  Future<JsonObject> alter(String name, JsonObject changes) {
    return ask("alter", changes.copy().put("name", name));
  }

  Future<JsonObject> list() {
    return ask("list", new JsonObject());
  }

  Future<JsonObject> describe(String name) {
    return ask("describe", new JsonObject().put("name", name));
  }

  /** A description, and what the collection's shard is made of, down to each batch. */
  Future<JsonObject> inspect(String name) {
    return ask("inspect", new JsonObject().put("name", name));
  }

  /** Compacts it, or collects its garbage: the action says which. */
  Future<JsonObject> upkeep(String name, String action) {
    return ask(action, new JsonObject().put("name", name));
  }

  /**
   * A collection by its name. Fails with {@link FailureCode#UNKNOWN_COLLECTION} if there is none.
   */
  Future<Collection> find(String name) {
    Collection collection = known.get(name);
    return collection != null
        ? Future.succeededFuture(collection)
        : list().map(listed -> found(name, listed));
  }

  /** Whether a collection has other columns than when it was asked for. */
  Future<Boolean> isAltered(Collection before) {
    return list().map(listed -> !found(before.name(), listed).schema().equals(before.schema()));
  }

  private Collection found(String name, JsonObject listed) {
    for (Object each : listed.getJsonArray("collections")) {
      JsonObject spec = (JsonObject) each;
      Collection collection =
          new Collection(
              spec.getString("name"),
              SchemaJson.fromJson(spec.getJsonArray("columns")),
              Mode.parse(spec.getString("mode")),
              new ShardId(spec.getString("shard")));
      known.put(collection.name(), collection);
    }
    @Nullable Collection collection = known.get(name);
    if (collection == null) {
      throw new RefusedException(
          FailureCode.UNKNOWN_COLLECTION,
          "there is no collection '" + name + "': create it, or look at the list");
    }
    return collection;
  }

  private Future<JsonObject> ask(String action, JsonObject request) {
    return bus.request(Addresses.ADMIN, request.copy().put("action", action), ANSWER_MILLIS)
        .map(JsonObject.class::cast);
  }
}
