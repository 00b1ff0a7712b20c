package io.tidemark.launcher.process;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Writes a stream of rows to a process: always the same rows from the first on, those that another
 * process has had at full speed, new ones at a pace, until it is told to end.
 */
final class EndlessRows implements AutoCloseable {

  private static final int BURST_ROWS = 60;
  private static final long BURST_MILLIS = 10;

  private final OutputStream out;
  private final Thread writing;
  private final CountDownLatch ending = new CountDownLatch(1);
  private final AtomicLong written = new AtomicLong();

  EndlessRows(OutputStream out, long known) {
    this.out = out;
    this.writing = new Thread(() -> write(known), "rows");
    this.writing.start();
  }

  static String row(long id) {
    return "{\"id\": " + id + ", \"text\": \"row " + id * 31 + "\"}\n";
  }

  private void write(long known) {
    try (out) {
      boolean end = false;
      while (!end) {
        StringBuilder burst = new StringBuilder();
        for (int i = 0; i < BURST_ROWS; i++) {
          burst.append(row(written.get() + i));
        }
        out.write(burst.toString().getBytes(StandardCharsets.US_ASCII));
        out.flush();
        end =
            written.addAndGet(BURST_ROWS) >= known
                && ending.await(BURST_MILLIS, TimeUnit.MILLISECONDS);
      }
    } catch (IOException | InterruptedException e) {
      return; // the process was killed
    }
  }

  /** How many rows were written. */
  long written() {
    return written.get();
  }

  /** Ends the stream, after all rows that are known. Returns how many there were. */
  long end() throws InterruptedException {
    ending.countDown();
    writing.join();
    return written.get();
  }

  @Override
  public void close() {
    ending.countDown();
  }
}
