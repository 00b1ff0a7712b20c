package io.tidemark.launcher.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Whole lines of a stream, gathered while the ones before are being sent: so a chunk is small when
 * input is slow, and grows to its bound when sending is. A thread of its own reads ahead, by one
 * chunk and not more.
 */
final class LineChunks implements AutoCloseable {

  /** A chunk is full with the line that takes it past this: half of what a node takes at once. */
  static final int CHUNK_BYTES = 512 << 10;

  /** The longest line: more than any node takes, and little enough to hold. */
  static final int MAX_LINE_BYTES = 16 << 20;

  private static final int READ_BYTES = 64 << 10;

  private final InputStream in;
  private byte[] gathered = new byte[READ_BYTES];
  private int length;

  /** How many of the gathered bytes are whole lines, and how many lines that is. */
  private int whole;

  private long lines;
  private long firstLine = 1;
  private boolean ended;
  private boolean closed;
  private @Nullable IOException failure;

  /** Begins to read. */
  LineChunks(InputStream in) {
    this.in = in;
    Thread reading = new Thread(this::read, "tidemark-input");
    reading.setDaemon(true);
    reading.start();
  }

  /** Waits for lines; null once there are no more, or as {@link #poll}. */
  synchronized @Nullable Chunk take() throws IOException, InterruptedException {
    while (whole == 0 && !ended) {
      wait();
    }
    return chunk();
  }

  /** A full chunk, or the last one; null if there is none now. Does not wait. */
  synchronized @Nullable Chunk poll() throws IOException {
    return whole >= CHUNK_BYTES || ended ? chunk() : null;
  }

  /**
   * @throws IOException if there are no more lines since the stream failed, or one is too long
   */
  private @Nullable Chunk chunk() throws IOException {
    if (whole == 0) {
      if (failure != null) {
        throw failure;
      }
      return null;
    }
    Chunk chunk = new Chunk(gathered, 0, whole, firstLine);
    // The bytes belong to the chunk from now on: go on with a copy of what is not a line yet.
    gathered = Arrays.copyOfRange(gathered, whole, whole + Math.max(READ_BYTES, length - whole));
    length -= whole;
    firstLine += lines;
    whole = 0;
    lines = 0;
    notifyAll();
    return chunk;
  }

  private void read() {
    byte[] buffer = new byte[READ_BYTES];
    try {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        if (!add(buffer, n)) {
          return;
        }
      }
      end(null);
    } catch (IOException e) {
      end(e);
    } catch (InterruptedException e) {
      end(new IOException("interrupted", e));
    }
  }

  /** Adds what was read, once there is room. False if nobody takes it any more. */
  private synchronized boolean add(byte[] read, int n) throws IOException, InterruptedException {
    while (whole >= CHUNK_BYTES && !closed) {
      wait();
    }
    if (length - whole + n > MAX_LINE_BYTES) {
      throw new IOException(
          "line " + (firstLine + lines) + " is longer than " + MAX_LINE_BYTES + " bytes");
    }
    if (length + n > gathered.length) {
      gathered = Arrays.copyOf(gathered, Math.max(length + n, gathered.length * 2));
    }
    System.arraycopy(read, 0, gathered, length, n);
    for (int i = 0; i < n; i++) {
      if (read[i] == '\n') {
        lines++;
        whole = length + i + 1;
      }
    }
    length += n;
    notifyAll();
    return !closed;
  }

  /** The last line may have no line end. */
  private synchronized void end(@Nullable IOException cause) {
    failure = cause;
    ended = true;
    if (cause == null && length > whole) {
      lines++;
      whole = length;
    }
    notifyAll();
  }

  /** Stops reading ahead, as soon as what is being read has come. */
  @Override
  public synchronized void close() {
    closed = true;
    notifyAll();
  }
}
