package io.tidemark.launcher.cli;

import io.tidemark.environment.Clock;
import io.tidemark.environment.VertxEnvironment;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * What a command is connected to.
 *
 * @param in standard input
 * @param out standard output: what was asked for, and nothing else. Throws when nobody reads it
 * @param err standard error: progress and what went wrong
 * @param interactive whether a person looks on
 * @param pause waits
 */
public record Terminal(
    InputStream in,
    OutputStream out,
    PrintStream err,
    boolean interactive,
    Clock clock,
    Pause pause) {

  /** Waits for a while. */
  @FunctionalInterface
  public interface Pause {

    /** Blocks for so long, or less if the thread is interrupted, which then fails. */
    void millis(long millis) throws InterruptedException;
  }

  /** What this process is connected to. */
  @SuppressWarnings("SystemConsoleNull") // newer JDKs see one everywhere: then TERM decides
  public static Terminal ofProcess() {
    return new Terminal(
        System.in,
        new FileOutputStream(FileDescriptor.out),
        System.err,
        System.console() != null && System.getenv("TERM") != null,
        VertxEnvironment.clock(),
        millis -> {
          boolean unused = new CountDownLatch(1).await(millis, TimeUnit.MILLISECONDS);
        });
  }
}
