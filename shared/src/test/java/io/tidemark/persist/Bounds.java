package io.tidemark.persist;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.tidemark.environment.Retry;

/** Options of a shard, one bound at a time changed from the defaults. */
final class Bounds {

  private long inlinePartBytes = PersistOptions.DEFAULTS.inlinePartBytes();
  private long inlineAppendBytes = PersistOptions.DEFAULTS.inlineAppendBytes();
  private long inlineTotalBytes = PersistOptions.DEFAULTS.inlineTotalBytes();
  private long mergeInlineBytes = PersistOptions.DEFAULTS.mergeInlineBytes();
  private int mergeInlineBatches = PersistOptions.DEFAULTS.mergeInlineBatches();
  private long spillBytes = PersistOptions.DEFAULTS.spillBytes();
  private long partBytes = PersistOptions.DEFAULTS.partBytes();
  private int uploads = PersistOptions.DEFAULTS.uploads();
  private int rollupVersions = PersistOptions.DEFAULTS.rollupVersions();
  private int rollupMaxVersions = PersistOptions.DEFAULTS.rollupMaxVersions();
  private long producerRetentionMillis = PersistOptions.DEFAULTS.producerRetentionMillis();
  private Retry.Policy retry = PersistOptions.DEFAULTS.retry();
  private ReadOptions reads = PersistOptions.DEFAULTS.reads();
  private CompactionOptions compaction = CompactionOptions.DEFAULTS;

  PersistOptions build() {
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
        compaction);
  }

  @CanIgnoreReturnValue
  Bounds inlinePartBytes(long value) {
    inlinePartBytes = value;
    return this;
  }

  @CanIgnoreReturnValue
  Bounds inlineAppendBytes(long value) {
    inlineAppendBytes = value;
    return this;
  }

  @CanIgnoreReturnValue
  Bounds inlineTotalBytes(long value) {
    inlineTotalBytes = value;
    return this;
  }

  @CanIgnoreReturnValue
  Bounds mergeInlineBytes(long value) {
    mergeInlineBytes = value;
    return this;
  }

  @CanIgnoreReturnValue
  Bounds mergeInlineBatches(int value) {
    mergeInlineBatches = value;
    return this;
  }

  @CanIgnoreReturnValue
  Bounds spillBytes(long value) {
    spillBytes = value;
    return this;
  }

  @CanIgnoreReturnValue
  Bounds partBytes(long value) {
    partBytes = value;
    return this;
  }

  @CanIgnoreReturnValue
  Bounds uploads(int value) {
    uploads = value;
    return this;
  }

  @CanIgnoreReturnValue
  Bounds rollups(int versions, int maxVersions) {
    rollupVersions = versions;
    rollupMaxVersions = maxVersions;
    return this;
  }

  @CanIgnoreReturnValue
  Bounds producerRetentionMillis(long value) {
    producerRetentionMillis = value;
    return this;
  }

  @CanIgnoreReturnValue
  Bounds retry(Retry.Policy value) {
    retry = value;
    return this;
  }

  @CanIgnoreReturnValue
  Bounds reads(ReadOptions value) {
    reads = value;
    return this;
  }

  @CanIgnoreReturnValue
  Bounds compaction(CompactionOptions value) {
    compaction = value;
    return this;
  }
}
