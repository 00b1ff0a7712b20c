package io.tidemark.persist.consolidate;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.zip.CRC32C;

/** Writes one spill file, front to back, through a buffer that it is lent. */
final class SpillWriter implements AutoCloseable {

  private final SpillDirectory directory;
  private final int level;
  private final byte[] buffer;
  private final Path path;
  private final FileChannel channel;
  private final CRC32C crc = new CRC32C();
  private int buffered;
  private long bytes;

  SpillWriter(SpillDirectory directory, int level, byte[] buffer) {
    this.directory = directory;
    this.level = level;
    this.buffer = buffer;
    this.path = directory.newPath();
    try {
      this.channel = directory.create(path);
    } catch (IOException e) {
      throw SpillDirectory.failed("create", path, e);
    }
  }

  /** Writes a record of {@code length} bytes, a multiple of 8. */
  void write(byte[] data, int from, int length) {
    int at = from;
    int end = from + length;
    while (at < end) {
      if (buffered == buffer.length) {
        flush();
      }
      int part = Math.min(end - at, buffer.length - buffered);
      System.arraycopy(data, at, buffer, buffered, part);
      buffered += part;
      at += part;
    }
  }

  private void flush() {
    crc.update(buffer, 0, buffered);
    ByteBuffer out = ByteBuffer.wrap(buffer, 0, buffered);
    try {
      while (out.hasRemaining()) {
        directory.count(channel.write(out), level);
      }
    } catch (IOException e) {
      throw SpillDirectory.failed("write", path, e);
    }
    bytes += buffered;
    buffered = 0;
  }

  /** Writes what is left in the buffer, closes the file and describes it. */
  SpillFile finish() {
    flush();
    close();
    return new SpillFile(path, level, bytes, crc.getValue());
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw SpillDirectory.failed("close", path, e);
    }
  }
}
