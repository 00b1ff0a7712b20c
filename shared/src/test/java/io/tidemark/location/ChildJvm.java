package io.tidemark.location;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Another JVM on the class path of the tests, which writes lines. It should end when its standard
 * input does: so it does not outlive a test that fails.
 */
public final class ChildJvm implements AutoCloseable {

  private static final int DEADLINE_SECONDS = 60;

  /** Starts soon, and takes little. */
  private static final List<String> SMALL =
      List.of("-Xmx128m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");

  private final Process process;
  private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
  private final Thread reading;

  private ChildJvm(Process process) {
    this.process = process;
    this.reading = new Thread(this::read, "output of a child JVM");
    this.reading.start();
  }

  /** Starts {@code main}; what it keeps for itself goes to {@code temporary}. */
  public static ChildJvm start(Class<?> main, Path temporary, String... arguments)
      throws IOException {
    return start(List.of(), main, temporary, arguments);
  }

  /** Starts {@code main} by way of a command that runs the one given to it. */
  public static ChildJvm start(
      List<String> wrapper, Class<?> main, Path temporary, String... arguments) throws IOException {
    return start(wrapper, SMALL, main, temporary, arguments);
  }

  /** Starts {@code main} in a JVM with {@code options} of the test's own. */
  public static ChildJvm startWith(
      List<String> options, Class<?> main, Path temporary, String... arguments) throws IOException {
    return start(List.of(), options, main, temporary, arguments);
  }

  private static ChildJvm start(
      List<String> wrapper,
      List<String> options,
      Class<?> main,
      Path temporary,
      String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>(wrapper);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.add("-Djava.io.tmpdir=" + temporary);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(List.of(arguments));
    return new ChildJvm(
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
  }

  /** Ends this JVM once its standard input ends. For the child. */
  public static void endWithInput() {
    Thread watching =
        new Thread(
            () -> {
              awaitEndOfInput();
              Runtime.getRuntime().halt(0);
            });
    watching.setDaemon(true);
    watching.start();
  }

  private static void awaitEndOfInput() {
    try {
      long unused = System.in.transferTo(OutputStream.nullOutputStream());
    } catch (IOException e) {
      // An input that is broken has ended.
      return;
    }
  }

  /** Waits for the next line. */
  public String line() throws InterruptedException {
    String line = lines.poll(DEADLINE_SECONDS, TimeUnit.SECONDS);
    assertTrue(line != null, "the child JVM wrote nothing for " + DEADLINE_SECONDS + " s");
    return line;
  }

  /** Kills it, with no warning, and waits until it is gone. Returns the lines not read yet. */
  public List<String> kill() throws InterruptedException {
    // By its handle: the process object would close the pipe, with what is still in it.
    assertTrue(process.toHandle().destroyForcibly());
    return rest();
  }

  /** Waits until it has ended by itself. Returns the lines not read yet. */
  public List<String> finish() throws InterruptedException {
    List<String> rest = rest();
    assertEquals(0, process.exitValue());
    return rest;
  }

  private List<String> rest() throws InterruptedException {
    assertTrue(process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS));
    reading.join();
    return List.copyOf(lines);
  }

  private void read() {
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      StringBuilder line = new StringBuilder();
      for (int c = reader.read(); c >= 0; c = reader.read()) {
        if (c == '\n') {
          lines.add(line.toString());
          line.setLength(0);
        } else {
          line.append((char) c);
        }
      }
      // What is left is a line that it did not write to the end.
    } catch (IOException e) {
      lines.add("the output ended: " + e);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
