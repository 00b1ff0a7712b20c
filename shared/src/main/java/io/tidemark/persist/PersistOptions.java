package io.tidemark.persist;

import io.tidemark.environment.Retry;
import java.time.Duration;

/**
 * The bounds of a shard.
 *
 * @param inlinePartBytes a batch whose updates take fewer bytes than this is carried in the state
 * @param inlineAppendBytes one append carries up to so many inline bytes into the state; what has
 *     more goes into a part
 * @param inlineTotalBytes the state carries fewer inline bytes than this in all
 * @param mergeInlineBytes inline parts are merged into one object once they take this many bytes…
 * @param mergeInlineBatches …or this many batches have come since the last merge
 * @param spillBytes updates are streamed into parts once they take this many bytes in memory
 * @param partBytes a part is closed once its updates take this many bytes in memory
 * @param uploads how many parts of one batch are uploaded at once; the next waits
 * @param rollupVersions a rollup is written once this many versions have come since the last one
 *     and they take as many bytes as it did…
 * @param rollupMaxVersions …or once this many have come, whatever they take
 * @param producerRetentionMillis a producer that is idle for longer is forgotten
 * @param retry how long stores are tried again
 * @param reads how readers are kept
 * @param compaction when batches are rewritten as one
 */
public record PersistOptions(
    long inlinePartBytes,
    long inlineAppendBytes,
    long inlineTotalBytes,
    long mergeInlineBytes,
    int mergeInlineBatches,
    long spillBytes,
    long partBytes,
    int uploads,
    int rollupVersions,
    int rollupMaxVersions,
    long producerRetentionMillis,
    Retry.Policy retry,
    ReadOptions reads,
    CompactionOptions compaction) {

  /** What a node uses unless it is configured otherwise. */
  public static final PersistOptions DEFAULTS =
      new PersistOptions(
          32 << 10,
          64 << 10,
          1 << 20,
          256 << 10,
          1024,
          1 << 20,
          16 << 20,
          2,
          128,
          2048,
          Duration.ofDays(7).toMillis(),
          new Retry.Policy(4, 1_000, 30_000));

  /** Bounds with readers and compaction as by default. */
  public PersistOptions(
      long inlinePartBytes,
      long inlineAppendBytes,
      long inlineTotalBytes,
      long mergeInlineBytes,
      int mergeInlineBatches,
      long spillBytes,
      long partBytes,
      int uploads,
      int rollupVersions,
      int rollupMaxVersions,
      long producerRetentionMillis,
      Retry.Policy retry) {
    this(
        inlinePartBytes,
        inlineAppendBytes,
        inlineTotalBytes,
        mergeInlineBytes,
        mergeInlineBatches,
        spillBytes,
        partBytes,
        uploads,
        rollupVersions,
        rollupMaxVersions,
        producerRetentionMillis,
        retry,
        ReadOptions.DEFAULTS,
        CompactionOptions.DEFAULTS);
  }

  public PersistOptions {
    if (inlinePartBytes > inlineTotalBytes || mergeInlineBytes > inlineTotalBytes) {
      throw new IllegalArgumentException("an inline bound is past the total of inline bytes");
    }
    if (partBytes < 1 || uploads < 1 || rollupVersions < 1 || rollupMaxVersions < rollupVersions) {
      throw new IllegalArgumentException("a bound of the shard is below 1, or below its floor");
    }
  }

  /** The same, but with readers kept so. */
  public PersistOptions withReads(ReadOptions newReads) {
    return new PersistOptions(
        inlinePartBytes,
        inlineAppendBytes,
        inlineTotalBytes,
        mergeInlineBytes,
        mergeInlineBatches,
        spillBytes,
        partBytes,
        uploads,
        rollupVersions,
        rollupMaxVersions,
        producerRetentionMillis,
        retry,
        newReads,
        compaction);
  }

  /** The same, but with this bound on the bytes of a batch that the state carries itself. */
  public PersistOptions withInlinePartBytes(long bytes) {
    return new PersistOptions(
        bytes,
        inlineAppendBytes,
        inlineTotalBytes,
        mergeInlineBytes,
        mergeInlineBatches,
        spillBytes,
        partBytes,
        uploads,
        rollupVersions,
        rollupMaxVersions,
        producerRetentionMillis,
        retry,
        reads,
        compaction);
  }

  /** The same, but compacted so. */
  public PersistOptions withCompaction(CompactionOptions newCompaction) {
    return new PersistOptions(
        inlinePartBytes,
        inlineAppendBytes,
        inlineTotalBytes,
        mergeInlineBytes,
        mergeInlineBatches,
        spillBytes,
        partBytes,
        uploads,
        rollupVersions,
        rollupMaxVersions,
        producerRetentionMillis,
        retry,
        reads,
        newCompaction);
  }
}
