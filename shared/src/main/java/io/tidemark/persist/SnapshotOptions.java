package io.tidemark.persist;

import java.nio.file.Path;

/**
 * What one reading of a snapshot may use.
 *
 * @param memoryBytes for telling rows apart; what does not fit is spilled
 * @param spillDirectory under which it is spilled, in a folder of the snapshot's own
 * @param blockUpdates the most rows of a block that is given
 * @param waitMillis how long to wait until the time is complete
 */
public record SnapshotOptions(
    long memoryBytes, Path spillDirectory, int blockUpdates, long waitMillis) {

  /** The bytes at which a block ends that has not as many rows. */
  static final long BLOCK_BYTES = 4 << 20;
}
