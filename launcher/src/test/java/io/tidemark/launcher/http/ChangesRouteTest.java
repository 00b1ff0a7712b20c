package io.tidemark.launcher.http;

import static io.tidemark.launcher.http.CollectionRoutesTest.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class ChangesRouteTest {

  @TempDir private static Path folder;

  private static NodeFixture node;
  private static Client client;

  @BeforeAll
  static void start() {
    node = new NodeFixture(folder);
    client = node.client();
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  /** Events as any client of server-sent events reads them. */
  private static final class Events implements AutoCloseable {
    private final HttpResponse<InputStream> response;
    private final BufferedReader lines;
    private final List<JsonObject> held = new ArrayList<>();
    private final List<JsonObject> updates = new ArrayList<>();
    private String id;
    private Long frontier;

    Events(String path, String... headers) {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + node.node().port() + path));
      try {
        response =
            HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .build()
                .send(
                    (headers.length == 0 ? request : request.headers(headers)).build(),
                    BodyHandlers.ofInputStream());
      } catch (IOException | InterruptedException e) {
        throw new AssertionError(e);
      }
      lines = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
    }

    /** Reads until the next progress; false at the end. */
    boolean progress() {
      try {
        String type = "";
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          if (line.startsWith("event: ")) {
            type = line.substring(7);
          } else if (line.startsWith("id: ")) {
            id = line.substring(4);
          } else if (line.startsWith("data: ") && type.equals("update")) {
            held.add(new JsonObject(line.substring(6)));
          } else if (line.startsWith("data: ")) {
            assertEquals("progress", type, line);
            frontier = new JsonObject(line.substring(6)).getLong("frontier");
            updates.addAll(held);
            held.clear();
            return true;
          }
        }
        return false;
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }

    Events until(int count) {
      while (updates.size() < count) {
        assertTrue(progress(), "the stream ended");
      }
      return this;
    }

    List<Long> ids() {
      return updates.stream().map(update -> update.getLong("id")).sorted().toList();
    }

    @Override
    public void close() {
      try {
        lines.close();
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }
  }

  @CanIgnoreReturnValue
  private static long publish(String collection, int from, int to) {
    String rows =
        IntStream.range(from, to)
            .mapToObj(id -> "{\"id\":" + id + ",\"name\":\"somebody\"}\n")
            .collect(Collectors.joining());
    Client.Reply reply = client.post("/collections/" + collection + "/rows", rows);
    assertEquals(200, reply.status(), reply.body());
    return reply.json().getLong("time");
  }

  @Test
  void shouldGiveWhatChangesAndGoOnFromAnId() {
    assertEquals(201, client.create("tailed").status());
    publish("tailed", 0, 2);
    try (Events now = new Events("/collections/tailed/changes");
        Events all = new Events("/collections/tailed/changes?since=snapshot")) {
      assertEquals(
          "text/event-stream; charset=utf-8",
          now.response.headers().firstValue("content-type").get());
      assertTrue(now.progress()); // so a client has an id before anything has changed
      assertEquals(List.of(), now.updates);
      assertEquals(List.of(0L, 1L), all.until(2).ids());
      long time = publish("tailed", 2, 4);
      assertEquals(List.of(2L, 3L), now.until(2).ids());
      assertEquals(List.of(0L, 1L, 2L, 3L), all.until(4).ids());
      assertEquals(time, now.updates.get(0).getLong("_time"));
      assertEquals(1, now.updates.get(0).getLong("_diff"));
      assertTrue(now.frontier > time);
      publish("tailed", 4, 5);
      // The id wins: that is what a browser sends with the query of the beginning.
      try (Events resumed =
              new Events("/collections/tailed/changes?since=snapshot", "Last-Event-ID", now.id);
          Events since = new Events("/collections/tailed/changes?since=" + time)) {
        assertEquals(List.of(4L), resumed.until(1).ids());
        assertEquals(List.of(2L, 3L, 4L), since.until(3).ids());
      }
    }
  }

  /** A client that loses its connection before anything has come goes on where it began. */
  @Test
  void shouldBeginWithAnIdOfWhereItBegins() {
    assertEquals(201, client.create("begun").status());
    publish("begun", 0, 2);
    for (String since : List.of("snapshot", "0")) {
      try (Events events = new Events("/collections/begun/changes?since=" + since)) {
        assertTrue(events.progress());
        assertEquals(List.of(), events.updates);
        assertEquals(since, events.id);
      }
    }
  }

  @Test
  void shouldSayWhatCannotBeGiven() {
    assertEquals(201, client.create("asked").status());
    String path = "/collections/asked/changes";
    assertRefused(400, "INVALID_ROW", "no place to read from", client.get(path + "?since=x"));
    assertRefused(
        404, "UNKNOWN_COLLECTION", "no collection", client.get("/collections/none/changes"));
    assertEquals(204, client.get(path, "Last-Event-ID", "end").status());
  }

  @Test
  void shouldWaitForSlowReadersAndBoundThem() throws IOException {
    assertEquals(201, client.create("slow").status());
    int rows = 30_000;
    publish("slow", 0, rows);
    List<Socket> open = new ArrayList<>();
    String head = "GET /collections/slow/changes?since=snapshot HTTP/1.1\r\nHost: x\r\n\r\n";
    try {
      Socket first = new Socket();
      first.setReceiveBufferSize(4_096);
      first.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), node.node().port()));
      first.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      assertEquals('H', first.getInputStream().read());
      open.add(first);
      while (open.size() < ChangesRoute.MAX_TAILS) {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), node.node().port());
        open.add(socket);
        String later = head.replace("snapshot", "now");
        socket.getOutputStream().write(later.getBytes(StandardCharsets.US_ASCII));
        assertEquals('H', socket.getInputStream().read());
      }
      assertRefused(429, "OVERLOADED", "64 tails", client.get("/collections/slow/changes"));
      // The first one reads on after all, and misses nothing.
      BufferedReader lines =
          new BufferedReader(new InputStreamReader(first.getInputStream(), StandardCharsets.UTF_8));
      TreeMap<Integer, Integer> seen = new TreeMap<>();
      while (seen.size() < rows) {
        String line = lines.readLine();
        int id = line.indexOf("{\"id\":");
        if (id >= 0) {
          seen.merge(new JsonObject(line.substring(id)).getInteger("id"), 1, Integer::sum);
        }
      }
      assertEquals(rows, seen.values().stream().mapToInt(count -> count).sum());
    } finally {
      for (Socket socket : open) {
        socket.close();
      }
    }
  }
}
