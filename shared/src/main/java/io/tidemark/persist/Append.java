package io.tidemark.persist;

import io.tidemark.progress.Antichain;
import io.tidemark.progress.BatchDescription;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What is to be appended in one step.
 *
 * @param lower where the shard's upper must stand
 * @param upper where it shall stand
 * @param parts the updates of {@code [lower, upper)}
 * @param advances the producers whose messages these are
 * @param offsets by source partition, where the source stands at {@code upper}, as JSON text
 */
public record Append(
    Antichain lower,
    Antichain upper,
    List<Part> parts,
    Map<String, Advance> advances,
    Map<String, String> offsets) {

  public Append {
    parts = List.copyOf(parts);
    // Sorted, so that the state is the same wherever and whenever it is made.
    advances = Collections.unmodifiableMap(new TreeMap<>(advances));
    offsets = Collections.unmodifiableMap(new TreeMap<>(offsets));
  }

  /** An append of updates that no producer numbers. */
  public static Append of(Batch batch) {
    return new Append(
        batch.description().lower(),
        batch.description().upper(),
        batch.parts(),
        Map.of(),
        Map.of());
  }

  /** The bytes of the parts that the state itself is to carry. */
  long inlineBytes() {
    long sum = 0;
    for (Part part : parts) {
      sum += part instanceof Part.Inline inline ? inline.block().length : 0;
    }
    return sum;
  }

  /**
   * The updates alone.
   *
   * @throws InvalidUsageException if a part reaches out of the range
   */
  Batch batch() {
    return new Batch(new BatchDescription(lower, upper), parts);
  }

  /** The same append with other parts, which hold the same updates. */
  Append withParts(List<Part> newParts) {
    return new Append(lower, upper, newParts, advances, offsets);
  }
}
