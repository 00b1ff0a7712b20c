package io.tidemark.launcher.faults;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One node of a cluster: a place with an address, in which a process lives, dies and comes back.
 */
final class ClusterNode implements AutoCloseable {

  /** One that leaves an archive of its classes behind takes long. */
  private static final long END_SECONDS = 180;

  private final Place place;
  private final List<String> options;
  private final List<String> arguments;
  private final Path log;
  private Process process;

  /**
   * Where a node is.
   *
   * @param busAddress where the other nodes reach it
   * @param hazelcastPort on that address
   * @param httpAddress where clients reach it
   * @param command what runs a command at that place; empty for this machine as it is
   */
  record Place(
      String name,
      String busAddress,
      int hazelcastPort,
      String httpAddress,
      int httpPort,
      List<String> command) {

    String url() {
      return "http://" + httpAddress + ":" + httpPort;
    }
  }

  /**
   * @param options of the JVM
   * @param arguments what it runs
   */
  ClusterNode(Place place, Path folder, List<String> options, List<String> arguments) {
    this.place = place;
    this.options = options;
    this.arguments = arguments;
    this.log = folder.resolve(place.name() + ".log");
    Runtime.getRuntime().addShutdownHook(new Thread(this::close));
  }

  Place place() {
    return place;
  }

  String name() {
    return place.name();
  }

  /** Starts the process; it may take a while until it is a member. */
  void start() throws IOException {
    List<String> command = new ArrayList<>(place.command());
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx192m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    command.addAll(options);
    command.addAll(arguments);
    process =
        new ProcessBuilder(command)
            .directory(log.getParent().toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
  }

  boolean isAlive() {
    return process != null && process.isAlive();
  }

  /** {@code kill -9}, and waits until it is gone. Returns when it was sent. */
  @CanIgnoreReturnValue
  long kill() throws InterruptedException {
    signal("KILL");
    long nanos = System.nanoTime();
    awaitEnd();
    return nanos;
  }

  /** Freezes it where it is. */
  void freeze() throws InterruptedException {
    signal("STOP");
  }

  /** Lets it go on as if nothing had been. */
  void resume() throws InterruptedException {
    signal("CONT");
  }

  /** Asks it to stop in order. */
  void terminate() throws InterruptedException {
    signal("TERM");
  }

  /** Stops it, unless it has died already, as it may have where a crash point is armed. */
  boolean freezeIfAlive() throws InterruptedException {
    return sent("STOP");
  }

  private void signal(String name) throws InterruptedException {
    if (!sent(name)) {
      throw new AssertionError("SIG" + name + " did not reach " + place.name());
    }
  }

  private boolean sent(String name) throws InterruptedException {
    try {
      Process kill =
          new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).inheritIO().start();
      return kill.waitFor() == 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits until the process has ended, however that came about. Returns its exit code. */
  @CanIgnoreReturnValue
  int awaitEnd() throws InterruptedException {
    if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
      throw new AssertionError(place.name() + " does not end: " + tail());
    }
    return process.exitValue();
  }

  /** Everything that it has logged, all its lives. */
  String log() {
    try {
      return Files.exists(log) ? Files.readString(log, StandardCharsets.UTF_8) : "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where its log ends now. */
  int logged() {
    return log().length();
  }

  /** The end of its log, for who has to find out what happened. */
  String tail() {
    String all = log();
    return place.name() + ": …" + all.substring(Math.max(0, all.length() - 3_000));
  }

  /** The greatest epoch that it has begun, 0 if it has begun none. */
  long lastEpochBegun(String collection) {
    Matcher begun =
        Pattern.compile("'" + Pattern.quote(collection) + "' epoch (\\d+) begins").matcher(log());
    long last = 0;
    while (begun.find()) {
      last = Math.max(last, Long.parseLong(begun.group(1)));
    }
    return last;
  }

  @Override
  public void close() {
    Process last = process;
    if (last != null) {
      Object unused =
          last.destroyForcibly().onExit().join(); // it writes into its folder until then
    }
  }
}
