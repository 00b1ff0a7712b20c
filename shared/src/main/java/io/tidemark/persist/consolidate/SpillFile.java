package io.tidemark.persist.consolidate;

import java.nio.file.Path;

/**
 * One partition on disk: records end to end, as {@link RowLayout} draws them, and nothing else.
 *
 * @param path where it is
 * @param level the level at which its rows are consolidated: one more than that of their spilling
 * @param bytes how long it is
 * @param crc32c the checksum of all its bytes
 */
record SpillFile(Path path, int level, long bytes, long crc32c) {}
