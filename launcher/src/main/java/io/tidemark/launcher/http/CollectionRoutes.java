package io.tidemark.launcher.http;

import io.tidemark.protocol.Addresses;
import io.tidemark.protocol.FailureCode;
import io.tidemark.protocol.RefusedException;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;

/**
 * Creates, alters, drops, lists, describes collections, and opens sessions: what admin and writers
 * answer.
 */
final class CollectionRoutes {

  /** A definition of 512 columns takes less. */
  private static final int MAX_BODY_BYTES = 1 << 20;

  /** Longer than a writer pursues an opening. */
  private static final long OPEN_MILLIS = 15_000;

  private final HttpContext world;
  private final Collections collections;

  CollectionRoutes(HttpContext world, Collections collections) {
    this.world = world;
    this.collections = collections;
  }

  void create(RoutingContext request) {
    body(request)
        .compose(
            spec ->
                collections
                    .create(spec)
                    .onSuccess(created -> Replies.send(request, 201, created))
                    .recover(failed -> existing(request, spec, failed)))
        .onFailure(failed -> Replies.refuse(request, failed));
  }

  /** Creating what is there already, just like this, is no failure. */
  private Future<JsonObject> existing(RoutingContext request, JsonObject spec, Throwable failed) {
    if (RefusedException.of(failed).code() != FailureCode.COLLECTION_EXISTS) {
      return Future.failedFuture(failed);
    }
    return collections
        .describe(spec.getString("name"))
        .compose(
            described ->
                Collections.fits(described, spec)
                    ? Future.succeededFuture(described)
                    : Future.failedFuture(failed))
        .onSuccess(described -> Replies.send(request, 200, described));
  }

  void list(RoutingContext request) {
    answer(request, collections.list());
  }

  void describe(RoutingContext request) {
    answer(request, collections.describe(request.pathParam("name")));
  }

  void inspect(RoutingContext request) {
    answer(request, collections.inspect(request.pathParam("name")));
  }

  void compact(RoutingContext request) {
    answer(request, collections.upkeep(request.pathParam("name"), "compact"));
  }

  void collectGarbage(RoutingContext request) {
    answer(request, collections.upkeep(request.pathParam("name"), "gc"));
  }

  void alter(RoutingContext request) {
    answer(
        request,
        body(request).compose(changes -> collections.alter(request.pathParam("name"), changes)));
  }

  void drop(RoutingContext request) {
    answer(request, collections.drop(request.pathParam("name")));
  }

  void open(RoutingContext request) {
    answer(
        request,
        body(request)
            .compose(
                opening ->
                    collections
                        .find(request.pathParam("name"))
                        .compose(
                            found ->
                                world
                                    .bus()
                                    .request(Addresses.open(found.name()), opening, OPEN_MILLIS)))
            .map(JsonObject.class::cast));
  }

  private static void answer(RoutingContext request, Future<JsonObject> answer) {
    answer
        .onSuccess(body -> Replies.send(request, 200, body))
        .onFailure(failed -> Replies.refuse(request, failed));
  }

  /** The JSON object that the body is. */
  private static Future<JsonObject> body(RoutingContext request) {
    return BoundedBody.read(request.request(), MAX_BODY_BYTES).map(CollectionRoutes::json);
  }

  private static JsonObject json(Buffer body) {
    try {
      return new JsonObject(body);
    } catch (DecodeException | ClassCastException e) {
      throw Replies.invalid("the body has to be a JSON object: " + e.getMessage());
    }
  }
}
