package io.tidemark.launcher.cli;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * A stream whose sender has to be heard of. If nothing comes for too long it is closed, and reading
 * fails: a connection of which the network loses everything does not end by itself. Read by one
 * thread.
 */
final class HeardStream extends FilterInputStream {

  private final Duration silence;
  private final ScheduledExecutorService watch;
  private volatile boolean silent;

  /**
   * @param silence for how long nothing may come
   */
  HeardStream(InputStream in, Duration silence) {
    super(in);
    this.silence = silence;
    this.watch =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "tidemark-heard");
              thread.setDaemon(true);
              return thread;
            });
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int from, int count) throws IOException {
    Future<?> closing = watch.schedule(this::cut, silence.toMillis(), TimeUnit.MILLISECONDS);
    try {
      int read = in.read(bytes, from, count);
      if (silent) {
        throw silence();
      }
      return read;
    } catch (IOException e) {
      throw silent ? silence() : e;
    } finally {
      closing.cancel(false);
    }
  }

  private void cut() {
    silent = true;
    try {
      in.close();
    } catch (IOException e) {
      // it is of no use any more, and who reads is told why
    }
  }

  private IOException silence() {
    return new IOException("nothing was heard of it for " + silence.toMillis() + " ms");
  }

  @Override
  public void close() throws IOException {
    watch.shutdownNow();
    super.close();
  }
}
