package io.tidemark.location.s3;

import io.tidemark.location.Await;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.RequestOptions;
import java.net.URI;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** Stands before an S3 server, and does to requests what a test asks for. */
final class FaultProxy implements AutoCloseable {

  /** What becomes of a request. */
  enum Fault {
    /** It goes to the server, and its answer back. */
    NONE,
    /** It goes to the server, and the connection is closed in place of the answer. */
    LOSE_ANSWER,
    /** It goes nowhere before {@link #release}, even if its client has given up by then. */
    HOLD,
    /** 503, with the code that says that it was turned away. */
    SLOW_DOWN,
    /** 503, with a code that does not say so. */
    UNAVAILABLE,
    /** 500. */
    INTERNAL_ERROR,
    /** 409, as when another conditional write is under way. */
    CONFLICT
  }

  private final URI target;
  private final HttpServer server;
  private final HttpClient client;
  private final String scheme;
  private final AtomicInteger requests = new AtomicInteger();
  private final Queue<Runnable> held = new ConcurrentLinkedQueue<>();
  private volatile Function<HttpServerRequest, Fault> faults = request -> Fault.NONE;

  FaultProxy(Vertx vertx, URI target) {
    this(vertx, target, new HttpServerOptions());
  }

  FaultProxy(Vertx vertx, URI target, HttpServerOptions options) {
    this.target = target;
    this.client = vertx.createHttpClient();
    this.scheme = options.isSsl() ? "https" : "http";
    this.server = vertx.createHttpServer(options).requestHandler(this::handle);
    Await.result(server.listen(0, "127.0.0.1"));
  }

  /** Where it listens. */
  URI endpoint() {
    String host = scheme.equals("https") ? "localhost" : "127.0.0.1";
    return URI.create(scheme + "://" + host + ":" + server.actualPort());
  }

  /** The URI of a store that is reached by way of it. */
  S3Location location(String bucket, String prefix, String more) {
    return S3Location.parse(
        "s3://" + bucket + "/" + prefix + "?pathStyle=true&endpoint=" + endpoint() + more);
  }

  /** From now on each request has the fault that the function says. */
  void faults(Function<HttpServerRequest, Fault> function) {
    faults = function;
  }

  /** The first requests whose method and path are so have a fault. */
  void fault(Fault fault, int times, String method, String path) {
    AtomicInteger left = new AtomicInteger(times);
    faults(
        request ->
            request.method().name().equals(method)
                    && request.uri().matches(path)
                    && left.getAndDecrement() > 0
                ? fault
                : Fault.NONE);
  }

  /** How many requests have come. */
  int requests() {
    return requests.get();
  }

  /** How many requests wait. */
  int held() {
    return held.size();
  }

  /** Sends what waits on to the server. */
  void release() {
    for (Runnable next = held.poll(); next != null; next = held.poll()) {
      next.run();
    }
  }

  private void handle(HttpServerRequest request) {
    requests.incrementAndGet();
    Fault fault = faults.apply(request);
    request.body().onSuccess(body -> handle(request, body, fault));
  }

  private void handle(HttpServerRequest request, Buffer body, Fault fault) {
    switch (fault) {
      case NONE -> forward(request, body, true);
      case LOSE_ANSWER -> forward(request, body, false);
      case HOLD -> held.add(() -> forward(request, body, true));
      case SLOW_DOWN -> refuse(request, 503, "SlowDown");
      case UNAVAILABLE -> refuse(request, 503, "ServiceUnavailable");
      case INTERNAL_ERROR -> refuse(request, 500, "InternalError");
      case CONFLICT -> refuse(request, 409, "ConditionalRequestConflict");
    }
  }

  private static void refuse(HttpServerRequest request, int status, String code) {
    var unused =
        request
            .response()
            .setStatusCode(status)
            .end("<Error><Code>" + code + "</Code><Message>as asked for</Message></Error>");
  }

  private void forward(HttpServerRequest request, Buffer body, boolean answer) {
    RequestOptions options =
        new RequestOptions()
            .setHost(target.getHost())
            .setPort(target.getPort())
            .setMethod(request.method())
            .setURI(request.uri());
    client
        .request(options)
        .compose(out -> send(request, body, out))
        .onComplete(
            done -> {
              if (done.failed() || !answer) {
                var unused = request.connection().close();
              } else {
                done.result().run();
              }
            });
  }

  /** Sends it as it came, since its headers are signed. */
  private static Future<Runnable> send(
      HttpServerRequest request, Buffer body, HttpClientRequest out) {
    MultiMap unused = out.headers().setAll(request.headers());
    return out.send(body).compose(in -> in.body().map(bytes -> () -> answer(request, in, bytes)));
  }

  private static void answer(HttpServerRequest request, HttpClientResponse in, Buffer body) {
    var unused = request.response().setStatusCode(in.statusCode());
    in.headers()
        .forEach(
            header -> {
              if (!header.getKey().equalsIgnoreCase("Transfer-Encoding")) {
                request.response().putHeader(header.getKey(), header.getValue());
              }
            });
    var unusedEnd = body.length() == 0 ? request.response().end() : request.response().end(body);
  }

  @Override
  public void close() {
    release();
    Await.result(server.close());
    Await.result(client.close());
  }
}
