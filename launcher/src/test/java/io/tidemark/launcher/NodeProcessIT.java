package io.tidemark.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.launcher.http.Client;
import io.tidemark.launcher.http.Client.Reply;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The jar itself: how it starts, what it says when it cannot, and how it ends. */
@Timeout(240)
class NodeProcessIT {

  private static final int SIGTERM = 143;

  @TempDir private Path folder;

  /**
   * One line on standard error, nothing else, and an exit code that is not 0. That the machine is
   * slow is not what is tried here.
   */
  private void assertFails(int code, String text, String... args) throws Exception {
    try (NodeProcess failing = NodeProcess.start(folder, List.of(), args)) {
      assertEquals(code, failing.exitCode(), failing::err);
      long said =
          failing.err().lines().filter(line -> !line.contains("BlockedThreadChecker")).count();
      assertEquals(1, said, failing::err);
      assertTrue(failing.err().contains(text), failing::err);
      assertEquals("", failing.out());
    }
  }

  @Test
  void shouldSayInOneLineWhatIsWrong() throws Exception {
    assertFails(2, "did you mean 'http.port'?", "-conf", "{\"http\":{\"prot\":1}}");
    assertFails(2, "'http.port' is \"x\"", "-conf", "{\"http\":{\"port\":\"x\"}}");
    assertFails(2, "cannot read the configuration 'none.json'", "-conf", "none.json");
    assertFails(2, "'http.host' is 0.0.0.0", "-conf", "{\"http\":{\"host\":\"0.0.0.0\"}}");
    assertFails(2, "token file 'none'", "-conf", "{\"http\":{\"tokenFile\":\"none\"}}");
    assertFails(
        2,
        "certificate file 'none.pem'",
        "-conf",
        "{\"cluster.tls.certFile\":\"none.pem\",\"cluster.tls.keyFile\":\"none.pem\","
            + "\"cluster.tls.caFile\":\"none.pem\"}");
    Path broken = Files.writeString(folder.resolve("broken.json"), "{");
    assertFails(2, "is no JSON object", "-conf", broken.toString());
    assertFails(2, "cannot read 'conf/hazelcast.xml'", "-cluster");
    Path xml = Files.writeString(folder.resolve("broken.xml"), "<hazelcast");
    String hazelcast = "{\"cluster\":{\"hazelcast\":\"" + xml + "\"}}";
    assertFails(2, "is no configuration of Hazelcast", "-cluster", "-conf", hazelcast);
    assertFails(2, "have to share", "-cluster", "-conf", "{\"store\":{\"blob\":\"memory:\"}}");
    assertFails(2, "write.instances", "-instances", "2");
    Path file = Files.writeString(folder.resolve("file"), "x");
    assertFails(
        1,
        "cannot open",
        "-conf",
        "{\"http\":{\"port\":0},\"store\":{\"consensus\":\"sqlite:" + file + "/in\"}}");
  }

  @Test
  void shouldSayThatThePortIsInUse() throws Exception {
    try (NodeProcess first = NodeProcess.node(folder)) {
      int port = first.port();
      Client client = new Client(port);
      assertEquals(201, client.create("kept").status());
      assertFails(2, "127.0.0.1:" + port, "-conf", "{\"http\":{\"port\":" + port + "}}");
      // The second process left the first one's pipeline alone.
      assertEquals(200, client.post("/collections/kept/rows", "{\"id\":1}").status());
      assertEquals(1, client.get("/collections/kept").json().getInteger("epoch"));
    }
  }

  @Test
  void shouldTakeTheLaunchersOptions() throws Exception {
    try (NodeProcess node =
        NodeProcess.start(
            folder,
            List.of("-Dtidemark.http.port=0"),
            "-options",
            "{\"eventLoopPoolSize\":1}",
            "-conf",
            "{\"http\":{\"port\":1}}")) {
      assertEquals(200, new Client(node.port()).get("/health").status());
    }
  }

  @Test
  void shouldTellItsVersion() throws Exception {
    try (NodeProcess version = NodeProcess.start(folder, List.of(), "--version")) {
      assertEquals(0, version.exitCode());
      assertTrue(version.out().startsWith("tidemark "), version::out);
    }
  }

  /** Everything that was acknowledged before SIGTERM is there afterwards, once. */
  @Test
  void shouldDrainOnSigterm() throws Exception {
    long acknowledged = 0;
    try (NodeProcess node = NodeProcess.node(folder)) {
      Client client = new Client(node.port());
      assertEquals(201, client.create("orders").status());
      for (int sequence = 1; sequence <= 20; sequence++) {
        Reply reply = publish(client, sequence);
        assertEquals(200, reply.status(), reply.body());
        acknowledged = sequence;
      }
      node.terminate();
      acknowledged = publishUntilRefused(client, acknowledged);
      assertEquals(SIGTERM, node.exitCode(), node::err);
      assertTrue(node.err().contains("stopped"), node::err);
    }
    try (NodeProcess again = NodeProcess.node(folder)) {
      Client client = new Client(again.port());
      JsonObject opened = open(client);
      assertTrue(opened.getLong("sequence") >= acknowledged, opened::encode);
      assertEquals(200, publish(client, opened.getLong("sequence") + 1).status());
      List<String> expected =
          IntStream.rangeClosed(1, opened.getInteger("sequence") + 1)
              .mapToObj(i -> "{\"id\":" + i + ",\"name\":null,\"_diff\":1}")
              .sorted()
              .toList();
      assertEquals(
          expected, client.get("/collections/orders/snapshot").lines().stream().sorted().toList());
      again.terminate();
      assertEquals(SIGTERM, again.exitCode(), again::err);
    }
  }

  private static long publishUntilRefused(Client client, long acknowledged) {
    long last = acknowledged;
    try {
      while (publish(client, last + 1).status() == 200) {
        last++;
      }
    } catch (AssertionError e) {
      // The connection broke: not acknowledged.
    }
    return last;
  }

  private static Reply publish(Client client, long sequence) {
    return client.post(
        "/collections/orders/rows",
        "{\"id\":" + sequence + "}",
        "Tidemark-Producer",
        "p",
        "Tidemark-Sequence",
        Long.toString(sequence));
  }

  /** A restarted node's pipeline begins a moment after it listens. */
  private static JsonObject open(Client client) {
    Reply opened = client.post("/collections/orders/open", "{\"producer\":\"p\"}");
    for (int tries = 0; opened.status() == 503 && tries < 1_000; tries++) {
      opened = client.post("/collections/orders/open", "{\"producer\":\"p\"}");
    }
    assertEquals(200, opened.status(), opened.body());
    return opened.json();
  }
}
