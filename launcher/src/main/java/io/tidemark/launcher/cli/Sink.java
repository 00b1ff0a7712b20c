package io.tidemark.launcher.cli;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** Standard output, which somebody may stop reading; flushed when closed. */
final class Sink implements AutoCloseable {

  private static final int BUFFER_BYTES = 64 << 10;

  private final OutputStream out;

  Sink(OutputStream out) {
    this.out = new BufferedOutputStream(out, BUFFER_BYTES);
  }

  /** Nobody reads any more. */
  static final class ClosedException extends IOException {
    private static final long serialVersionUID = 1;

    ClosedException(IOException cause) {
      super("nobody reads the output any more", cause);
    }
  }

  void write(byte[] bytes, int length) throws ClosedException {
    try {
      out.write(bytes, 0, length);
    } catch (IOException e) {
      throw new ClosedException(e);
    }
  }

  void line(String line) throws ClosedException {
    byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
    write(bytes, bytes.length);
  }

  /** Lets whoever reads have what was written. */
  void flush() throws ClosedException {
    try {
      out.flush();
    } catch (IOException e) {
      throw new ClosedException(e);
    }
  }

  @Override
  public void close() throws ClosedException {
    flush();
  }
}
