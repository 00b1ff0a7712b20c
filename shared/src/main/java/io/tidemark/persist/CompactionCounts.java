package io.tidemark.persist;

/**
 * What the compactions of one epoch have done in this process.
 *
 * @param applied how many took effect
 * @param refused how many were done for nothing, as something else had replaced their batches
 * @param failed how many failed; they are tried again
 * @param postponed how often one was due and had to wait for others of the process
 * @param bytesIn the bytes of the parts that were read, of those that took effect
 * @param bytesOut the bytes of the parts that were written
 * @param updatesIn the updates of the batches that were read
 * @param updatesOut the updates of the batches that were written
 */
public record CompactionCounts(
    long applied,
    long refused,
    long failed,
    long postponed,
    long bytesIn,
    long bytesOut,
    long updatesIn,
    long updatesOut) {

  /** Nothing yet. */
  public static final CompactionCounts NONE = new CompactionCounts(0, 0, 0, 0, 0, 0, 0, 0);

  CompactionCounts withApplied(Batch before, Batch after) {
    return new CompactionCounts(
        applied + 1,
        refused,
        failed,
        postponed,
        bytesIn + bytes(before),
        bytesOut + bytes(after),
        updatesIn + before.updates(),
        updatesOut + after.updates());
  }

  private static long bytes(Batch batch) {
    long sum = batch.inlineBytes();
    for (Part part : batch.parts()) {
      sum += part instanceof Part.Hollow hollow ? hollow.bytes() : 0;
    }
    return sum;
  }

  CompactionCounts withRefused() {
    return new CompactionCounts(
        applied, refused + 1, failed, postponed, bytesIn, bytesOut, updatesIn, updatesOut);
  }

  CompactionCounts withFailed() {
    return new CompactionCounts(
        applied, refused, failed + 1, postponed, bytesIn, bytesOut, updatesIn, updatesOut);
  }

  CompactionCounts withPostponed() {
    return new CompactionCounts(
        applied, refused, failed, postponed + 1, bytesIn, bytesOut, updatesIn, updatesOut);
  }
}
