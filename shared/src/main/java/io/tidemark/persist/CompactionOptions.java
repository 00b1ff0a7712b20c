package io.tidemark.persist;

import java.nio.file.Path;
import java.time.Duration;

/**
 * When batches are rewritten as one, and in what. Batches that the spine has made one are worth it
 * if their parts are of as many batches, are as many, or have as many updates as any of the three
 * bounds.
 *
 * @param enabled whether it is done at all, beside when it is asked for
 * @param minInputs batches with parts in the blob store
 * @param minParts parts in the blob store
 * @param minUpdates updates in those parts
 * @param memoryBytes for telling rows apart; what does not fit is spilled. Beside it, four parts
 *     are in memory
 * @param spillDirectory under which it is spilled, in a folder of each compaction's own
 * @param timeoutMillis a compaction that takes longer is given up; one of much data has a second
 *     for each MiB
 */
public record CompactionOptions(
    boolean enabled,
    int minInputs,
    int minParts,
    long minUpdates,
    long memoryBytes,
    Path spillDirectory,
    long timeoutMillis) {

  /** What a node uses unless it is configured otherwise. */
  public static final CompactionOptions DEFAULTS =
      new CompactionOptions(
          true,
          8,
          8,
          1024,
          32 << 20,
          Path.of(System.getProperty("java.io.tmpdir"), "tidemark-spill"),
          Duration.ofSeconds(90).toMillis());

  /** The same, but spilling there. */
  public CompactionOptions withSpillDirectory(Path directory) {
    return new CompactionOptions(
        enabled, minInputs, minParts, minUpdates, memoryBytes, directory, timeoutMillis);
  }

  /** The same, but only done when it is asked for. */
  public CompactionOptions onDemand() {
    return new CompactionOptions(
        false, minInputs, minParts, minUpdates, memoryBytes, spillDirectory, timeoutMillis);
  }

  /** Whether rewriting these batches is worth it. What the state carries itself is left to it. */
  boolean isWorth(MergeRequest request) {
    int inputs = 0;
    int inline = 0;
    long parts = 0;
    long runs = 0;
    long updates = 0;
    for (SpineEntry entry : request.inputs()) {
      Batch batch = entry.batch();
      if (batch.inlineBytes() > 0) {
        inline++;
      } else if (!batch.parts().isEmpty()) {
        inputs++;
        parts += batch.parts().size();
        runs += batch.runs();
        updates += batch.updates();
      }
    }
    if (runs < 2) {
      // Nothing to read less of, but many batches of one run can be one in the state.
      return inline == 0 && request.inputs().size() >= minInputs;
    }
    return inputs >= minInputs || parts >= minParts || updates >= minUpdates;
  }
}
