package io.tidemark.launcher.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;

/** Somebody who speaks HTTP to a node, and knows nothing of Vert.x. */
public final class Client {

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final String base;

  public Client(int port) {
    this.base = "http://127.0.0.1:" + port;
  }

  /** What the node answered. */
  public record Reply(int status, String body, HttpResponse<byte[]> raw) {

    public JsonObject json() {
      return new JsonObject(body);
    }

    public List<String> lines() {
      return body.lines().toList();
    }

    public String code() {
      return json().getString("code");
    }

    public String message() {
      return json().getString("message");
    }
  }

  public Reply get(String path, String... headers) {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path)).GET();
    return send(headers.length == 0 ? request : request.headers(headers));
  }

  /** Headers are names and values in turn. */
  public Reply post(String path, String body, String... headers) {
    return post(path, BodyPublishers.ofString(body), headers);
  }

  public Reply post(String path, BodyPublisher body, String... headers) {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path)).POST(body);
    return send(headers.length == 0 ? request : request.headers(headers));
  }

  public Reply patch(String path, String body) {
    return send(
        HttpRequest.newBuilder(URI.create(base + path))
            .method("PATCH", BodyPublishers.ofString(body)));
  }

  public Reply delete(String path) {
    return send(HttpRequest.newBuilder(URI.create(base + path)).DELETE());
  }

  /** A collection {@code name} of {@code id int64, name string}. */
  public Reply create(String name) {
    return post("/collections", spec(name).encode());
  }

  public static JsonObject spec(String name) {
    return new JsonObject()
        .put("name", name)
        .put(
            "columns",
            new JsonArray()
                .add(new JsonObject().put("name", "id").put("type", "int64").put("nullable", false))
                .add(new JsonObject().put("name", "name").put("type", "string")));
  }

  private Reply send(HttpRequest.Builder request) {
    try {
      HttpResponse<byte[]> response =
          http.send(request.timeout(Duration.ofSeconds(60)).build(), BodyHandlers.ofByteArray());
      return new Reply(response.statusCode(), Buffer.buffer(response.body()).toString(), response);
    } catch (IOException e) {
      throw new AssertionError("the node broke the connection", e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
