package io.tidemark.persist.consolidate;

import io.tidemark.location.DeterminateException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.zip.CRC32C;

/** Reads a spill file back, a chunk of records at a time. */
final class SpillReader implements AutoCloseable {

  /** One read moves at most this many bytes: the JVM copies them through memory of its own. */
  private static final int MAX_READ_BYTES = 1 << 17;

  private final SpillFile file;
  private final RowLayout layout;
  private final FileChannel channel;
  private final CRC32C crc = new CRC32C();
  private long unread;

  /** The bytes {@code [start, end)} of the chunk have been read but are not part of it yet. */
  private int start;

  private int end;

  SpillReader(SpillDirectory directory, SpillFile file, RowLayout layout) {
    this.file = file;
    this.layout = layout;
    this.unread = file.bytes();
    try {
      this.channel = directory.open(file.path());
    } catch (IOException e) {
      throw SpillDirectory.failed("open", file.path(), e);
    }
  }

  /** True iff not all records have been given out. */
  boolean hasMore() {
    return unread > 0 || start < end;
  }

  /** The bytes of the chunk that must stay where they are if it grows before the next read. */
  int keptBytes() {
    return end;
  }

  /**
   * Fills the chunk, always the same one, with the next records. Returns 0, or the bytes that the
   * chunk must have room for so that the next record fits.
   *
   * @throws DeterminateException if the file cannot be read or is not what was written
   */
  int read(RowChunk chunk) {
    byte[] data = chunk.data();
    System.arraycopy(data, start, data, 0, end - start);
    end -= start;
    start = 0;
    while (unread > 0 && end < chunk.capacityBytes()) {
      fill(data, chunk.capacityBytes() - end);
    }
    if (unread == 0 && crc.getValue() != file.crc32c()) {
      throw damaged("its checksum does not match");
    }
    return cut(chunk);
  }

  private void fill(byte[] data, int room) {
    int wanted = (int) Math.min(Math.min(room, MAX_READ_BYTES), unread);
    int read;
    try {
      read = channel.read(ByteBuffer.wrap(data, end, wanted));
    } catch (IOException e) {
      throw SpillDirectory.failed("read", file.path(), e);
    }
    if (read < 0) {
      throw damaged("it is cut short");
    }
    crc.update(data, end, read);
    end += read;
    unread -= read;
  }

  /** Finds the records in what was read. */
  private int cut(RowChunk chunk) {
    byte[] data = chunk.data();
    int rows = 0;
    int at = 0;
    int next = 0;
    while (rows < RowChunk.MAX_ROWS && end - at >= RowLayout.KEY) {
      next = at + checkedLength(data, at);
      if (next > end) {
        break;
      }
      chunk.starts()[rows++] = at;
      at = next;
    }
    chunk.starts()[rows] = at;
    chunk.rows(rows);
    start = at;
    return rows == 0 ? next : 0;
  }

  private int checkedLength(byte[] data, int at) {
    int keyLength = Words.intAt(data, at + RowLayout.KEY_LENGTH);
    long length = RowLayout.KEY + ((keyLength + 7L) & -8L);
    if (keyLength < layout.variable() - RowLayout.KEY || length > unread + (end - at)) {
      throw damaged("a record has an impossible length");
    }
    return (int) length;
  }

  private DeterminateException damaged(String how) {
    return new DeterminateException(
        "the spill file "
            + file.path()
            + " is damaged ("
            + how
            + "): check its disk and try again");
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw SpillDirectory.failed("close", file.path(), e);
    }
  }
}
