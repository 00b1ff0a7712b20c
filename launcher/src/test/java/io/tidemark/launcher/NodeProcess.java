package io.tidemark.launcher;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The jar, as a process of its own in a folder of its own. */
final class NodeProcess implements AutoCloseable {

  private static final Pattern LISTENING =
      Pattern.compile("listening on http://127\\.0\\.0\\.1:(\\d+)");
  private static final long DEADLINE_SECONDS = 60;

  private final Process process;
  private final Path out;
  private final Path err;

  private NodeProcess(Process process, Path out, Path err) {
    this.process = process;
    this.out = out;
    this.err = err;
  }

  /** Starts {@code java -Xmx256m … -jar tidemark.jar args}. */
  static NodeProcess start(Path folder, List<String> properties, String... args)
      throws IOException {
    Path out = Files.createTempFile(folder, "out", ".txt");
    Path err = Files.createTempFile(folder, "err", ".txt");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx256m");
    command.add("-XX:TieredStopAtLevel=1");
    command.addAll(properties);
    command.addAll(List.of("-jar", System.getProperty("tidemark.jar")));
    command.addAll(List.of(args));
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    return new NodeProcess(process, out, err);
  }

  /** A node with the defaults, but for the port, which is any. */
  static NodeProcess node(Path folder) throws IOException {
    return start(folder, List.of("-Dtidemark.http.port=0"));
  }

  /** The port on which it listens, once it does. */
  int port() throws IOException, InterruptedException {
    Matcher listening = LISTENING.matcher(err());
    for (int waits = 0; !listening.find(); waits++) {
      assertTrue(process.isAlive() && waits < DEADLINE_SECONDS * 20, this::err);
      boolean unused = process.waitFor(50, TimeUnit.MILLISECONDS);
      listening = LISTENING.matcher(err());
    }
    return Integer.parseInt(listening.group(1));
  }

  /** SIGTERM. */
  void terminate() {
    process.destroy();
  }

  int exitCode() throws InterruptedException {
    assertTrue(process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS), this::err);
    return process.exitValue();
  }

  String out() {
    return read(out);
  }

  String err() {
    return read(err);
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().orTimeout(DEADLINE_SECONDS, TimeUnit.SECONDS).join();
  }
}
