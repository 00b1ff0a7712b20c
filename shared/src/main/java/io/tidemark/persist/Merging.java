package io.tidemark.persist;

import io.tidemark.environment.CrashPoint;
import io.tidemark.location.DeterminateException;
import io.tidemark.persist.MergeBatches.Result;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;

/**
 * Puts what a merge has written into the state, and deletes it if it surely is not there. What may
 * be there, or may have been, stays: an older version may name it. It is swept once its writer is
 * gone.
 */
final class Merging {

  private final Machine machine;
  private final PartTarget target;

  Merging(Machine machine, PartTarget target) {
    this.machine = machine;
    this.target = target;
  }

  Future<Result> apply(MergeRequest request, Batch result) {
    CrashPoint.A8.reached(target.environment());
    return machine
        .apply(new MergeBatches(target.writer(), request, result))
        .onSuccess(
            outcome -> {
              if (outcome.isRefused()) {
                delete(request, result);
              }
            })
        .onFailure(
            cause -> {
              if (cause instanceof DeterminateException) {
                delete(request, result);
              }
            });
  }

  private void delete(MergeRequest request, Batch result) {
    List<String> written = new ArrayList<>(result.keys());
    request.batches().forEach(batch -> written.removeAll(batch.keys()));
    Future<Void> unused = target.delete(written);
  }
}
