package io.tidemark.launcher.http;

import io.tidemark.launcher.http.Collections.Collection;
import io.tidemark.protocol.Addresses;
import io.tidemark.protocol.FailureCode;
import io.tidemark.protocol.Mode;
import io.tidemark.protocol.RefusedException;
import io.tidemark.protocol.Rows;
import io.tidemark.row.UpdateBlock;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Takes rows: with a producer as one numbered message, without one as a stream of any size. */
final class RowRoutes {

  static final String PRODUCER = "Tidemark-Producer";
  static final String SEQUENCE = "Tidemark-Sequence";
  static final String SESSION = "Tidemark-Session";

  /** How many requests may publish at once: each holds up to two messages in memory. */
  static final int MAX_PUBLISHING = 32;

  /** Longer than a writer pursues the outcome of a message. */
  private static final long ANSWER_MILLIS = 30_000;

  private final HttpContext world;
  private final Collections collections;
  private final Set<RowStream> streams = new HashSet<>();
  private int publishing;

  RowRoutes(HttpContext world, Collections collections) {
    this.world = world;
    this.collections = collections;
  }

  /** No more rows are taken of the streams that are under way. */
  void drain() {
    Set.copyOf(streams).forEach(stream -> stream.stop("the node stops: go on with another one"));
  }

  void publish(RoutingContext request) {
    request.request().pause();
    if (publishing >= MAX_PUBLISHING) {
      refuse(
          request,
          new RefusedException(
              FailureCode.OVERLOADED,
              MAX_PUBLISHING + " requests are publishing already: try again a little later"),
          new JsonObject());
      return;
    }
    publishing++;
    Replies.onEnd(request, () -> publishing--);
    String producer = request.request().getHeader(PRODUCER);
    collections
        .find(request.pathParam("name"))
        .map(RowRoutes::ingesting)
        .onSuccess(
            collection -> {
              if (producer == null) {
                stream(request, collection);
              } else {
                message(request, collection, producer);
              }
            })
        .onFailure(failed -> refuse(request, failed, new JsonObject()));
  }

  private static Collection ingesting(Collection collection) {
    if (collection.mode() != Mode.INGEST) {
      throw Replies.invalid(
          "'"
              + collection.name()
              + "' is in source mode: its sources publish on the event bus, not over HTTP");
    }
    return collection;
  }

  private void stream(RoutingContext request, Collection collection) {
    RowStream stream =
        new RowStream(world, collection.name(), collection.schema(), request.request());
    streams.add(stream);
    stream
        .run()
        .onComplete(done -> streams.remove(stream))
        .recover(failed -> explained(collection, failed))
        .onSuccess(reply -> Replies.send(request, 200, reply))
        .onFailure(
            failed -> refuse(request, failed, new JsonObject().put("rows", stream.durableRows())));
  }

  private void message(RoutingContext request, Collection collection, String producer) {
    Map<String, String> headers = new HashMap<>();
    headers.put("producer", producer);
    put(headers, "seq", request.request().getHeader(SEQUENCE));
    put(headers, "session", request.request().getHeader(SESSION));
    int maxBytes = world.config().http().maxMessageBytes();
    new RowMessage(collection.schema(), maxBytes, request.request())
        .read()
        .compose(rows -> send(collection, rows, headers))
        .recover(failed -> explained(collection, failed))
        .onSuccess(reply -> Replies.send(request, 200, reply))
        .onFailure(failed -> refuse(request, failed, new JsonObject()));
  }

  /** A row that does not fit may fit the columns that the collection has been given meanwhile. */
  private Future<JsonObject> explained(Collection collection, Throwable failed) {
    if (!(failed instanceof RefusedException refused)
        || refused.code() != FailureCode.INVALID_ROW) {
      return Future.failedFuture(failed);
    }
    return collections
        .isAltered(collection)
        .transform(
            altered ->
                Future.failedFuture(
                    altered.succeeded() && altered.result()
                        ? new RefusedException(
                            FailureCode.UNAVAILABLE,
                            "the columns of '"
                                + collection.name()
                                + "' were altered a moment ago: send it again ("
                                + refused.getMessage()
                                + ")")
                        : refused));
  }

  private Future<JsonObject> send(
      Collection collection, UpdateBlock rows, Map<String, String> headers) {
    return world
        .bus()
        .request(Addresses.rows(collection.name()), Rows.of(rows), headers, ANSWER_MILLIS)
        .map(JsonObject.class::cast)
        .map(reply -> reply.put("rows", rows.size()));
  }

  private static void put(Map<String, String> headers, String name, @Nullable String value) {
    if (value != null) {
      headers.put(name, value);
    }
  }

  /** Refuses, and gives the client a while to see that before it is cut off. */
  private void refuse(RoutingContext request, Throwable cause, JsonObject more) {
    Replies.refuse(request, cause, more);
    Replies.linger(request, world.environment().timers());
  }
}
