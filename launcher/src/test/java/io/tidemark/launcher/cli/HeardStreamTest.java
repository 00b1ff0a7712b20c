package io.tidemark.launcher.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tidemark.location.Await;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class HeardStreamTest {

  private final Vertx vertx = Vertx.vertx();

  @AfterEach
  void close() {
    Await.result(vertx.close());
  }

  private InputStream body(HttpServer server) throws Exception {
    Await.result(server.listen(0, "127.0.0.1"));
    URI uri = URI.create("http://127.0.0.1:" + server.actualPort() + "/");
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofInputStream())
        .body();
  }

  @Test
  void shouldFailOnceNothingIsHeardAnyMore() throws Exception {
    HttpServer silent =
        vertx
            .createHttpServer()
            .requestHandler(
                request -> {
                  Future<Void> unused = request.response().setChunked(true).write("once");
                });
    try (InputStream heard = new HeardStream(body(silent), Duration.ofMillis(300))) {
      assertEquals("once", new String(heard.readNBytes(4), StandardCharsets.UTF_8));

      IOException cut = assertThrows(IOException.class, heard::read);

      assertEquals("nothing was heard of it for 300 ms", cut.getMessage());
    }
  }

  @Test
  void shouldGoOnForAsLongAsThereIsSomething() throws Exception {
    HttpServer slow =
        vertx
            .createHttpServer()
            .requestHandler(
                request -> {
                  HttpServerResponse response = request.response().setChunked(true);
                  long[] left = {8};
                  long unused =
                      vertx.setPeriodic(
                          200,
                          timer -> {
                            Future<Void> written = response.write(".");
                            if (--left[0] == 0) {
                              vertx.cancelTimer(timer);
                              written = response.end();
                            }
                          });
                });
    try (InputStream heard = new HeardStream(body(slow), Duration.ofSeconds(5))) {
      assertEquals("........", new String(heard.readAllBytes(), StandardCharsets.UTF_8));
    }
  }
}
