package io.tidemark.persist.consolidate;

/** Counts the bytes that a consolidation holds, against a limit that is never passed. */
final class MemoryBudget {

  private final long limitBytes;
  private long usedBytes;
  private long peakBytes;

  MemoryBudget(long limitBytes) {
    this.limitBytes = limitBytes;
  }

  /** Takes {@code bytes} if they are free; takes nothing and returns false if not. */
  boolean reserve(long bytes) {
    if (bytes > limitBytes - usedBytes) {
      return false;
    }
    usedBytes += bytes;
    peakBytes = Math.max(peakBytes, usedBytes);
    return true;
  }

  void release(long bytes) {
    usedBytes -= bytes;
    if (usedBytes < 0) {
      throw new IllegalStateException("more memory is given back than was taken");
    }
  }

  long limitBytes() {
    return limitBytes;
  }

  long usedBytes() {
    return usedBytes;
  }

  long peakBytes() {
    return peakBytes;
  }
}
