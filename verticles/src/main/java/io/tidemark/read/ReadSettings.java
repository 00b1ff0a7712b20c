package io.tidemark.read;

import io.tidemark.persist.SnapshotOptions;
import io.tidemark.persist.consolidate.ConsolidatorOptions;
import java.nio.file.Path;

/**
 * The bounds of the readings of one node.
 *
 * @param maxSessions how many readings there are at once
 * @param maxLarge how many of them may, at once, put a large step in order, which takes {@code
 *     memoryBytes} (twice that for the contents at one time); the others wait
 * @param maxUnreceived how many blocks of one reading may be on their way
 * @param blockBytes a block ends with the update that brings it to this many bytes; what a step has
 *     together up to it is one block
 * @param memoryBytes what one large step takes
 * @param spillFolder where what does not fit is kept
 * @param holdMillis how long a request may wait for updates before it is answered with none
 * @param silentMillis a reading for which nobody has asked for so long is closed
 * @param refreshMillis how often the list of collections is looked at, and what readings need told
 */
public record ReadSettings(
    int maxSessions,
    int maxLarge,
    int maxUnreceived,
    long blockBytes,
    long memoryBytes,
    Path spillFolder,
    long holdMillis,
    long silentMillis,
    long refreshMillis) {

  /** The most updates of a block. */
  private static final int BLOCK_UPDATES = 8_192;

  /** How long a snapshot may wait until its time is complete: nothing else can be given before. */
  private static final long SNAPSHOT_WAIT_MILLIS = 20_000;

  public ReadSettings {
    if (maxSessions < 1 || maxLarge < 1 || maxUnreceived < 1 || blockBytes < 1) {
      throw new IllegalArgumentException("a read setting is below 1");
    }
  }

  /** What holds if a node says no more than how much a large step takes, and where. */
  public static ReadSettings of(long memoryBytes, Path spillFolder) {
    return new ReadSettings(64, 4, 4, 256 << 10, memoryBytes, spillFolder, 2_000, 30_000, 5_000);
  }

  SnapshotOptions snapshot() {
    return new SnapshotOptions(memoryBytes, spillFolder, BLOCK_UPDATES, SNAPSHOT_WAIT_MILLIS);
  }

  /**
   * What one step may use.
   *
   * @param id no other step's
   */
  ConsolidatorOptions step(String id) {
    return new ConsolidatorOptions(
        memoryBytes, spillFolder.resolve("step-" + id), BLOCK_UPDATES, blockBytes);
  }
}
