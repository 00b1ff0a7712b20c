package io.tidemark.launcher.faults;

import io.tidemark.launcher.faults.ClusterNode.Place;
import io.tidemark.persist.ShardId;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
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
import java.util.concurrent.TimeUnit;

/** A cluster of node processes that share their stores. */
final class ProcessCluster implements AutoCloseable {

  private static final String FAILPOINTS = "failpoints";

  /** A JVM that starts on a machine on which others do, too. */
  private static final long READY_SECONDS = 90;

  /** An epoch that is so old was not begun for a node that joins or leaves just now. */
  private static final long SETTLED_NANOS = TimeUnit.SECONDS.toNanos(2);

  private static final Duration ANSWER = Duration.ofSeconds(3);

  /** What a node says last that reaches no store. */
  private static final String NO_STORE = "tidemark: cannot connect to ";

  private final String collection;
  private final Path failpoints;
  private final List<ClusterNode> nodes = new ArrayList<>();
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(1))
          .build();

  /**
   * Names a cluster.
   *
   * @param name of the cluster: members of another name do not mix
   * @param collection what everything is published to
   * @param places where nodes are; all of them may be members
   */
  record Plan(String name, String collection, Path folder, SharedStore store, List<Place> places) {}

  /** Prepares a node at each of the first {@code nodes} places. */
  ProcessCluster(Plan plan, int nodes) throws IOException {
    this(plan, nodes, NodeImage.launch(Path.of(System.getProperty(NodeImage.PROPERTY))));
  }

  /**
   * {@link #ProcessCluster(Plan, int)}.
   *
   * @param launch what runs a node
   */
  ProcessCluster(Plan plan, int nodes, List<String> launch) throws IOException {
    this.collection = plan.collection();
    this.failpoints = Files.createDirectories(plan.folder().resolve(FAILPOINTS));
    for (Place place : plan.places().subList(0, nodes)) {
      List<String> arguments = new ArrayList<>(launch);
      arguments.addAll(ClusterFiles.arguments());
      this.nodes.add(new ClusterNode(place, plan.folder(), options(plan, place), arguments));
    }
  }

  private static List<String> options(Plan plan, Place place) throws IOException {
    List<String> options = new ArrayList<>(plan.store().nodeOptions());
    options.addAll(ClusterFiles.options(plan, place));
    options.add("-Dtidemark.http.host=" + place.httpAddress());
    options.add("-Dtidemark.http.port=" + place.httpPort());
    options.add("-Dtidemark.http.token=" + ClusterFiles.TOKEN);
    Path spill = plan.folder().resolve(place.name() + "-spill");
    Files.createDirectories(spill);
    options.add("-D" + CrashingFailpoints.PROPERTY + "=" + plan.folder().resolve(FAILPOINTS));
    options.add("-Dtidemark.snapshot.spillFolder=" + spill);
    return options;
  }

  /** Where crash points are armed. */
  Path failpoints() {
    return failpoints;
  }

  List<ClusterNode> nodes() {
    return nodes;
  }

  List<String> urls() {
    return nodes.stream().map(node -> node.place().url()).toList();
  }

  /** Starts all nodes, and waits until they take requests. */
  void start() throws IOException, InterruptedException {
    for (ClusterNode node : nodes) {
      node.start();
    }
    for (ClusterNode node : nodes) {
      awaitReady(node);
    }
  }

  /** Starts a node again, and waits until it takes requests. */
  void restart(ClusterNode node) throws IOException, InterruptedException {
    node.start();
    awaitReady(node);
  }

  /** Waits until a node takes requests. */
  void awaitReady(ClusterNode node) throws InterruptedException {
    Deadline.await(
        READY_SECONDS,
        () -> node.name() + " does not take requests: " + node.tail(),
        () -> isReady(node));
  }

  private boolean isReady(ClusterNode node) {
    if (!node.isAlive()) {
      startAgain(node);
    }
    return status(node, "/health") == 200;
  }

  /** As whoever supervises a node does. It ends if a store does not answer, on a busy machine. */
  private static void startAgain(ClusterNode node) {
    if (!node.tail().contains(NO_STORE)) {
      throw new AssertionError("it has ended: " + node.tail());
    }
    System.out.printf("[faults] %s found no store, and is started again%n", node.name());
    try {
      node.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Creates the collection of {@link StoredRow}s. Returns its shard. */
  ShardId create() throws IOException, InterruptedException {
    HttpResponse<String> answer =
        http.send(
            request(urls().get(0) + "/collections")
                .POST(
                    HttpRequest.BodyPublishers.ofString(StoredRow.collection(collection).encode()))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() >= 300) {
      throw new AssertionError(
          "the collection was not created: " + answer.body() + nodes.get(0).tail());
    }
    return new ShardId(new JsonObject(answer.body()).getString("shard"));
  }

  /** A request that bears the token. */
  static HttpRequest.Builder request(String url) {
    return HttpRequest.newBuilder(URI.create(url))
        .header("Authorization", "Bearer " + ClusterFiles.TOKEN);
  }

  private int status(ClusterNode node, String path) {
    try {
      return http.send(
              request(node.place().url() + path).timeout(ANSWER).build(),
              HttpResponse.BodyHandlers.discarding())
          .statusCode();
    } catch (IOException e) {
      return 0; // it is away
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 0;
    }
  }

  /** The node that began the newest epoch. */
  ClusterNode coordinator() {
    return nodes.stream()
        .max(Comparator.comparingLong(node -> node.lastEpochBegun(collection)))
        .orElseThrow();
  }

  /** {@link #coordinator}, once it has been the same, in one epoch, for a while. */
  ClusterNode settledCoordinator() throws InterruptedException {
    long settled = System.nanoTime();
    long epoch = epoch();
    for (long end = settled + TimeUnit.SECONDS.toNanos(READY_SECONDS);
        System.nanoTime() - settled < SETTLED_NANOS && System.nanoTime() < end; ) {
      Deadline.pause(100);
      if (epoch() != epoch) {
        epoch = epoch();
        settled = System.nanoTime();
      }
    }
    return coordinator();
  }

  /** Whether a node other than {@code node} has begun an epoch after {@code epoch}. */
  boolean isBegunElsewhere(ClusterNode node, long epoch) {
    return others(node).stream().anyMatch(each -> each.lastEpochBegun(collection) > epoch);
  }

  /** The newest epoch that any node has begun. */
  long epoch() {
    return coordinator().lastEpochBegun(collection);
  }

  /** All nodes but one. */
  List<ClusterNode> others(ClusterNode node) {
    return nodes.stream().filter(each -> each != node).toList();
  }

  /** Ends all of them at once. */
  void kill() throws InterruptedException {
    for (ClusterNode node : nodes) {
      node.kill();
    }
  }

  /** Where the log of each node ends now. */
  int[] logged() {
    return nodes.stream().mapToInt(ClusterNode::logged).toArray();
  }

  /** All that nodes have logged since their logs ended there. */
  String logs(int[] from) {
    StringBuilder all = new StringBuilder();
    for (int i = 0; i < from.length; i++) {
      all.append(nodes.get(i).log().substring(from[i])).append('\n');
    }
    return all.toString();
  }

  /** The ends of all logs. */
  String tails() {
    StringBuilder all = new StringBuilder();
    nodes.forEach(node -> all.append(node.tail()).append("\n\n"));
    return all.toString();
  }

  @Override
  public void close() {
    nodes.forEach(ClusterNode::close);
  }
}
