package io.tidemark.launcher.http;

import io.tidemark.environment.Loop;
import io.tidemark.launcher.config.TlsFiles;
import io.tidemark.launcher.config.Token;
import io.tidemark.protocol.Bus.Registration;
import io.tidemark.protocol.FailureCode;
import io.tidemark.protocol.RefusedException;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Serves HTTP: a thin face over the addresses of the bus. */
public final class HttpVerticle extends VerticleBase {

  /** A connection on which nothing moves for so long is closed. */
  private static final int IDLE_SECONDS = 900;

  /** How often a stop looks whether the requests under way have ended. */
  private static final long DRAIN_CHECK_MILLIS = 10;

  private final HttpContext world;
  private final Collections collections;
  private final CollectionRoutes collectionRoutes;
  private final RowRoutes rowRoutes;
  private final SnapshotRoute snapshotRoute;
  private final ChangesRoute changesRoute;
  private volatile State state = State.STARTING;
  private int underWay;
  private @Nullable HttpServer server;
  private @Nullable Registration registration;

  public HttpVerticle(HttpContext world) {
    this.world = world;
    this.collections = new Collections(world.bus());
    this.collectionRoutes = new CollectionRoutes(world, collections);
    this.rowRoutes = new RowRoutes(world, collections);
    this.snapshotRoute = new SnapshotRoute(world, collections);
    this.changesRoute = new ChangesRoute(world, collections);
  }

  private enum State {
    STARTING,
    UP,
    DRAINING;

    String text() {
      return switch (this) {
        case STARTING -> "starting";
        case UP -> "up";
        case DRAINING -> "draining";
      };
    }
  }

  @Override
  public Future<?> start() {
    return collections
        .listen()
        .onSuccess(registered -> registration = registered)
        .compose(listening -> world.environment().offload().call(this::options))
        .compose(
            options ->
                vertx
                    .createHttpServer(options)
                    .requestHandler(router())
                    .listen(world.config().http().port(), world.config().http().host()))
        .onSuccess(listening -> server = listening);
  }

  /** Blocks: reads the certificates. */
  private HttpServerOptions options() {
    HttpServerOptions options =
        new HttpServerOptions()
            .setHandle100ContinueAutomatically(true)
            .setTcpKeepAlive(true)
            .setIdleTimeout(IDLE_SECONDS)
            .setIdleTimeoutUnit(TimeUnit.SECONDS);
    TlsFiles tls = world.config().http().tls();
    return tls == null ? options : withTls(options, tls);
  }

  /** HTTP/1.1 all the same: a reply closes a connection here and there. */
  private static HttpServerOptions withTls(HttpServerOptions options, TlsFiles tls) {
    HttpServerOptions encrypted =
        options.setSsl(true).setUseAlpn(false).setKeyCertOptions(tls.keyCert());
    return tls.caFile() == null
        ? encrypted
        : encrypted
            .setTrustOptions(TlsFiles.trust(tls.caFile()))
            .setClientAuth(ClientAuth.REQUIRED);
  }

  private Router router() {
    Router router = Router.router(vertx);
    router.get("/health").handler(this::health);
    Token token = world.config().http().token();
    if (token != null) {
      router.route().handler(new TokenGate(token, world.registry(), world.environment().timers()));
    }
    router.get("/metrics").handler(this::metrics);
    router.route().handler(this::admit);
    router.post("/collections").handler(collectionRoutes::create);
    router.get("/collections").handler(collectionRoutes::list);
    router.get("/collections/:name").handler(collectionRoutes::describe);
    router.patch("/collections/:name").handler(collectionRoutes::alter);
    router.delete("/collections/:name").handler(collectionRoutes::drop);
    router.get("/collections/:name/shard").handler(collectionRoutes::inspect);
    router.post("/collections/:name/compact").handler(collectionRoutes::compact);
    router.post("/collections/:name/gc").handler(collectionRoutes::collectGarbage);
    router.post("/collections/:name/open").handler(collectionRoutes::open);
    router.post("/collections/:name/rows").handler(rowRoutes::publish);
    router.get("/collections/:name/snapshot").handler(snapshotRoute::read);
    router.get("/collections/:name/changes").handler(changesRoute::tail);
    router.errorHandler(404, missing("NOT_FOUND", 404, "there is no such path here"));
    router.errorHandler(405, missing("METHOD_NOT_ALLOWED", 405, "the path takes another method"));
    router.errorHandler(500, failed -> Replies.refuse(failed, failed.failure()));
    return router;
  }

  private static Handler<RoutingContext> missing(String code, int status, String text) {
    return request ->
        Replies.send(
            request,
            status,
            new JsonObject()
                .put("code", code)
                .put("message", text + ": docs/reference/http.md lists what there is"));
  }

  /** Lets a request in, and knows of it until it has ended. */
  private void admit(RoutingContext request) {
    if (state != State.UP) {
      request.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
      Replies.refuse(
          request,
          new RefusedException(
              FailureCode.UNAVAILABLE, "the node is " + state.text() + ": try again in a moment"));
      return;
    }
    underWay++;
    Replies.onEnd(request, () -> underWay--);
    request.next();
  }

  private void health(RoutingContext request) {
    State now = state;
    Replies.send(request, now == State.UP ? 200 : 503, new JsonObject().put("status", now.text()));
  }

  private void metrics(RoutingContext request) {
    world
        .environment()
        .offload()
        .call(() -> world.registry().scrape())
        .onSuccess(
            text ->
                request
                    .response()
                    .putHeader(HttpHeaders.CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")
                    .end(text)
                    .onFailure(request::fail))
        .onFailure(request::fail);
  }

  /** The node takes requests from now on. Any thread may call it. */
  public void ready() {
    state = State.UP;
  }

  /** The port that is listened on. */
  public int port() {
    return server == null ? 0 : server.actualPort();
  }

  /** Takes no more requests, and waits a bounded time for those under way. */
  @Override
  public Future<?> stop() {
    state = State.DRAINING;
    rowRoutes.drain();
    changesRoute.drain();
    long deadlineMillis = nowMillis() + world.config().drainMillis();
    return Loop.whileTrue(() -> stillBusy(deadlineMillis))
        .compose(
            done -> registration == null ? Future.succeededFuture() : registration.unregister())
        .eventually(() -> server == null ? Future.succeededFuture() : server.close());
  }

  private Future<Boolean> stillBusy(long deadlineMillis) {
    if (underWay == 0 || nowMillis() >= deadlineMillis) {
      return Future.succeededFuture(false);
    }
    Promise<Boolean> later = Promise.promise();
    world.environment().timers().after(DRAIN_CHECK_MILLIS, () -> later.complete(true));
    return later.future();
  }

  private long nowMillis() {
    return world.environment().clock().monotonicMillis();
  }
}
