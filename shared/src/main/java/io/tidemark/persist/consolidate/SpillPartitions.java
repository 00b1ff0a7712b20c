package io.tidemark.persist.consolidate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the rows of a table go that does not fit: one file per value of some bits of their hashes.
 * Equal rows meet in one file again.
 */
final class SpillPartitions implements AutoCloseable {

  private final SpillDirectory directory;
  private final int level;
  private final byte[][] buffers;
  private final @Nullable SpillWriter[] writers;

  /**
   * As many partitions as buffers, a power of two.
   *
   * @param level at which the partitions will be consolidated
   * @param buffers of equal length, a multiple of 8; to be used by nobody else meanwhile
   */
  SpillPartitions(SpillDirectory directory, int level, byte[][] buffers) {
    this.directory = directory;
    this.level = level;
    this.buffers = buffers;
    this.writers = new SpillWriter[buffers.length];
  }

  /** Writes all records of the table that do not sum to 0. The table stays as it is. */
  void write(RowTable table) {
    RecordCursor cursor = table.records();
    while (cursor.hasNext()) {
      byte[] segment = cursor.segment();
      int at = cursor.offset();
      int length = RowLayout.recordBytes(segment, at);
      if (!RowLayout.sumIsZero(segment, at)) {
        writer(table.partitionOf(segment, at, buffers.length)).write(segment, at, length);
      }
      cursor.advance(at + length, 1);
    }
  }

  private SpillWriter writer(int partition) {
    SpillWriter writer = writers[partition];
    if (writer == null) {
      writer = new SpillWriter(directory, level, buffers[partition]);
      writers[partition] = writer;
    }
    return writer;
  }

  /** Closes the files and returns them, by partition. */
  List<SpillFile> finish() {
    List<SpillFile> files = new ArrayList<>();
    for (SpillWriter writer : writers) {
      if (writer != null) {
        files.add(writer.finish());
      }
    }
    Arrays.fill(writers, null);
    return files;
  }

  /** Closes the files that are open still; what is in them is lost. */
  @Override
  public void close() {
    for (SpillWriter writer : writers) {
      if (writer != null) {
        writer.close();
      }
    }
    Arrays.fill(writers, null);
  }
}
