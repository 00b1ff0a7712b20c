package io.tidemark.launcher.cli;

import io.tidemark.launcher.config.Token;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/**
 * A node, over HTTP. Blocks. Every call throws a {@link NodeException} if the node refuses it or
 * does not answer.
 */
final class NodeClient {

  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

  /** Longer than a node waits until rows are durable: it gives up first, and says so. */
  private static final Duration REPLY_TIMEOUT = Duration.ofMinutes(3);

  /** A snapshot's first row comes when all of its parts have been read. */
  private static final Duration SNAPSHOT_TIMEOUT = Duration.ofMinutes(15);

  /** A node says something every 10 seconds, even if nothing happens. */
  private static final int SILENCE_SECONDS = 30;

  private static final String CONTENT_TYPE = "Content-Type";
  private static final String JSON = "application/json";

  private final String url;
  private final @Nullable Token token;
  private final HttpClient http;

  /**
   * @param token what every request bears; null for nothing
   * @param tls whom to trust, and who this is; null for what the JVM trusts
   * @throws CommandException if it is no address of HTTP
   */
  NodeClient(String url, @Nullable Token token, @Nullable SSLContext tls) {
    this.token = token;
    this.url = url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
    if (!this.url.matches("https?://[^/?#]+(/[^?#]*)?")) {
      throw CommandException.usage("'" + url + "' is no URL of a node: use http://host:port");
    }
    if (tls != null && !this.url.startsWith("https:")) {
      throw CommandException.usage("'" + url + "' is not encrypted: use https://host:port");
    }
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT_TIMEOUT);
    this.http = tls == null ? builder.build() : builder.sslContext(tls).build();
  }

  /** A reply in JSON. */
  record Reply(int status, JsonObject body) {}

  /**
   * A snapshot that is being read; close the rows.
   *
   * @param asOf at which time it is
   */
  record Snapshot(String asOf, InputStream rows) {}

  /** {@code GET /collections}. */
  JsonObject collections() {
    return json(request("/collections").GET()).body();
  }

  /** {@code GET /collections/{c}}. */
  JsonObject describe(String collection) {
    return json(request(path(collection)).GET()).body();
  }

  /** {@code GET /collections/{c}/shard}. */
  JsonObject inspect(String collection) {
    return json(request(path(collection) + "/shard").GET()).body();
  }

  /** {@code POST /collections/{c}/compact} or {@code …/gc}. */
  JsonObject upkeep(String collection, String action) {
    return json(request(path(collection) + "/" + action).POST(BodyPublishers.noBody())).body();
  }

  /** {@code POST /collections}; status 201 if it was created, 200 if there was one like it. */
  Reply create(JsonObject spec) {
    return json(
        request("/collections")
            .header(CONTENT_TYPE, JSON)
            .POST(BodyPublishers.ofString(spec.encode())));
  }

  /** {@code PATCH /collections/{c}}: the collection as it is then. */
  JsonObject alter(String collection, JsonObject changes) {
    return json(request(path(collection))
            .header(CONTENT_TYPE, JSON)
            .method("PATCH", BodyPublishers.ofString(changes.encode())))
        .body();
  }

  /** {@code DELETE /collections/{c}}. */
  JsonObject drop(String collection) {
    return json(request(path(collection)).DELETE()).body();
  }

  /**
   * Which message of which producer it is.
   *
   * @param session what opening answered
   */
  record Numbered(String producer, long session, long sequence) {}

  /** {@code POST /collections/{c}/open}: where the producer stands, in a new session. */
  JsonObject open(String collection, String producer, String instance) {
    JsonObject opening = new JsonObject().put("producer", producer).put("instance", instance);
    return json(request(path(collection) + "/open")
            .header(CONTENT_TYPE, JSON)
            .POST(BodyPublishers.ofString(opening.encode())))
        .body();
  }

  /**
   * {@code POST /collections/{c}/rows}: completes once the rows are durable, or with a {@link
   * NodeException}. Does not block.
   *
   * @param message null if nobody's
   */
  CompletableFuture<JsonObject> publish(String collection, @Nullable Numbered message, Chunk rows) {
    HttpRequest.Builder request =
        request(path(collection) + "/rows")
            .header(CONTENT_TYPE, "application/x-ndjson")
            .timeout(REPLY_TIMEOUT)
            .POST(BodyPublishers.ofByteArray(rows.bytes(), rows.from(), rows.length()));
    if (message != null) {
      request
          .header("Tidemark-Producer", message.producer())
          .header("Tidemark-Session", String.valueOf(message.session()))
          .header("Tidemark-Sequence", String.valueOf(message.sequence()));
    }
    return http.sendAsync(request.build(), BodyHandlers.ofByteArray())
        .handle(
            (response, failure) -> {
              if (failure != null) {
                throw failed(failure instanceof CompletionException e ? e.getCause() : failure);
              }
              return reply(response).body();
            });
  }

  /** {@code GET /collections/{c}/snapshot}. */
  Snapshot snapshot(String collection, OptionalLong asOf, String format) {
    String query = "?format=" + format + (asOf.isPresent() ? "&asOf=" + asOf.getAsLong() : "");
    HttpRequest.Builder request =
        request(path(collection) + "/snapshot" + query).timeout(SNAPSHOT_TIMEOUT).GET();
    HttpResponse<InputStream> response = send(request.build(), BodyHandlers.ofInputStream());
    if (response.statusCode() >= 300) {
      throw refused(response.statusCode(), all(response.body()));
    }
    return new Snapshot(
        response.headers().firstValue("Tidemark-As-Of").orElse(""), response.body());
  }

  /**
   * {@code GET /collections/{c}/changes}: server-sent events, to be closed. Fails once nothing has
   * been heard of the node for {@value #SILENCE_SECONDS} seconds.
   *
   * @param since where they begin
   */
  InputStream changes(String collection, String since) {
    HttpRequest.Builder request =
        request(path(collection) + "/changes?since=" + encoded(since)).timeout(REPLY_TIMEOUT).GET();
    HttpResponse<InputStream> response = send(request.build(), BodyHandlers.ofInputStream());
    if (response.statusCode() >= 300) {
      throw refused(response.statusCode(), all(response.body()));
    }
    return new HeardStream(response.body(), Duration.ofSeconds(SILENCE_SECONDS));
  }

  private byte[] all(InputStream body) {
    try (body) {
      return body.readAllBytes();
    } catch (IOException e) {
      throw broken(e);
    }
  }

  /** What the reading of a reply's body has failed with. */
  NodeException broken(IOException failure) {
    return NodeException.broken(url, String.valueOf(failure.getMessage()));
  }

  private Reply json(HttpRequest.Builder request) {
    return reply(send(request.timeout(REPLY_TIMEOUT).build(), BodyHandlers.ofByteArray()));
  }

  private static Reply reply(HttpResponse<byte[]> response) {
    if (response.statusCode() >= 300) {
      throw refused(response.statusCode(), response.body());
    }
    return new Reply(response.statusCode(), decoded(response.body()));
  }

  private static NodeException refused(int status, byte[] body) {
    return NodeException.refused(status, decoded(body));
  }

  /** An object; what something else than a node may have answered is an empty one. */
  private static JsonObject decoded(byte[] body) {
    try {
      return new JsonObject(Buffer.buffer(body));
    } catch (DecodeException | ClassCastException e) {
      return new JsonObject();
    }
  }

  private <T> HttpResponse<T> send(HttpRequest request, BodyHandler<T> handler) {
    try {
      return http.send(request, handler);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw CommandException.failure("interrupted");
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private NodeException failed(@Nullable Throwable failure) {
    if (failure instanceof SSLHandshakeException) {
      return NodeException.untrusted(url, String.valueOf(failure.getMessage()));
    }
    return failure instanceof ConnectException || failure instanceof HttpConnectTimeoutException
        ? NodeException.unreachable(url)
        : NodeException.broken(url, String.valueOf(failure));
  }

  private HttpRequest.Builder request(String path) {
    try {
      HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url + path));
      return token == null ? request : request.header("Authorization", token.authorization());
    } catch (IllegalArgumentException e) {
      throw CommandException.usage("'" + url + "' is no URL of a node: " + e.getMessage());
    }
  }

  private static String path(String collection) {
    return "/collections/" + encoded(collection);
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
