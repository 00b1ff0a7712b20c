package io.tidemark.persist;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.tidemark.progress.Antichain;
import io.tidemark.progress.BatchDescription;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The updates of a range of times, as parts. Committed batches tile the shard from 0 to its upper.
 *
 * @param description the range
 * @param parts in the order of their upload; each bounded within the range, or at the since that
 *     its updates were advanced to
 * @param compaction what was made of the batch since it was written; null for nothing
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Batch(
    BatchDescription description, List<Part> parts, @Nullable Compaction compaction) {

  public Batch {
    Objects.requireNonNull(description, "a batch has no range");
    parts = List.copyOf(parts);
    Antichain end =
        compaction == null
            ? description.upper()
            : Antichain.join(description.upper(), Antichain.of(compaction.since() + 1));
    for (Part part : parts) {
      BatchDescription bounds = part.bounds();
      if (!description.lower().lessEqual(bounds.lower()) || !bounds.upper().lessEqual(end)) {
        throw new InvalidUsageException(
            InvalidUsageException.Rule.BATCH_BOUNDS,
            "a part with bounds " + bounds + " reaches outside its batch " + description);
      }
    }
  }

  /** A batch as it was written. */
  public Batch(BatchDescription description, List<Part> parts) {
    this(description, parts, null);
  }

  /**
   * What compaction has made of a batch.
   *
   * @param since the time that some earlier updates were advanced to: at earlier times the batch
   *     cannot be told apart any more. 0 if none were
   * @param runs how many runs the parts are: what one compaction wrote is one run, however many
   *     parts it has
   */
  public record Compaction(long since, int runs) {
    public Compaction {
      if (since < 0 || since > Antichain.MAX_TIME || runs < 0) {
        throw new IllegalArgumentException(
            "a batch of " + runs + " runs cannot be advanced to " + since);
      }
    }
  }

  /** The earliest time at which the batch can be read. */
  public Antichain since() {
    return compaction == null ? Antichain.minimum() : Antichain.of(compaction.since());
  }

  /** How many runs the parts are; as it was written, each part is one of its own. */
  public int runs() {
    return compaction == null ? parts.size() : compaction.runs();
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
    Antichain since = Antichain.minimum();
    int runs = 0;
    boolean compacted = false;
    for (int i = 0; i < batches.size(); i++) {
      BatchDescription description = batches.get(i).description();
      if (i > 0 && !batches.get(i - 1).description().upper().equals(description.lower())) {
        throw new InvalidUsageException(
            InvalidUsageException.Rule.BATCH_BOUNDS,
            "batch " + description + " does not follow " + batches.get(i - 1).description());
      }
      parts.addAll(batches.get(i).parts());
      since = Antichain.join(since, batches.get(i).since());
      runs += batches.get(i).runs();
      compacted |= batches.get(i).compaction() != null;
    }
    return new Batch(
        new BatchDescription(
            batches.get(0).description().lower(),
            batches.get(batches.size() - 1).description().upper()),
        parts,
        compacted ? new Compaction(since.time(), runs) : null);
  }

  /** How many updates the parts hold: an upper bound of what reading gives. */
  public long updates() {
    long sum = 0;
    for (Part part : parts) {
      sum += part.updates();
    }
    return sum;
  }

  /** The keys of the parts that are objects of the blob store. */
  List<String> keys() {
    List<String> keys = new ArrayList<>();
    for (Part part : parts) {
      if (part instanceof Part.Hollow hollow) {
        keys.add(hollow.key());
      }
    }
    return keys;
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
