package io.tidemark.launcher.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.persist.ShardContents;
import io.tidemark.persist.ShardId;
import io.tidemark.row.UpdateBlock;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three processes of the jar with the shipped configuration: their coordinator is killed, and later
 * stopped, while somebody publishes through each. Prints how long nothing was committed.
 */
@Timeout(300)
class ClusterIT {

  private static final int NODES = 3;

  /** So many rows each publisher has to get through after something has happened. */
  private static final int ROWS = 20;

  private static final int MAX_ROUNDS = 4_000;
  private static final long ROUND_MILLIS = 25;
  private static final Pattern EPOCH = Pattern.compile("'rows' epoch (\\d+) begins");

  @TempDir private Path folder;

  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(2))
          .build();
  private final List<JarProcess> nodes = new ArrayList<>();
  private final List<Integer> ports = new ArrayList<>();
  private final List<Publishing> publishers = new ArrayList<>();
  private final Queue<Ack> acks = new ConcurrentLinkedQueue<>();
  private Path hazelcast;
  private volatile boolean ended;

  @BeforeEach
  void start() throws IOException {
    String shipped = Files.readString(Path.of("../conf/hazelcast.xml"));
    int first = freePorts();
    String own = shipped.replace("<cluster-name>tidemark", "<cluster-name>it-" + first);
    for (int i = 0; i < NODES; i++) {
      own = own.replace(Integer.toString(15_701 + i), Integer.toString(first + i));
      try (ServerSocket free = new ServerSocket(0)) {
        ports.add(free.getLocalPort());
      }
    }
    hazelcast = Files.writeString(folder.resolve("hazelcast.xml"), own);
    for (int i = 0; i < NODES; i++) {
      nodes.add(startNode(i));
    }
  }

  @AfterEach
  void stop() {
    ended = true;
    nodes.forEach(JarProcess::close);
  }

  /** The first of as many ports in a row as there are nodes. */
  private static int freePorts() throws IOException {
    for (int tries = 0; tries < MAX_ROUNDS; tries++) {
      try (ServerSocket first = new ServerSocket(0)) {
        if (areFree(first.getLocalPort() + 1, first.getLocalPort() + NODES)) {
          return first.getLocalPort();
        }
      }
    }
    throw new AssertionError("no free ports");
  }

  private static boolean areFree(int from, int to) {
    for (int port = from; port < to; port++) {
      try (ServerSocket probe = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        assertEquals(port, probe.getLocalPort());
      } catch (IOException | IllegalArgumentException e) {
        return false;
      }
    }
    return true;
  }

  private JarProcess startNode(int node) throws IOException {
    return JarProcess.start(
        folder,
        List.of(
            "-Xmx160m",
            "-Dtidemark.http.port=" + ports.get(node),
            "-Dtidemark.cluster.hazelcast=" + hazelcast),
        List.of("-cluster", "-conf", Path.of("../conf/cluster.json").toAbsolutePath().toString()));
  }

  /** What a node answers; null if it does not. */
  private HttpResponse<String> send(int node, HttpRequest.Builder request, String path) {
    try {
      return http.send(
          request
              .uri(URI.create("http://127.0.0.1:" + ports.get(node) + path))
              .timeout(Duration.ofSeconds(15))
              .build(),
          HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      return null;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private JsonObject awaitAnswer(int node, HttpRequest.Builder request, String path)
      throws InterruptedException {
    for (int round = 0; round < MAX_ROUNDS; round++) {
      HttpResponse<String> answer = send(node, request, path);
      if (answer != null && answer.statusCode() < 300) {
        return new JsonObject(answer.body());
      }
      NodeProcess.pause(ROUND_MILLIS);
    }
    throw new AssertionError(nodes.get(node).err());
  }

  /** When a row was sent for the first time, and when it was acknowledged. */
  private record Ack(long sentNanos, long atNanos) {}

  /** Somebody who publishes row after row, through another node whenever one does not answer. */
  private final class Publishing extends Thread {
    private final int producer;
    private final AtomicLong acknowledged = new AtomicLong();

    Publishing(int producer) {
      super("publisher-" + producer);
      this.producer = producer;
    }

    @Override
    public void run() {
      int node = producer;
      long sentNanos = System.nanoTime();
      for (long sequence = 1; !ended; ) {
        HttpResponse<String> answer =
            send(
                node,
                HttpRequest.newBuilder()
                    .header("Tidemark-Producer", "p" + producer)
                    .header("Tidemark-Sequence", Long.toString(sequence))
                    .POST(HttpRequest.BodyPublishers.ofString(row(producer, sequence))),
                "/collections/rows/rows");
        if (answer != null && answer.statusCode() == 200) {
          long nowNanos = System.nanoTime();
          acks.add(new Ack(sentNanos, nowNanos));
          acknowledged.set(sequence);
          sequence++;
          sentNanos = nowNanos;
        } else {
          node = (node + 1) % NODES;
        }
      }
    }
  }

  private static String row(int producer, long sequence) {
    return "{\"producer\":" + producer + ",\"number\":" + sequence + "}";
  }

  /**
   * Waits until each publisher has got more rows through. Returns how long nothing was acknowledged
   * to anybody, at most, and how long one row took, at most: a row that was on its way to a node
   * that dies may take longer than those that are sent afterwards.
   */
  private String awaitRowsSince(long sinceNanos) throws InterruptedException {
    List<Long> before = publishers.stream().map(each -> each.acknowledged.get()).toList();
    for (int round = 0; round < MAX_ROUNDS; round++) {
      boolean all = true;
      for (int i = 0; i < publishers.size(); i++) {
        all &= publishers.get(i).acknowledged.get() >= before.get(i) + ROWS;
      }
      if (all) {
        return pauses(sinceNanos);
      }
      NodeProcess.pause(ROUND_MILLIS);
    }
    throw new AssertionError("nobody gets on: " + nodes.stream().map(JarProcess::err).toList());
  }

  private String pauses(long sinceNanos) {
    long last = sinceNanos;
    long longest = 0;
    long slowest = 0;
    for (Ack ack : acks.stream().sorted(Comparator.comparingLong(Ack::atNanos)).toList()) {
      if (ack.atNanos > sinceNanos) {
        longest = Math.max(longest, ack.atNanos - last);
        slowest = Math.max(slowest, ack.atNanos - ack.sentNanos);
        last = ack.atNanos;
      }
    }
    return String.format(
        Locale.ROOT, "no row for %.2f s, one row took %.2f s", longest / 1e9, slowest / 1e9);
  }

  /** The node that began the last epoch. */
  private int coordinator() {
    int coordinator = -1;
    long last = 0;
    for (int i = 0; i < NODES; i++) {
      Matcher epochs = EPOCH.matcher(nodes.get(i).err());
      while (epochs.find()) {
        long epoch = Long.parseLong(epochs.group(1));
        coordinator = epoch > last ? i : coordinator;
        last = Math.max(last, epoch);
      }
    }
    return coordinator;
  }

  @Test
  void shouldGoOnWithoutTheCoordinator() throws Exception {
    for (int i = 0; i < NODES; i++) {
      assertTrue(
          awaitAnswer(i, HttpRequest.newBuilder(), "/collections").containsKey("collections"));
    }
    JsonObject created = create();
    for (int i = 0; i < NODES; i++) {
      publishers.add(new Publishing(i));
    }
    publishers.forEach(Thread::start);
    String undisturbed = awaitRowsSince(System.nanoTime());

    int killed = coordinator();
    long killedNanos = System.nanoTime();
    nodes.get(killed).kill();
    String afterKill = awaitRowsSince(killedNanos);

    nodes.set(killed, startNode(killed));
    assertTrue(
        awaitAnswer(killed, HttpRequest.newBuilder(), "/collections").containsKey("collections"));
    String restarted = awaitRowsSince(System.nanoTime());
    int stopped = coordinator();
    long stoppedNanos = System.nanoTime();
    nodes.get(stopped).beginTermination();
    String afterStop = awaitRowsSince(stoppedNanos);
    assertEquals(143, nodes.get(stopped).exitCode(), nodes.get(stopped)::err);

    ended = true;
    for (Publishing publishing : publishers) {
      publishing.join();
    }
    for (int i = 0; i < NODES; i++) {
      if (i != stopped) {
        assertEquals(143, nodes.get(i).terminate(), nodes.get(i)::err);
      }
    }
    long rows = assertOnce(new ShardId(created.getString("shard")));
    System.out.printf(
        "cluster of %d, %,d rows, each once%n  undisturbed: %s%n  kill -9 of the coordinator: %s%n"
            + "  a node joins: %s%n  SIGTERM of the coordinator: %s%n",
        NODES, rows, undisturbed, afterKill, restarted, afterStop);
  }

  private JsonObject create() throws InterruptedException {
    JsonArray columns = new JsonArray();
    for (String name : List.of("producer", "number")) {
      columns.add(new JsonObject().put("name", name).put("type", "int64"));
    }
    JsonObject spec = new JsonObject().put("name", "rows").put("columns", columns);
    return awaitAnswer(
        0,
        HttpRequest.newBuilder().POST(HttpRequest.BodyPublishers.ofString(spec.encode())),
        "/collections");
  }

  /** Every row that was acknowledged is there once, and at most the one after it, once. */
  private long assertOnce(ShardId shard) {
    ShardContents contents = StoredShard.read(folder.resolve("tidemark-data"), shard);
    List<long[]> seen = new ArrayList<>();
    for (Publishing publishing : publishers) {
      seen.add(new long[(int) publishing.acknowledged.get() + 2]);
    }
    long rows = 0;
    for (UpdateBlock block : contents.blocks()) {
      for (int i = 0; i < block.size(); i++) {
        int producer = Math.toIntExact((Long) block.value(0, i));
        int number = Math.toIntExact((Long) block.value(1, i));
        seen.get(producer)[number] += block.diffs().get(i);
        rows++;
      }
    }
    for (int producer = 0; producer < NODES; producer++) {
      long[] counts = seen.get(producer);
      for (int number = 1; number < counts.length; number++) {
        boolean mayBeMissing = number == counts.length - 1;
        String row = row(producer, number) + " is there " + counts[number] + " times";
        assertTrue(counts[number] == 1 || (mayBeMissing && counts[number] == 0), row);
      }
    }
    return rows;
  }
}
