package io.tidemark.persist;

import io.tidemark.progress.BatchDescription;
import java.util.Arrays;
import java.util.List;

/**
 * Puts one batch in the place of consecutive ones that hold the same updates. Fenced by identity:
 * it applies only if exactly the batches that were read still stand there, so that a result that
 * comes late cannot bring back what another merge has replaced.
 */
final class MergeBatches implements Command<MergeBatches.Result> {

  private final WriterId writer;
  private final List<Batch> replaced;
  private final Batch batch;

  /**
   * @param writer who uploaded the new parts, and must still be registered: else they may be swept
   * @param replaced consecutive batches of the trace, as they were read
   * @param batch the same updates over the same range
   */
  MergeBatches(WriterId writer, List<Batch> replaced, Batch batch) {
    this.writer = writer;
    this.replaced = replaced;
    this.batch = batch;
  }

  /** What became of a merge. */
  enum Result {
    APPLIED,
    /** The batches are not those that were read. */
    REPLACED_MEANWHILE,
    /** The writer is not registered any more. */
    FENCED
  }

  @Override
  public Decision<Result> decide(ShardState state, long wallMillis) {
    List<Batch> standing = state.trace().within(batch.description());
    if (standing.size() == 1 && samePlace(standing.get(0), batch)) {
      return new Break<>(Result.APPLIED);
    }
    if (state.writer(writer) == null) {
      return new Break<>(Result.FENCED);
    }
    if (!matches(standing)) {
      return new Break<>(Result.REPLACED_MEANWHILE);
    }
    BatchDescription range = batch.description();
    return new Commit<>(
        new StateDiff.Builder().merge(new StateDiff.Merge(range, replaced.size(), batch)),
        Result.APPLIED);
  }

  private boolean matches(List<Batch> standing) {
    if (standing.size() != replaced.size()) {
      return false;
    }
    for (int i = 0; i < standing.size(); i++) {
      if (!samePlace(standing.get(i), replaced.get(i))) {
        return false;
      }
    }
    return true;
  }

  /**
   * True iff two batches have one description and the same parts: equal keys, or, where the parts
   * are inline, equal bytes.
   */
  private static boolean samePlace(Batch a, Batch b) {
    if (!a.description().equals(b.description()) || a.parts().size() != b.parts().size()) {
      return false;
    }
    for (int i = 0; i < a.parts().size(); i++) {
      if (!samePart(a.parts().get(i), b.parts().get(i))) {
        return false;
      }
    }
    return true;
  }

  private static boolean samePart(Part a, Part b) {
    if (a instanceof Part.Inline left && b instanceof Part.Inline right) {
      return Arrays.equals(left.block(), right.block()) && left.bounds().equals(right.bounds());
    }
    return a.equals(b);
  }
}
