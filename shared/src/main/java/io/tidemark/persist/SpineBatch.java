package io.tidemark.persist;

import io.tidemark.progress.Antichain;
import io.tidemark.progress.BatchDescription;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the levels of a spine hold: consecutive batches that count as one, because they were merged
 * there. Whether they have been rewritten as one is another matter. Immutable.
 *
 * @param since to which the times of the one batch may be advanced
 * @param entries what is stored, oldest first; at least one
 * @param length how many updates they have, together
 */
record SpineBatch(Antichain since, List<SpineEntry> entries, long length) {

  SpineBatch(Antichain since, List<SpineEntry> entries) {
    this(since, List.copyOf(entries), length(entries));
  }

  private static long length(List<SpineEntry> entries) {
    long sum = 0;
    for (SpineEntry entry : entries) {
      sum += entry.batch().updates();
    }
    return sum;
  }

  /** One batch of two. Two empty ones become an empty one that is stored as one. */
  static SpineBatch merged(SpineBatch older, SpineBatch newer, Antichain since) {
    if (older.length == 0 && newer.length == 0) {
      IdRange ids = new IdRange(older.ids().lower(), newer.ids().upper());
      BatchDescription range = new BatchDescription(older.lower(), newer.upper());
      return new SpineBatch(since, List.of(new SpineEntry(ids, Batch.empty(range))));
    }
    List<SpineEntry> both = new ArrayList<>(older.entries.size() + newer.entries.size());
    both.addAll(older.entries);
    both.addAll(newer.entries);
    return new SpineBatch(since, both);
  }

  IdRange ids() {
    return new IdRange(entries.get(0).ids().lower(), entries.get(entries.size() - 1).ids().upper());
  }

  Antichain lower() {
    return entries.get(0).batch().description().lower();
  }

  Antichain upper() {
    return entries.get(entries.size() - 1).batch().description().upper();
  }

  /** The entry's batch that a frontier falls into, which lies in the range of all of them. */
  Batch at(Antichain frontier) {
    int low = 0;
    int high = entries.size() - 1;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (frontier.lessThan(entries.get(middle).batch().description().upper())) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return entries.get(low).batch();
  }

  /** What is to be rewritten, if all of it is to become one. */
  MergeRequest request() {
    return new MergeRequest(ids(), new BatchDescription(lower(), upper()), since, entries);
  }

  /** The entries that tile {@code ids} exactly; none if no entries do. */
  List<SpineEntry> within(IdRange ids) {
    int from = 0;
    while (from < entries.size() && entries.get(from).ids().lower() < ids.lower()) {
      from++;
    }
    int to = from;
    while (to < entries.size() && entries.get(to).ids().upper() <= ids.upper()) {
      to++;
    }
    boolean tiled =
        from < to
            && entries.get(from).ids().lower() == ids.lower()
            && entries.get(to - 1).ids().upper() == ids.upper();
    return tiled ? entries.subList(from, to) : List.of();
  }

  /** Why {@code result} cannot take the place of the entries with these ids; null if it can. */
  @Nullable String refusal(IdRange ids, Batch result) {
    List<SpineEntry> replaced = within(ids);
    if (replaced.isEmpty()) {
      return "no batches are exactly " + ids;
    }
    BatchDescription range =
        new BatchDescription(
            replaced.get(0).batch().description().lower(),
            replaced.get(replaced.size() - 1).batch().description().upper());
    if (!result.description().equals(range)) {
      return "the batches " + ids + " are " + range + ", not " + result.description();
    }
    if (!result.since().lessEqual(since)) {
      return "the batches " + ids + " may be advanced to " + since + ", not " + result.since();
    }
    for (SpineEntry entry : replaced) {
      if (!entry.batch().since().lessEqual(result.since())) {
        return "batch " + entry.ids() + " is advanced to " + entry.batch().since() + " already";
      }
    }
    long before = length(replaced);
    return result.updates() > before
        ? result.updates() + " are too many updates for the batches " + ids + " of " + before
        : null;
  }

  /** The same with {@code result} in the place of the entries with these ids. */
  SpineBatch replaced(IdRange ids, Batch result) {
    List<SpineEntry> spliced = new ArrayList<>(entries.size());
    for (SpineEntry entry : entries) {
      if (!ids.contains(entry.ids())) {
        spliced.add(entry);
      } else if (entry.ids().lower() == ids.lower()) {
        spliced.add(new SpineEntry(ids, result));
      }
    }
    return new SpineBatch(since, spliced);
  }
}
