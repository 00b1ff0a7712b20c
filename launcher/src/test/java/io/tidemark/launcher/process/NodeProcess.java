package io.tidemark.launcher.process;

import io.tidemark.launcher.CommandLines;
import io.tidemark.launcher.cli.CapturedTerminal;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;

/** A node in a process of its own, at an address that outlives it. */
final class NodeProcess implements AutoCloseable {

  private static final int DEADLINE_ROUNDS = 2_000;
  private static final long ROUND_MILLIS = 30;

  private final Path folder;
  private final Path data;
  private final int port;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private JarProcess process;

  NodeProcess(Path folder) throws IOException {
    this.folder = folder;
    this.data = folder.resolve("data");
    try (ServerSocket free = new ServerSocket(0)) {
      this.port = free.getLocalPort();
    }
  }

  String url() {
    return "http://127.0.0.1:" + port;
  }

  Path data() {
    return data;
  }

  void start() throws IOException {
    process =
        JarProcess.start(
            folder,
            List.of(
                "-Xmx128m",
                "-Dtidemark.http.port=" + port,
                "-Dtidemark.store.consensus=sqlite:" + data,
                "-Dtidemark.store.blob=file:" + data.resolve("parts"),
                "-Dtidemark.snapshot.spillFolder=" + data.resolve("spill")),
            List.of("-conf", "{}"));
  }

  void kill() throws InterruptedException {
    process.kill();
  }

  int terminate() throws InterruptedException {
    return process.terminate();
  }

  /** Runs a command in this JVM. Returns what it prints, or null if it fails. */
  String run(String... arguments) {
    CapturedTerminal terminal = CapturedTerminal.withInput("");
    String[] all = new String[arguments.length + 1];
    System.arraycopy(arguments, 0, all, 0, arguments.length);
    all[arguments.length] = "--url=" + url();
    return CommandLines.commandLine(terminal.terminal()).execute(all) == 0 ? terminal.out() : null;
  }

  /** Waits until the node shows a collection with more than so many updates. Returns it. */
  JsonObject awaitUpdates(String collection, long more) throws InterruptedException {
    for (int round = 0; round < DEADLINE_ROUNDS; round++) {
      JsonObject shown = get("/collections/" + collection);
      if (shown != null && shown.getLong("updates", -1L) > more) {
        return shown;
      }
      pause(ROUND_MILLIS);
    }
    throw new AssertionError("no more than " + more + " updates: " + process.err());
  }

  /** Waits until the node answers. */
  void awaitReady() throws InterruptedException {
    for (int round = 0; get("/collections") == null; round++) {
      if (round == DEADLINE_ROUNDS || !process.isAlive()) {
        throw new AssertionError("the node does not answer: " + process.err());
      }
      pause(ROUND_MILLIS);
    }
  }

  /** What the node answers; null if it does not. */
  private JsonObject get(String path) throws InterruptedException {
    try {
      HttpResponse<String> response =
          http.send(
              HttpRequest.newBuilder(URI.create(url() + path)).build(),
              HttpResponse.BodyHandlers.ofString());
      return response.statusCode() == 200 ? new JsonObject(response.body()) : null;
    } catch (IOException e) {
      return null; // it is away
    }
  }

  static void pause(long millis) throws InterruptedException {
    CapturedTerminal.pause(millis);
  }

  @Override
  public void close() {
    if (process != null) {
      process.close();
    }
  }
}
