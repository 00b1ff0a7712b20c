package io.tidemark.launcher.http;

import static io.tidemark.launcher.http.CollectionRoutesTest.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.launcher.http.Client.Reply;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class RowRoutesTest {

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

  private static String created(String name) {
    assertEquals(201, client.create(name).status());
    return "/collections/" + name;
  }

  private static List<String> contents(String path) {
    return client.get(path + "/snapshot").lines();
  }

  @Test
  void shouldTakeAStreamWithoutAProducer() {
    String path = created("stream");
    Reply reply =
        client.post(
            path + "/rows",
            "{\"id\":1,\"name\":\"a\"}\n\n \r\n{\"id\":2,\"_diff\":3}\r\n{\"id\":3}");
    assertEquals(200, reply.status(), reply.body());
    assertEquals(3, reply.json().getInteger("rows"));
    assertTrue(reply.json().getLong("time") < reply.json().getLong("upper"));
    assertEquals(
        List.of(
            "{\"id\":1,\"name\":\"a\",\"_diff\":1}",
            "{\"id\":2,\"name\":null,\"_diff\":3}",
            "{\"id\":3,\"name\":null,\"_diff\":1}"),
        contents(path).stream().sorted().toList());
  }

  @Test
  void shouldTakeAnEmptyStream() {
    Reply reply = client.post(created("empty") + "/rows", "\n\n");
    assertEquals(200, reply.status(), reply.body());
    assertEquals(0, reply.json().getInteger("rows"));
    assertNull(reply.json().getValue("time"));
  }

  @Test
  void shouldTakeAStreamOfManyMessages() {
    String path = created("large");
    int rows = 120_000;
    List<byte[]> body = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      String row = "{\"id\":" + i + ",\"name\":\"row number " + i + "\"}\n";
      body.add(row.getBytes(StandardCharsets.US_ASCII));
    }
    Reply reply = client.post(path + "/rows", BodyPublishers.ofByteArrays(body));
    assertEquals(200, reply.status(), reply.body());
    assertEquals(rows, reply.json().getInteger("rows"));
    assertEquals(rows, client.get(path).json().getInteger("updates"));
    assertEquals(rows, contents(path).size());
  }

  @Test
  void shouldKeepTheRowsBeforeABadOne() {
    String path = created("bad");
    Reply reply = client.post(path + "/rows", "{\"id\":1}\n\n{\"id\":\"x\"}\n{\"id\":3}\n");
    assertRefused(400, "INVALID_ROW", "line 3: column 'id'", reply);
    assertEquals(1, reply.json().getInteger("rows"));
    assertEquals(1, contents(path).size());
    assertRefused(
        400, "INVALID_ROW", "line 1: ", client.post(path + "/rows", "{\"id\":1}{\"id\":2}\n"));
    assertRefused(400, "INVALID_ROW", "line 1: ", client.post(path + "/rows", "{\"id\":\n1}"));
    assertEquals(1, contents(path).size());
  }

  @Test
  void shouldRefuseALineThatIsTooLong() {
    String path = created("long");
    String fits = "{\"id\":1,\"name\":\"" + "x".repeat(700_000) + "\"}\n";
    assertEquals(200, client.post(path + "/rows", "{\"id\":0}\n" + fits + fits).status());
    String tooLong = "{\"id\":1,\"name\":\"" + "x".repeat(1 << 20) + "\"}\n";
    Reply reply = client.post(path + "/rows", "{\"id\":0}\n" + tooLong.repeat(8));
    assertRefused(413, "TOO_LARGE", "line 2 has more than 1048576 bytes", reply);
    assertEquals(1, reply.json().getInteger("rows"));
  }

  @Test
  void shouldTakeANumberedMessageOnce() {
    String path = created("numbered");
    String[] first = {RowRoutes.PRODUCER, "p", RowRoutes.SEQUENCE, "1"};
    Reply taken = client.post(path + "/rows", "{\"id\":1}\n{\"id\":2}\n", first);
    assertEquals(200, taken.status(), taken.body());
    assertEquals(2, taken.json().getInteger("rows"));
    Reply repeated = client.post(path + "/rows", "{\"id\":1}\n{\"id\":2}\n", first);
    assertEquals(200, repeated.status(), repeated.body());
    assertEquals(taken.json().getLong("time"), repeated.json().getLong("time"));
    assertEquals(2, contents(path).size());
    JsonObject opened = client.post(path + "/open", "{\"producer\":\"p\"}").json();
    assertEquals(1, opened.getLong("sequence"));
    assertEquals(2, opened.getLong("updates"));
  }

  @Test
  void shouldTakeANumberedMessageWholeOrNot() {
    String path = created("atomic");
    String[] first = {RowRoutes.PRODUCER, "p", RowRoutes.SEQUENCE, "1"};
    assertRefused(
        400,
        "INVALID_ROW",
        "line 2",
        client.post(path + "/rows", "{\"id\":1}\n{\"id\":true}\n", first));
    assertRefused(
        413,
        "TOO_LARGE",
        "1048576",
        client.post(path + "/rows", "{\"id\":1}\n".repeat(200_000), first));
    assertRefused(400, "INVALID_ROW", "no row", client.post(path + "/rows", "", first));
    assertRefused(
        400,
        "INVALID_ROW",
        "'seq' is missing",
        client.post(path + "/rows", "{\"id\":1}", RowRoutes.PRODUCER, "p"));
    assertRefused(
        409,
        "SEQUENCE_GAP",
        "1",
        client.post(
            path + "/rows", "{\"id\":1}", RowRoutes.PRODUCER, "p", RowRoutes.SEQUENCE, "5"));
    assertEquals(List.of(), contents(path));
  }

  @Test
  void shouldFenceAnEarlierSession() {
    String path = created("fenced");
    long session = client.post(path + "/open", "{\"producer\":\"p\"}").json().getLong("session");
    assertEquals(200, client.post(path + "/open", "{\"producer\":\"p\"}").status());
    assertRefused(
        412,
        "FENCED",
        "p",
        client.post(
            path + "/rows",
            "{\"id\":1}",
            RowRoutes.PRODUCER,
            "p",
            RowRoutes.SEQUENCE,
            "1",
            RowRoutes.SESSION,
            Long.toString(session)));
  }

  @Test
  void shouldRefuseRowsOfASource() {
    JsonObject spec = Client.spec("source").put("mode", "source");
    assertEquals(201, client.post("/collections", spec.encode()).status());
    assertRefused(
        400, "INVALID_ROW", "source mode", client.post("/collections/source/rows", "{\"id\":1}"));
  }

  @Test
  void shouldBoundHowManyPublishAtOnce() throws IOException {
    String path = created("bounded");
    List<Socket> open = new ArrayList<>();
    try {
      // Our own request may take a place while these come, so one more comes until none is left.
      Reply refused = client.post(path + "/rows", "{\"id\":1}");
      while (refused.status() == 200 && open.size() < 3 * RowRoutes.MAX_PUBLISHING) {
        open.add(beginStream(node, path));
        refused = client.post(path + "/rows", "{\"id\":1}");
      }
      assertRefused(429, "OVERLOADED", "32 requests", refused);
    } finally {
      for (Socket socket : open) {
        socket.close();
      }
    }
    // Those who went away give their places back.
    Reply taken = client.post(path + "/rows", "{\"id\":1}");
    for (int tries = 0; taken.status() == 429 && tries < 2_000; tries++) {
      taken = client.post(path + "/rows", "{\"id\":1}");
    }
    assertEquals(200, taken.status());
  }

  @Test
  void shouldTellAStreamWhatIsDurableWhenTheNodeStops(@TempDir Path own) throws IOException {
    NodeFixture stopping = new NodeFixture(own);
    assertEquals(201, stopping.client().create("cut").status());
    try (Socket socket = beginStream(stopping, "/collections/cut")) {
      Client.Reply rows = stopping.client().get("/collections/cut");
      while (rows.json().getLong("updates") == 0) {
        rows = stopping.client().get("/collections/cut");
      }
      stopping.close();
      String reply = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      assertTrue(reply.startsWith("HTTP/1.1 503 "), reply);
      assertTrue(reply.contains("\"rows\":1,"), reply);
    }
    try (NodeFixture again = new NodeFixture(own)) {
      assertEquals(1, again.client().get("/collections/cut/snapshot").lines().size());
    }
  }

  /** A stream of which only the head and one row come. */
  private static Socket beginStream(NodeFixture to, String path) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), to.node().port());
    OutputStream out = socket.getOutputStream();
    String head =
        "POST " + path + "/rows HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    out.write((head + "9\r\n{\"id\":7}\n\r\n").getBytes(StandardCharsets.US_ASCII));
    out.flush();
    return socket;
  }
}
