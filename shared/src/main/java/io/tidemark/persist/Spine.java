package io.tidemark.persist;

import io.tidemark.progress.Antichain;
import io.tidemark.progress.BatchDescription;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The batches of a shard, arranged so that few have to be read and each update is rewritten seldom.
 * A level {@code k} is for batches of up to {@code 2^k} updates and has at most two, which are then
 * being merged. The oldest batches are on the highest level.
 *
 * <p>Merging is only counted here: every pushed batch pays for work on all merges, and when a merge
 * has had as much as its batches have updates, they count as one and move up. To rewrite them as
 * one is what {@link #requests} asks for; when that is done, the result takes their place with
 * {@link #replace}, wherever they have moved meanwhile.
 *
 * <p>A pure function of the calls made, so that every process has the same. Invariants: numbers are
 * contiguous from 0 and ranges from time 0, no batch's since is past the spine's, and a level has
 * two batches iff a merge is running there.
 */
final class Spine {

  /** Even the most updates that can be counted belong below this level. */
  static final int MAX_LEVEL = 64;

  private static final int FUEL_PER_UPDATE = 8;

  private final List<SpineLevel> levels = new ArrayList<>();
  private Antichain since = Antichain.minimum();
  private Antichain upper = Antichain.minimum();
  private long nextId;

  /** A spine of no batches. */
  Spine() {}

  /**
   * The spine that was stored.
   *
   * @throws CorruptShardException if the batches do not lie as the shape says
   */
  Spine(SpineShape shape, List<Batch> batches, Antichain since) {
    this.since = since;
    check(shape.levels().size() <= MAX_LEVEL + 2, "there are too many levels");
    for (int k = 0; k < shape.levels().size(); k++) {
      levels.add(new SpineLevel());
    }
    int from = 0;
    for (int k = levels.size() - 1; k >= 0; k--) {
      List<SpineBatch> stored = new ArrayList<>();
      for (SpineShape.Group group : shape.levels().get(k).groups()) {
        int to = from + group.uppers().size();
        check(to <= batches.size(), "batches are missing");
        stored.add(restored(group, batches.subList(from, to)));
        from = to;
      }
      levels.get(k).restore(stored, shape.levels().get(k).merge());
    }
    check(from == batches.size(), "it has no place for all batches");
    checkInvariants();
  }

  private SpineBatch restored(SpineShape.Group group, List<Batch> batches) {
    List<SpineEntry> entries = new ArrayList<>();
    for (int i = 0; i < batches.size(); i++) {
      long to = group.uppers().get(i);
      check(to > nextId, "the numbers of batches do not rise");
      entries.add(new SpineEntry(new IdRange(nextId, to), batches.get(i)));
      nextId = to;
      upper = batches.get(i).description().upper();
    }
    check(!entries.isEmpty(), "a group has no batch");
    return new SpineBatch(group.since(), entries);
  }

  Antichain since() {
    return since;
  }

  Antichain upper() {
    return upper;
  }

  /** The levels, the lowest first. Not to be changed. */
  List<SpineLevel> levels() {
    return levels;
  }

  /** What counts as one batch each, oldest first. */
  List<SpineBatch> groups() {
    List<SpineBatch> groups = new ArrayList<>();
    for (int k = levels.size() - 1; k >= 0; k--) {
      groups.addAll(levels.get(k).batches());
    }
    return groups;
  }

  /** All batches, oldest first. */
  List<Batch> batches() {
    List<Batch> batches = new ArrayList<>();
    for (SpineBatch group : groups()) {
      for (SpineEntry entry : group.entries()) {
        batches.add(entry.batch());
      }
    }
    return batches;
  }

  /**
   * The batch that a frontier falls into.
   *
   * @param frontier before the upper
   */
  Batch at(Antichain frontier) {
    for (SpineLevel level : levels) {
      for (int i = level.batches().size() - 1; i >= 0; i--) {
        SpineBatch group = level.batches().get(i);
        if (group.lower().lessEqual(frontier) && frontier.lessThan(group.upper())) {
          return group.at(frontier);
        }
      }
    }
    throw new IllegalArgumentException("no batch holds " + frontier + ": the upper is " + upper);
  }

  /** How many batches there are. */
  int size() {
    int sum = 0;
    for (SpineBatch group : groups()) {
      sum += group.entries().size();
    }
    return sum;
  }

  /** Merges that begin from now on may advance times to {@code newSince}. */
  void advanceSince(Antichain newSince) {
    check(since.lessEqual(newSince), "since goes back from " + since + " to " + newSince);
    since = newSince;
  }

  /**
   * Appends a batch.
   *
   * @throws CorruptShardException if it does not begin at the upper, or holds no time
   */
  void push(Batch batch) {
    BatchDescription range = batch.description();
    check(range.lower().equals(upper), "batch " + range + " does not start at " + upper);
    check(!range.isEmpty(), "batch " + range + " holds no time");
    check(batch.since().lessEqual(since), "batch " + range + " is advanced past " + since);
    SpineBatch pushed = numbered(batch);
    upper = range.upper();
    int newest = lowestOccupied();
    if (pushed.length() == 0
        && newest < levels.size()
        && levels.get(newest).isSingle()
        && levels.get(newest).batches().get(0).length() == 0) {
      // Nothing follows nothing: it becomes longer, at no cost.
      SpineLevel level = levels.get(newest);
      level.add(pushed, since);
      insert(completed(newest), newest);
    } else {
      introduce(pushed, levelOf(pushed.length()));
    }
  }

  private SpineBatch numbered(Batch batch) {
    IdRange id = new IdRange(nextId, nextId + 1);
    nextId++;
    return new SpineBatch(batch.since(), List.of(new SpineEntry(id, batch)));
  }

  private int lowestOccupied() {
    int k = 0;
    while (k < levels.size() && levels.get(k).isVacant()) {
      k++;
    }
    return k;
  }

  /** The level of a batch of so many updates. */
  static int levelOf(long length) {
    return length <= 1 ? 0 : Long.SIZE - Long.numberOfLeadingZeros(length - 1);
  }

  private void introduce(SpineBatch batch, int target) {
    applyFuel(target > 59 ? Long.MAX_VALUE : (long) FUEL_PER_UPDATE << target);
    rollUp(target);
    insert(batch, target);
    tidy();
  }

  /** Works on every merge that is running, on each as if it were the only one. */
  private void applyFuel(long fuel) {
    int count = levels.size();
    for (int k = 0; k < count; k++) {
      if (levels.get(k).work(fuel)) {
        insert(completed(k), k + 1);
      }
    }
  }

  /** Brings everything below the target into it, so that a new batch can follow there. */
  private void rollUp(int target) {
    ensure(target);
    SpineBatch carry = null;
    for (int k = 0; k < target; k++) {
      if (carry != null) {
        insert(carry, k);
      }
      carry = levels.get(k).complete();
    }
    if (carry != null) {
      insert(carry, target);
      if (levels.get(target).isFull()) {
        insert(completed(target), target + 1);
      }
    }
  }

  private SpineBatch completed(int level) {
    SpineBatch result = levels.get(level).complete();
    if (result == null) {
      throw new IllegalStateException("level " + level + " is vacant");
    }
    return result;
  }

  private void ensure(int level) {
    while (levels.size() <= level) {
      levels.add(new SpineLevel());
    }
  }

  /** Adds a batch that is newer than all from this level up. */
  private void insert(SpineBatch batch, int level) {
    ensure(level);
    if (levels.get(level).isFull()) {
      // The fuel that batches pay has always completed the merge before it comes to this. A state
      // that others wrote must be taken on all the same.
      insert(completed(level), level + 1);
    }
    levels.get(level).add(batch, since);
  }

  /** Draws the largest batch down to where it belongs, if it has become smaller than its level. */
  private void tidy() {
    int count = levels.size();
    if (count == 0 || !levels.get(count - 1).isSingle()) {
      return;
    }
    int proper = levelOf(levels.get(count - 1).batches().get(0).length());
    while (proper < levels.size() - 1 && levels.get(levels.size() - 2).isVacant()) {
      SpineLevel vacant = levels.remove(levels.size() - 2);
      check(vacant.isVacant(), "a level that was dropped had batches");
    }
    count = levels.size();
    if (proper < count - 1 && levels.get(count - 2).isSingle() && isSmallBelow(count)) {
      SpineLevel below = levels.remove(count - 2);
      insert(below.batches().get(0), count - 2);
    }
  }

  /** Whether what lies below the two highest levels is far from reaching them. */
  private boolean isSmallBelow(int count) {
    double smaller = 0;
    for (int k = 0; k < count - 2; k++) {
      smaller += Math.scalb((double) levels.get(k).batches().size(), k);
    }
    return smaller <= Math.scalb(1.0, count - 3);
  }

  /**
   * Works on merges without a new batch: on those that run, or else on one that an empty batch of
   * no time begins. False, and nothing done, if there is nothing that could become one.
   */
  boolean exert(long fuel) {
    check(fuel > 0, "there is no fuel in " + fuel);
    tidy();
    if (runs() < 2) {
      return false;
    }
    boolean merging = levels.stream().anyMatch(level -> level.merge() != null);
    if (merging) {
      applyFuel(fuel);
    } else {
      SpineBatch nothing = numbered(Batch.empty(new BatchDescription(upper, upper)));
      introduce(nothing, levelOf(fuel));
    }
    return true;
  }

  /** How many runs all batches have, together. */
  long runs() {
    long sum = 0;
    for (SpineBatch group : groups()) {
      for (SpineEntry entry : group.entries()) {
        sum += entry.batch().runs();
      }
    }
    return sum;
  }

  /**
   * What is to be rewritten as one: every group that is stored as several batches, oldest first. It
   * depends on nothing but what there is, so that no request is ever lost, and none is covered by
   * another.
   */
  List<MergeRequest> requests() {
    List<MergeRequest> requests = new ArrayList<>();
    for (SpineBatch group : groups()) {
      if (group.entries().size() > 1) {
        requests.add(group.request());
      }
    }
    return requests;
  }

  /** The batches that have exactly these numbers; none if none do. */
  List<Batch> within(IdRange ids) {
    for (SpineBatch group : groups()) {
      if (group.ids().contains(ids)) {
        return group.within(ids).stream().map(SpineEntry::batch).toList();
      }
    }
    return List.of();
  }

  /** Why {@code result} cannot take the place of the batches with these numbers; null if it can. */
  @Nullable String refusal(IdRange ids, Batch result) {
    for (SpineBatch group : groups()) {
      if (group.ids().contains(ids)) {
        return group.refusal(ids, result);
      }
    }
    return "no one batch has the numbers " + ids;
  }

  /**
   * Puts one batch in the place of several with the same updates.
   *
   * @throws CorruptShardException if it cannot, for a {@link #refusal}
   */
  void replace(IdRange ids, Batch result) {
    String refusal = refusal(ids, result);
    check(refusal == null, String.valueOf(refusal));
    for (SpineLevel level : levels) {
      level.batches().replaceAll(b -> b.ids().contains(ids) ? b.replaced(ids, result) : b);
    }
  }

  /** How the batches lie. */
  SpineShape shape() {
    List<SpineShape.Level> shapes = new ArrayList<>();
    for (SpineLevel level : levels) {
      List<SpineShape.Group> groups = new ArrayList<>();
      for (SpineBatch batch : level.batches()) {
        List<Long> uppers = batch.entries().stream().map(entry -> entry.ids().upper()).toList();
        groups.add(new SpineShape.Group(batch.since(), uppers));
      }
      shapes.add(new SpineShape.Level(level.merge(), groups));
    }
    return new SpineShape(shapes);
  }

  /**
   * @throws CorruptShardException if it is not as it always must be
   */
  void checkInvariants() {
    long id = 0;
    Antichain at = Antichain.minimum();
    for (SpineBatch group : groups()) {
      check(group.since().lessEqual(since), "batches " + group.ids() + " are past " + since);
      for (SpineEntry entry : group.entries()) {
        BatchDescription range = entry.batch().description();
        check(entry.ids().lower() == id, "batch " + entry.ids() + " does not follow " + id);
        check(range.lower().equals(at), "batch " + range + " does not start at " + at);
        check(
            entry.batch().since().lessEqual(group.since()),
            "batch " + range + " is advanced past " + group.since());
        id = entry.ids().upper();
        at = range.upper();
      }
    }
    check(id == nextId && at.equals(upper), "batches end at " + at + ", the upper is " + upper);
    for (SpineLevel level : levels) {
      check(level.batches().size() <= SpineLevel.MAX_BATCHES, "a level has too many batches");
      SpineShape.Merge merge = level.merge();
      check(level.isFull() == (merge != null), "a level has a merge of other than two batches");
      check(
          merge == null || (merge.remaining() >= 0 && merge.since().lessEqual(since)),
          "a merge cannot be " + merge);
    }
  }

  private static void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new CorruptShardException(otherwise);
    }
  }
}
