package io.tidemark.launcher.tools;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.tidemark.launcher.CommandLines;
import io.tidemark.launcher.cli.CapturedTerminal;
import io.tidemark.launcher.config.ConfigReader;
import io.tidemark.launcher.http.Client;
import io.tidemark.launcher.node.Node;
import io.tidemark.location.Await;
import io.tidemark.persist.PersistOptions;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Stores that a node has filled, and commands that are run at them. */
final class DamagedStores {

  private static final long READY_MILLIS = 30_000;

  final JsonObject conf;

  DamagedStores(JsonObject conf) {
    this.conf = conf.copy().put("http.port", 0);
  }

  /** SQLite and files below a folder. */
  static JsonObject files(Path folder) {
    return new JsonObject()
        .put("store.consensus", "sqlite:" + folder)
        .put("store.blob", "file:" + folder.resolve("parts"))
        .put("snapshot.spillFolder", folder.resolve("spill").toString());
  }

  /** What a command printed and how it ended. */
  record Run(int exitCode, String out, String err) {}

  Run run(String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.add("--conf");
    all.add(conf.encode());
    CapturedTerminal terminal = CapturedTerminal.withInput("");
    int exitCode =
        CommandLines.commandLine(terminal.terminal()).execute(all.toArray(String[]::new));
    return new Run(exitCode, terminal.out(), terminal.err());
  }

  /** Starts a node whose every batch becomes a part, however small it is. */
  Node start(Vertx vertx) {
    return Await.result(
        Node.start(
            vertx,
            ConfigReader.read(conf),
            PersistOptions.DEFAULTS.withInlinePartBytes(1),
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT)));
  }

  /** Makes a collection of several parts, and stops the node. */
  void fill(Vertx vertx, String collection, int parts) {
    Node node = start(vertx);
    Client client = new Client(node.port());
    create(client, collection);
    for (int i = 0; i < parts; i++) {
      publish(vertx, client, collection, 1_000 * i, 1_000 * i + 10);
    }
    Await.result(node.stop());
  }

  static void create(Client client, String collection) {
    Client.Reply reply = client.create(collection);
    if (reply.status() != 201) {
      throw new AssertionError(reply.body());
    }
  }

  /** A node that has just started answers 503 until it coordinates. */
  static void publish(Vertx vertx, Client client, String collection, int from, int to) {
    String rows =
        IntStream.range(from, to)
            .mapToObj(id -> "{\"id\": " + id + ", \"name\": \"row\"}\n")
            .collect(Collectors.joining());
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(READY_MILLIS);
    Client.Reply reply = client.post("/collections/" + collection + "/rows", rows);
    while (reply.status() == 503 && System.nanoTime() < deadline) {
      Await.result(vertx.timer(50));
      reply = client.post("/collections/" + collection + "/rows", rows);
    }
    if (reply.status() != 200) {
      throw new AssertionError(reply.body());
    }
  }

  /** The files of the parts below a folder, in order of their names. */
  static List<Path> parts(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(file -> file.toString().endsWith(".parquet")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
