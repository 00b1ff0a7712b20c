package io.tidemark.launcher.faults;

import io.tidemark.environment.CrashPoint;
import io.tidemark.environment.Failpoints;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Lets a node die, freeze or fail at a crash point. Nodes find it as a service, which only this
 * harness puts on their class path. A point is armed for all nodes at once by a file of its name in
 * a folder that they share; the first that gets there takes the file away, and acts.
 */
public final class CrashingFailpoints implements Failpoints {

  /** The system property that names the folder. */
  static final String PROPERTY = "faults.folder";

  /** The exit code of a process that died on purpose. */
  static final int EXIT_CRASHED = 77;

  /** What is done at the point. */
  enum Action {
    /** The process ends at once, as by {@code kill -9}. */
    HALT,
    /** The process freezes; somebody else wakes it. */
    FREEZE,
    /** The step throws. */
    THROW
  }

  private final Path folder = Path.of(System.getProperty(PROPERTY, ""));

  @Override
  public void reached(String name) {
    Path armed = folder.resolve(name);
    if (!armed.toFile().exists()) {
      return;
    }
    try {
      Path mine = folder.resolve(name + "." + ThreadLocalRandom.current().nextLong());
      Files.move(armed, mine, StandardCopyOption.ATOMIC_MOVE);
      Action action = Action.valueOf(Files.readString(mine));
      System.out.println(said(name) + System.nanoTime());
      System.out.flush();
      act(action, name);
    } catch (NoSuchFileException e) {
      return; // another one was first
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void act(Action action, String name) throws IOException {
    if (action == Action.HALT) {
      Runtime.getRuntime().halt(EXIT_CRASHED);
    } else if (action == Action.FREEZE) {
      freeze();
    } else {
      throw new IllegalStateException("thrown on purpose at " + name);
    }
  }

  private static void freeze() throws IOException {
    try {
      String me = Long.toString(ProcessHandle.current().pid());
      int unused = new ProcessBuilder("kill", "-STOP", me).start().waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What a process prints when it acts, before the time on the machine's monotonic clock. */
  static String said(String point) {
    return "crash point " + point.toUpperCase(Locale.ROOT) + " reached at ";
  }

  /** Arms a point. */
  static void arm(Path folder, CrashPoint point, Action action) throws IOException {
    Path prepared = Files.writeString(folder.resolve("next"), action.name());
    Files.move(prepared, folder.resolve(point.name()), StandardCopyOption.ATOMIC_MOVE);
  }

  /** Takes back what nobody reached. Returns whether nobody had. */
  static boolean disarm(Path folder, CrashPoint point) throws IOException {
    return Files.deleteIfExists(folder.resolve(point.name()));
  }
}
