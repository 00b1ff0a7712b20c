package io.tidemark.persist;

import io.tidemark.progress.Antichain;
import io.tidemark.progress.BatchDescription;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The committed batches, oldest first. Invariant: they tile {@code [0, upper)} without a gap or an
 * overlap. Pushing costs the same however many there are.
 */
final class Trace {

  private final ArrayList<Batch> batches = new ArrayList<>();
  private Antichain upper = Antichain.minimum();
  private long inlineBytes;
  private int inlineBatches;
  private long hollowBytes;
  private long parts;
  private long updates;

  Antichain upper() {
    return upper;
  }

  int size() {
    return batches.size();
  }

  long inlineBytes() {
    return inlineBytes;
  }

  /** How many batches carry an inline part. */
  int inlineBatches() {
    return inlineBatches;
  }

  long hollowBytes() {
    return hollowBytes;
  }

  long parts() {
    return parts;
  }

  long updates() {
    return updates;
  }

  /** The batches from index {@code from} on. */
  List<Batch> from(int from) {
    return List.copyOf(batches.subList(from, batches.size()));
  }

  /** The keys of all hollow parts. */
  Set<String> keys() {
    Set<String> keys = new HashSet<>();
    for (Batch batch : batches) {
      for (Part part : batch.parts()) {
        if (part instanceof Part.Hollow hollow) {
          keys.add(hollow.key());
        }
      }
    }
    return keys;
  }

  /** The batches that lie within {@code range}, oldest first. */
  List<Batch> within(BatchDescription range) {
    int to = batches.size();
    while (to > 0 && !batches.get(to - 1).description().upper().lessEqual(range.upper())) {
      to--;
    }
    int from = to;
    while (from > 0 && range.lower().lessEqual(batches.get(from - 1).description().lower())) {
      from--;
    }
    return List.copyOf(batches.subList(from, to));
  }

  /** The index of the first batch that carries an inline part, or {@link #size()}. */
  int firstInline() {
    int first = batches.size();
    for (int left = inlineBatches; left > 0; ) {
      first--;
      left -= batches.get(first).inlineBytes() > 0 ? 1 : 0;
    }
    return first;
  }

  /** Appends a batch; an empty one that follows an empty one makes it longer. */
  void push(Batch batch) {
    Batch last = batches.isEmpty() ? null : batches.get(batches.size() - 1);
    if (last != null && last.parts().isEmpty() && batch.parts().isEmpty()) {
      checkFollows(batch.description());
      upper = batch.description().upper();
      batches.set(
          batches.size() - 1, Batch.empty(new BatchDescription(last.description().lower(), upper)));
    } else {
      add(batch);
    }
  }

  /** Appends a batch as it is. */
  void add(Batch batch) {
    checkFollows(batch.description());
    batches.add(batch);
    account(batch, 1);
    upper = batch.description().upper();
  }

  private void checkFollows(BatchDescription next) {
    check(next.lower().equals(upper), "batch " + next + " does not start at " + upper);
    check(!next.isEmpty(), "batch " + next + " holds no time");
  }

  /** Puts one batch in the place of those that tile its range. */
  void merge(StateDiff.Merge merge) {
    int from = indexOf(merge.replaced());
    check(
        merge.batches() > 0 && merge.batches() <= batches.size() - from,
        "there are no " + merge.batches() + " batches from " + merge.replaced().lower() + " on");
    check(
        merge.batch().description().equals(merge.replaced()),
        "a batch of " + merge.batch().description() + " cannot replace " + merge.replaced());
    List<Batch> replaced = batches.subList(from, from + merge.batches());
    check(
        replaced.get(replaced.size() - 1).description().upper().equals(merge.replaced().upper()),
        "the batches of " + merge.replaced() + " are not " + merge.batches());
    for (Batch batch : replaced) {
      account(batch, -1);
    }
    replaced.clear();
    batches.add(from, merge.batch());
    account(merge.batch(), 1);
  }

  private int indexOf(BatchDescription range) {
    for (int i = batches.size() - 1; i >= 0; i--) {
      if (batches.get(i).description().lower().equals(range.lower())) {
        return i;
      }
    }
    throw new CorruptShardException("no batch starts at " + range.lower());
  }

  private void account(Batch batch, int sign) {
    inlineBatches += batch.inlineBytes() > 0 ? sign : 0;
    for (Part part : batch.parts()) {
      parts += sign;
      updates += sign * part.updates();
      if (part instanceof Part.Inline inline) {
        inlineBytes += (long) sign * inline.block().length;
      } else if (part instanceof Part.Hollow hollow) {
        hollowBytes += (long) sign * hollow.bytes();
      }
    }
  }

  private static void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new CorruptShardException(otherwise);
    }
  }
}
