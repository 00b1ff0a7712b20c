package io.tidemark.launcher.http;

import io.tidemark.client.Subscriber;
import io.tidemark.client.SubscriberOptions;
import io.tidemark.protocol.FailureCode;
import io.tidemark.protocol.ReadPosition;
import io.tidemark.protocol.RefusedException;
import io.vertx.core.Future;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Gives the changes of a collection as they are committed, as server-sent events. */
final class ChangesRoute {

  /** How many are given at once: each may hold a megabyte of them. */
  static final int MAX_TAILS = 64;

  /** Where to go on, as a client says that lost its connection. */
  private static final String LAST_ID = "Last-Event-ID";

  private final HttpContext world;
  private final Collections collections;
  private final Set<ChangesReply> replies = new HashSet<>();
  private int opening;

  ChangesRoute(HttpContext world, Collections collections) {
    this.world = world;
    this.collections = collections;
  }

  void tail(RoutingContext request) {
    ReadPosition from;
    try {
      from = from(request);
      if (replies.size() + opening >= MAX_TAILS) {
        throw new RefusedException(
            FailureCode.OVERLOADED,
            MAX_TAILS + " tails are being given already: try again a little later");
      }
    } catch (RefusedException e) {
      Replies.refuse(request, e);
      return;
    }
    if (from.atEnd()) {
      request.response().setStatusCode(204).end().onFailure(request::fail); // do not come again
      return;
    }
    opening++;
    collections
        .find(request.pathParam("name"))
        .compose(found -> subscribe(found.name(), from))
        .onComplete(done -> opening--)
        .onSuccess(subscriber -> begin(request, subscriber))
        .onFailure(failed -> Replies.refuse(request, failed));
  }

  private static ReadPosition from(RoutingContext request) {
    @Nullable String last = request.request().getHeader(LAST_ID);
    String since = request.queryParams().get("since");
    if (last != null && !last.isEmpty()) {
      return ReadPosition.parse(last);
    }
    return since == null ? ReadPosition.NOW : ReadPosition.parse(since);
  }

  private Future<Subscriber> subscribe(String collection, ReadPosition from) {
    return Subscriber.open(
        collection, SubscriberOptions.from(from.text()), world.environment(), world.bus());
  }

  private void begin(RoutingContext request, Subscriber subscriber) {
    ChangesReply reply =
        new ChangesReply(subscriber, request.response(), world.environment().timers());
    if (request.response().closed()) {
      reply.close();
      return;
    }
    replies.add(reply);
    Replies.onEnd(
        request,
        () -> {
          replies.remove(reply);
          reply.close();
        });
    reply.begin();
  }

  /** Ends what is being given: whoever reads goes on at another node. */
  void drain() {
    List<ChangesReply> all = new ArrayList<>(replies);
    all.forEach(ChangesReply::end);
  }
}
