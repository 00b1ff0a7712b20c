package io.tidemark.bench;

import io.tidemark.launcher.Main;
import io.tidemark.launcher.cluster.BusOptions;
import io.tidemark.launcher.cluster.HazelcastFile;
import io.tidemark.launcher.config.NodeConfig;
import io.tidemark.persist.part.BareParquet.Row;
import io.tidemark.persist.part.SampleRows;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.spi.cluster.hazelcast.HazelcastClusterManager;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * One, two and three nodes on this machine, with the shipped configuration, against one node
 * without a cluster: {@code ClusterBenchmark FOLDER}. This process is one of the nodes, and
 * publishes through itself; the collections are coordinated wherever their leases are. Takes turns,
 * and prints medians of the turns' figures and ratios.
 */
public final class ClusterBenchmark {

  private static final int ROWS = Integer.getInteger("rows", 1_000_000);
  private static final int TURNS = Integer.getInteger("turns", 3);
  private static final int COMMITS = Integer.getInteger("commits", 400);
  private static final int WARMUP_COMMITS = 600;
  private static final int MAX_NODES = 3;

  /** So that a median does not hang on where the lease of one of them is. */
  private static final int COLLECTIONS = 5;

  private static final int READY_ROUNDS = 600;
  private static final long ROUND_MILLIS = 100;

  private final Path folder;
  private final Row[] rows = SampleRows.rows(ROWS);
  private final Samples[] rates = samples();
  private final Samples[] rateRatios = samples();
  private final Samples[] millis = samples();
  private final Samples[] p99 = samples();
  private final Samples[] addedMillis = samples();

  private ClusterBenchmark(Path folder) {
    this.folder = folder;
  }

  private static Samples[] samples() {
    Samples[] samples = new Samples[MAX_NODES + 1];
    for (int i = 0; i < samples.length; i++) {
      samples[i] = new Samples();
    }
    return samples;
  }

  public static void main(String[] args) throws Exception {
    Path folder = Files.createTempDirectory(Files.createDirectories(Path.of(args[0])), "cluster");
    ClusterBenchmark benchmark = new ClusterBenchmark(folder);
    for (int turn = 0; turn < TURNS; turn++) {
      benchmark.turn(folder.resolve("turn" + turn));
    }
    benchmark.print();
  }

  /** What one set of nodes did. */
  private record Figures(double rowsPerSecond, double p50Millis, double p99Millis) {}

  private void turn(Path data) throws Exception {
    Figures alone;
    try (Load load = new Load(data.resolve("alone"))) {
      alone = measure(load);
    }
    note(0, alone, alone);
    for (int nodes = 1; nodes <= MAX_NODES; nodes++) {
      note(nodes, clustered(nodes, data.resolve("nodes" + nodes)), alone);
    }
  }

  private void note(int nodes, Figures figures, Figures alone) {
    rates[nodes].add(figures.rowsPerSecond());
    rateRatios[nodes].add(figures.rowsPerSecond() / alone.rowsPerSecond());
    millis[nodes].add(figures.p50Millis());
    p99[nodes].add(figures.p99Millis());
    addedMillis[nodes].add(figures.p50Millis() - alone.p50Millis());
  }

  private Figures clustered(int nodes, Path data) throws Exception {
    Path hazelcast = hazelcast(Files.createDirectories(data));
    List<Process> others = new ArrayList<>();
    try (Load load = new Load(vertx(hazelcast), data)) {
      int ownWriters = load.writers();
      for (int i = 1; i < nodes; i++) {
        others.add(start(hazelcast, data));
      }
      awaitWriters(load, nodes * ownWriters);
      return measure(load);
    } finally {
      for (Process other : others) {
        other.destroy();
        boolean unused = other.waitFor(1, TimeUnit.MINUTES);
      }
    }
  }

  private static Vertx vertx(Path hazelcast) throws TimeoutException {
    VertxOptions options =
        new VertxOptions().setEventBusOptions(BusOptions.of(NodeConfig.DEFAULTS.cluster()));
    return Vertx.builder()
        .with(options)
        .withClusterManager(new HazelcastClusterManager(HazelcastFile.read(hazelcast.toString())))
        .buildClustered()
        .await(1, TimeUnit.MINUTES);
  }

  /** The shipped file, with a name and ports of its own. */
  private static Path hazelcast(Path data) throws IOException {
    String file = Files.readString(Path.of("../conf/hazelcast.xml"));
    List<ServerSocket> free = new ArrayList<>();
    for (int i = 0; i < MAX_NODES; i++) {
      free.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
    }
    StringBuilder members = new StringBuilder();
    for (ServerSocket socket : free) {
      members.append("<member>127.0.0.1:").append(socket.getLocalPort()).append("</member>");
      socket.close();
    }
    int first = free.get(0).getLocalPort();
    String own =
        file.replace("<cluster-name>tidemark", "<cluster-name>bench-" + first)
            .replaceAll(
                "(?s)<member-list>.*</member-list>", "<member-list>" + members + "</member-list>")
            .replaceAll("(?s)port-count=\"3\">15701", "port-count=\"100\">" + first);
    return Files.writeString(data.resolve("hazelcast.xml"), own);
  }

  private static Process start(Path hazelcast, Path data) throws IOException {
    JsonObject config =
        new JsonObject()
            .put("http", new JsonObject().put("port", 0))
            .put(
                "store",
                new JsonObject()
                    .put("consensus", "sqlite:" + data)
                    .put("blob", "file:" + data.resolve("parts")))
            .put("cluster", new JsonObject().put("hazelcast", hazelcast.toString()));
    Path log = Files.createTempFile(data, "node", ".log");
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx1g",
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName(),
            "-cluster",
            "-conf",
            config.encode())
        .redirectErrorStream(true)
        .redirectOutput(log.toFile())
        .start();
  }

  private static void awaitWriters(Load load, int writers) throws Exception {
    for (int round = 0; load.writers() != writers; round++) {
      if (round == READY_ROUNDS) {
        throw new TimeoutException(load.writers() + " of " + writers + " writers are there");
      }
      TimeUnit.MILLISECONDS.sleep(ROUND_MILLIS);
    }
  }

  private Figures measure(Load load) throws Exception {
    Samples micros = new Samples();
    for (int i = 0; i < COLLECTIONS; i++) {
      load.create("small" + i);
      load.request("small" + i, LoadBenchmark.messages(0, WARMUP_COMMITS), new Samples());
    }
    for (int i = 0; i < COLLECTIONS; i++) {
      load.request("small" + i, LoadBenchmark.messages(0, COMMITS), micros);
    }
    load.create("bulk");
    load.publish("bulk", rows);
    long start = System.nanoTime();
    load.publish("bulk", rows);
    double rate = ROWS / ((System.nanoTime() - start) / 1e9);
    return new Figures(rate, micros.median() / 1e3, micros.percentile(0.99) / 1e3);
  }

  private void print() {
    print(
        "| nodes, %d turns | rows/s | to one alone | commit p50 | p99 | p50 more than alone |",
        TURNS);
    print("|---|---|---|---|---|---|");
    for (int nodes = 0; nodes <= MAX_NODES; nodes++) {
      print(
          "| %s | %,.0f | %.2f | %.2f ms | %.2f ms | %.2f ms |",
          nodes == 0 ? "one, without a cluster" : nodes + " clustered",
          rates[nodes].median(),
          rateRatios[nodes].median(),
          millis[nodes].median(),
          p99[nodes].median(),
          addedMillis[nodes].median());
    }
    print("All files are in %s: delete it when you have seen them.", folder);
  }

  private static void print(String format, Object... values) {
    System.out.println(String.format(Locale.ROOT, format, values));
  }
}
