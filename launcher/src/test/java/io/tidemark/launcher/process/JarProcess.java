package io.tidemark.launcher.process;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A process of the jar that was built. What it prints goes to files. Killed with the test. */
public final class JarProcess implements AutoCloseable {

  private static final int DEADLINE_SECONDS = 120;

  private final Process process;
  private final Path out;
  private final Path err;

  private JarProcess(Process process, Path out, Path err) {
    this.process = process;
    this.out = out;
    this.err = err;
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
  }

  /**
   * Starts {@code java OPTIONS -jar tidemark.jar ARGUMENTS}.
   *
   * @param folder where its files go; the folder in which it runs
   */
  public static JarProcess start(Path folder, List<String> options, List<String> arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto"));
    command.addAll(options);
    command.addAll(List.of("-jar", System.getProperty("tidemark.jar")));
    command.addAll(arguments);
    Path out = Files.createTempFile(folder, "out-", ".txt");
    Path err = Files.createTempFile(folder, "err-", ".txt");
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    return new JarProcess(process, out, err);
  }

  /** What it reads. */
  public OutputStream in() {
    return process.getOutputStream();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** {@code kill -9}, and waits until it is gone. */
  public void kill() throws InterruptedException {
    assertTrue(process.isAlive(), () -> "it had ended already: " + err());
    assertTrue(process.toHandle().destroyForcibly());
    assertTrue(process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS));
  }

  /** {@code kill}, and waits until it has ended by itself. Returns the exit code. */
  public int terminate() throws InterruptedException {
    beginTermination();
    return exitCode();
  }

  /** {@code kill}. */
  void beginTermination() {
    process.destroy();
  }

  /** Waits until it has ended by itself. */
  public int exitCode() throws InterruptedException {
    assertTrue(process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS), () -> "it goes on: " + err());
    return process.exitValue();
  }

  /** What it has printed on standard output until now. */
  public String out() {
    return read(out.toFile());
  }

  /** What it has printed on standard error until now. */
  public String err() {
    return read(err.toFile());
  }

  private static String read(File file) {
    try {
      return Files.readString(file.toPath(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    Process unused = process.destroyForcibly();
  }
}
