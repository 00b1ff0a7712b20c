package io.tidemark.launcher.http;

import io.tidemark.environment.Timers;
import io.tidemark.location.ExternalException;
import io.tidemark.persist.ShardDroppedException;
import io.tidemark.persist.UnreadableTimeException;
import io.tidemark.protocol.FailureCode;
import io.tidemark.protocol.RefusedException;
import io.tidemark.row.InvalidRowException;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers in JSON: what was asked for, or {@code {"code": …, "message": …}}. */
final class Replies {

  /** The code of what is our own fault: it has no twin on the bus. */
  static final String INTERNAL = "INTERNAL";

  /** How long the rest of a refused body is read and dropped, so that the client sees the reply. */
  private static final long LINGER_MILLIS = 2_000;

  private static final Logger log = LoggerFactory.getLogger(Replies.class);

  private Replies() {}

  static void send(RoutingContext to, int status, JsonObject body) {
    if (to.response().ended() || to.response().closed()) {
      return;
    }
    to.response()
        .setStatusCode(status)
        .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
        .end(body.toBuffer().appendByte((byte) '\n'))
        .onFailure(e -> log.debug("a reply was not taken", e));
  }

  /** Says why the request was refused. */
  static void refuse(RoutingContext to, Throwable cause) {
    refuse(to, cause, new JsonObject());
  }

  /** Says why the request was refused, and {@code more}. */
  static void refuse(RoutingContext to, Throwable cause, JsonObject more) {
    RefusedException refused = refusal(cause);
    if (refused == null) {
      log.error("{} {} failed", to.request().method(), to.request().path(), cause);
      more.put("code", INTERNAL)
          .put("message", "the node failed at this request: its log says why");
      send(to, 500, more);
    } else {
      more.put("code", refused.code().name()).put("message", refused.getMessage());
      send(to, refused.code().status(), more);
    }
  }

  /** After a reply that came before the body's end: cuts the client off if it goes on and on. */
  static void linger(RoutingContext answered, Timers timers) {
    HttpServerRequest rest = answered.request();
    if (!rest.isEnded() && !answered.response().closed()) {
      Timers.Timer cutOff =
          timers.after(LINGER_MILLIS, () -> rest.connection().close().onComplete(closed -> {}));
      rest.handler(dropped -> {}).endHandler(end -> cutOff.cancel()).exceptionHandler(e -> {});
      rest.resume();
    }
  }

  private static @Nullable RefusedException refusal(Throwable cause) {
    if (cause instanceof RefusedException refused) {
      return refused;
    }
    if (cause instanceof InvalidRowException || cause instanceof UnreadableTimeException) {
      return invalid(String.valueOf(cause.getMessage()));
    }
    if (cause instanceof ShardDroppedException) {
      return new RefusedException(
          FailureCode.UNKNOWN_COLLECTION, String.valueOf(cause.getMessage()));
    }
    if (cause instanceof ExternalException) {
      return new RefusedException(FailureCode.UNAVAILABLE, String.valueOf(cause.getMessage()));
    }
    return null;
  }

  /** Runs {@code action} once the request has ended, however that was. */
  static void onEnd(RoutingContext request, Runnable action) {
    // Vert.x tells of the end of the reply, and again if the connection breaks after it.
    AtomicBoolean ended = new AtomicBoolean();
    request.addEndHandler(
        end -> {
          if (ended.compareAndSet(false, true)) {
            action.run();
          }
        });
  }

  /** The request cannot be right. */
  static RefusedException invalid(String text) {
    return new RefusedException(FailureCode.INVALID_ROW, text);
  }
}
