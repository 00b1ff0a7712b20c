package io.tidemark.persist;

import io.tidemark.progress.BatchDescription;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * The updates of a range of times, as parts. Committed batches tile the shard from 0 to its upper.
 *
 * @param description the range
 * @param parts in the order of their upload; each bounded within the range
 */
public record Batch(BatchDescription description, List<Part> parts) {

  public Batch {
    Objects.requireNonNull(description, "a batch has no range");
    parts = List.copyOf(parts);
    for (Part part : parts) {
      BatchDescription bounds = part.bounds();
      if (!description.lower().lessEqual(bounds.lower())
          || !bounds.upper().lessEqual(description.upper())) {
        throw new InvalidUsageException(
            InvalidUsageException.Rule.BATCH_BOUNDS,
            "a part with bounds " + bounds + " reaches outside its batch " + description);
      }
    }
  }

  /** A batch without updates. */
  public static Batch empty(BatchDescription description) {
    return new Batch(description, List.of());
  }

  /**
   * One batch of these, which must be contiguous and ascending.
   *
   * @throws InvalidUsageException if there is a gap or an overlap between two of them
   */
  public static Batch concatenation(List<Batch> batches) {
    List<Part> parts = new ArrayList<>();
    for (int i = 0; i < batches.size(); i++) {
      BatchDescription description = batches.get(i).description();
      if (i > 0 && !batches.get(i - 1).description().upper().equals(description.lower())) {
        throw new InvalidUsageException(
            InvalidUsageException.Rule.BATCH_BOUNDS,
            "batch " + description + " does not follow " + batches.get(i - 1).description());
      }
      parts.addAll(batches.get(i).parts());
    }
    return new Batch(
        new BatchDescription(
            batches.get(0).description().lower(),
            batches.get(batches.size() - 1).description().upper()),
        parts);
  }

  /** How many updates the parts hold: an upper bound of what reading gives. */
  public long updates() {
    long sum = 0;
    for (Part part : parts) {
      sum += part.updates();
    }
    return sum;
  }

  /** The bytes of the parts that the state itself carries. */
  public long inlineBytes() {
    long sum = 0;
    for (Part part : parts) {
      sum += part instanceof Part.Inline inline ? inline.block().length : 0;
    }
    return sum;
  }
}
