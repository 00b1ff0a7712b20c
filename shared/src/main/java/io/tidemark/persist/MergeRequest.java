package io.tidemark.persist;

import io.tidemark.progress.Antichain;
import io.tidemark.progress.BatchDescription;
import java.util.List;

/**
 * Consecutive batches that the spine has made one of, to be rewritten as one.
 *
 * @param ids their numbers
 * @param description their range
 * @param since the time that earlier updates are to be advanced to
 * @param inputs the batches as they stand, oldest first
 */
record MergeRequest(
    IdRange ids, BatchDescription description, Antichain since, List<SpineEntry> inputs) {

  MergeRequest {
    inputs = List.copyOf(inputs);
  }

  List<Batch> batches() {
    return inputs.stream().map(SpineEntry::batch).toList();
  }
}
