package io.tidemark.persist.consolidate;

import io.tidemark.row.UpdateBlockBuilder;
import java.nio.file.Path;

/**
 * What a consolidation may use.
 *
 * @param memoryBytes the most memory it takes, beside the block that it is given and the one that
 *     it gives; {@link #MIN_MEMORY_BYTES} to {@link #MAX_MEMORY_BYTES}. A quarter of it bounds the
 *     size of one row
 * @param spillDirectory where it writes what does not fit. Its own: nobody else uses it. It is
 *     created when it is needed and deleted at the end; after a crash it is garbage
 * @param blockUpdates the most updates of a block that it gives
 * @param blockBytes a block ends with the update that brings its records to this many bytes
 */
public record ConsolidatorOptions(
    long memoryBytes, Path spillDirectory, int blockUpdates, long blockBytes) {

  /** Below it, the buffers would leave too little for rows. */
  public static final long MIN_MEMORY_BYTES = 256 << 10;

  /** Above it, addresses of records would not fit in their 32 bits. */
  public static final long MAX_MEMORY_BYTES = 16L << 30;

  public ConsolidatorOptions {
    check(
        memoryBytes >= MIN_MEMORY_BYTES && memoryBytes <= MAX_MEMORY_BYTES,
        "memoryBytes is " + memoryBytes,
        MIN_MEMORY_BYTES + " to " + MAX_MEMORY_BYTES);
    check(
        blockUpdates >= 1 && blockUpdates <= UpdateBlockBuilder.MAX_UPDATES,
        "blockUpdates is " + blockUpdates,
        "1 to " + UpdateBlockBuilder.MAX_UPDATES);
    check(
        blockBytes >= 1 && blockBytes <= UpdateBlockBuilder.MAX_BYTES,
        "blockBytes is " + blockBytes,
        "1 to " + UpdateBlockBuilder.MAX_BYTES);
  }

  private static void check(boolean holds, String what, String range) {
    if (!holds) {
      throw new IllegalArgumentException(what + ": give " + range);
    }
  }
}
