package io.tidemark.persist.consolidate;

import java.nio.channels.FileChannel;

/**
 * What tests change to reach the rare paths quickly.
 *
 * @param hash how rows are hashed
 * @param fanOut how many partitions a table spills to: a power of two. Bounds the open files
 * @param maxDepth how many times a row may be spilled
 * @param opener how spill files are opened
 */
record Tuning(RowHash hash, int fanOut, int maxDepth, FileOpener opener) {

  /**
   * 32 partitions divide what does not fit by 32, with buffers that are large enough still; six
   * times over that is a thousand million times the memory, so more can only be colliding hashes.
   */
  static final Tuning PRODUCTION = new Tuning(new RowHash.Multiplied(), 32, 6, FileChannel::open);

  Tuning {
    if (Integer.bitCount(fanOut) != 1) {
      throw new IllegalArgumentException("the fan-out is a power of two, not " + fanOut);
    }
  }
}
