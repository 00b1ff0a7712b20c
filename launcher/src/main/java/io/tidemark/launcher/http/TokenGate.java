package io.tidemark.launcher.http;

import io.micrometer.core.instrument.MeterRegistry;
import io.tidemark.environment.Timers;
import io.tidemark.launcher.config.Token;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import org.jspecify.annotations.Nullable;

/** Lets requests pass that bear the token ({@code Authorization: Bearer …}), and no others. */
final class TokenGate implements Handler<RoutingContext> {

  /** The code of a reply to a request without the token: it has no twin on the bus. */
  static final String UNAUTHORIZED = "UNAUTHORIZED";

  /** The name of the scheme may be in any case. */
  private static final String SCHEME = "Bearer ";

  private final Token token;
  private final MeterRegistry registry;
  private final Timers timers;

  TokenGate(Token token, MeterRegistry registry, Timers timers) {
    this.token = token;
    this.registry = registry;
    this.timers = timers;
  }

  @Override
  public void handle(RoutingContext request) {
    String credentials = request.request().getHeader(HttpHeaders.AUTHORIZATION);
    if (isToken(credentials)) {
      request.next();
      return;
    }
    registry.counter("tidemark.http.unauthorized").increment();
    request.response().putHeader("WWW-Authenticate", "Bearer");
    Replies.send(
        request,
        401,
        new JsonObject()
            .put("code", UNAUTHORIZED)
            .put(
                "message",
                credentials == null
                    ? "the node wants a token: send it as 'Authorization: Bearer TOKEN'"
                    : "that is not the node's token: it is in its 'http.token' or"
                        + " 'http.tokenFile'"));
    Replies.linger(request, timers);
  }

  private boolean isToken(@Nullable String credentials) {
    return credentials != null
        && credentials.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
        && token.matches(credentials.substring(SCHEME.length()).strip());
  }
}
