package io.tidemark.launcher.http;

import static io.tidemark.launcher.http.CollectionRoutesTest.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.launcher.http.Client.Reply;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class SnapshotRouteTest {

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

  @Test
  void shouldReadAtATime() {
    assertEquals(201, client.create("times").status());
    long first = client.post("/collections/times/rows", "{\"id\":1}").json().getLong("time");
    long second =
        client
            .post("/collections/times/rows", "{\"id\":1,\"_diff\":-1}\n{\"id\":2}")
            .json()
            .getLong("time");
    Reply early = client.get("/collections/times/snapshot?asOf=" + first);
    assertEquals(List.of("{\"id\":1,\"name\":null,\"_diff\":1}"), early.lines());
    assertEquals(Long.toString(first), early.raw().headers().firstValue(SnapshotRoute.AS_OF).get());
    Reply late = client.get("/collections/times/snapshot?format=csv&asOf=" + second);
    assertEquals(List.of("id,name,_diff,_error", "2,,1,"), late.lines());
    assertTrue(late.raw().headers().firstValue("content-type").get().startsWith("text/csv"));
  }

  @Test
  void shouldReadACollectionInWhichNothingIsYet() {
    assertEquals(201, client.create("nothing").status());
    Reply reply = client.get("/collections/nothing/snapshot");
    assertEquals(200, reply.status(), reply.body());
    assertEquals("", reply.body());
  }

  @Test
  void shouldSayWhatCannotBeRead() {
    assertEquals(201, client.create("asked").status());
    String path = "/collections/asked/snapshot";
    assertRefused(400, "INVALID_ROW", "ndjson or csv", client.get(path + "?format=xml"));
    assertRefused(400, "INVALID_ROW", "a whole number", client.get(path + "?asOf=now"));
    assertRefused(400, "INVALID_ROW", "a whole number", client.get(path + "?asOf=-1"));
    assertRefused(
        400, "INVALID_ROW", "not complete yet", client.get(path + "?asOf=" + (Long.MAX_VALUE - 1)));
  }

  @Test
  void shouldWaitForSlowReadersAndBoundThem() throws IOException {
    assertEquals(201, client.create("slow").status());
    String row = "{\"id\":1,\"name\":\"" + "x".repeat(100_000);
    List<byte[]> rows = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      rows.add((row + i + "\"}\n").getBytes(StandardCharsets.US_ASCII));
    }
    Reply stored = client.post("/collections/slow/rows", BodyPublishers.ofByteArrays(rows));
    assertEquals(200, stored.status(), stored.body());
    List<Socket> open = new ArrayList<>();
    try {
      for (int i = 0; i < SnapshotRoute.MAX_READING; i++) {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), node.node().port());
        open.add(socket);
        String head = "GET /collections/slow/snapshot HTTP/1.1\r\nHost: x\r\n\r\n";
        socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
        // It has begun to answer; nobody reads on.
        assertEquals('H', socket.getInputStream().read());
      }
      assertRefused(429, "OVERLOADED", "4 snapshots", client.get("/collections/slow/snapshot"));
    } finally {
      for (Socket socket : open) {
        socket.close();
      }
    }
    // Those who went away are forgotten.
    Reply all = client.get("/collections/slow/snapshot");
    for (int tries = 0; all.status() == 429 && tries < 2_000; tries++) {
      all = client.get("/collections/slow/snapshot");
    }
    assertEquals(Collections.nCopies(200, "{\"id\":1,"), prefixes(all));
  }

  private static List<String> prefixes(Reply reply) {
    return reply.lines().stream().map(line -> line.substring(0, 8)).toList();
  }
}
