package io.tidemark.persist;

import java.util.Arrays;
import java.util.List;

/**
 * Puts one batch in the place of consecutive ones that hold the same updates. Fenced by identity:
 * it applies only if exactly the batches that were read still stand there, so that a result that
 * comes late cannot bring back what another merge has replaced.
 */
final class MergeBatches implements Command<MergeBatches.Result> {

  private final WriterId writer;
  private final MergeRequest request;
  private final Batch batch;
  private boolean mayHaveHappened;

  /**
   * @param writer who uploaded the new parts, and must still be registered: else they may be swept
   * @param request the batches as they were read
   * @param batch the same updates over the same range
   */
  MergeBatches(WriterId writer, MergeRequest request, Batch batch) {
    this.writer = writer;
    this.request = request;
    this.batch = batch;
  }

  /** What became of a merge. */
  enum Result {
    APPLIED,
    /** The batches are not those that were read. */
    REPLACED_MEANWHILE,
    /** The writer is not registered any more. */
    FENCED,
    /**
     * It does not stand there, but a first try of it may have, until something replaced it: older
     * versions may name its parts.
     */
    UNKNOWN;

    /** Whether surely no version names the parts of the result. */
    boolean isRefused() {
      return this == REPLACED_MEANWHILE || this == FENCED;
    }
  }

  @Override
  public Decision<Result> decide(ShardState state, long wallMillis) {
    List<Batch> standing = state.trace().within(request.ids());
    if (standing.size() == 1 && samePlace(standing.get(0), batch)) {
      return new Break<>(Result.APPLIED);
    }
    boolean stands = matches(standing, request) && state.trace().accepts(request.ids(), batch);
    if (state.writer(writer) == null || !stands) {
      return new Break<>(
          mayHaveHappened ? Result.UNKNOWN : stands ? Result.FENCED : Result.REPLACED_MEANWHILE);
    }
    return new Commit<>(
        new StateDiff.Builder().merge(new StateDiff.Merge(request.ids(), batch)), Result.APPLIED);
  }

  @Override
  public void mayHaveHappened() {
    mayHaveHappened = true;
  }

  /** Whether the batches of a request stand in the state as they were read. */
  static boolean stands(ShardState state, MergeRequest request) {
    return matches(state.trace().within(request.ids()), request);
  }

  private static boolean matches(List<Batch> standing, MergeRequest request) {
    if (standing.size() != request.inputs().size()) {
      return false;
    }
    for (int i = 0; i < standing.size(); i++) {
      if (!samePlace(standing.get(i), request.inputs().get(i).batch())) {
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
