package io.tidemark.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidemark.persist.ShardContents;
import io.tidemark.progress.Antichain;
import io.tidemark.row.UpdateBlock;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * What somebody was told who follows a collection, or what there was to tell: for each time a
 * digest of its updates. Digests add up, and the same updates have the same one in any order.
 */
final class Followed {

  private final TreeMap<Long, Long> changes = new TreeMap<>();
  private long start = -1;
  private Antichain frontier = Antichain.minimum();

  /** It was told the contents at this time at first. */
  void startedAt(long asOf) {
    start = asOf;
    frontier = Antichain.of(asOf + 1);
  }

  void add(UpdateBlock block) {
    for (int i = 0; i < block.size(); i++) {
      changes.merge(block.times().get(i), digest(block, i), Long::sum);
    }
  }

  private static long digest(UpdateBlock block, int i) {
    String row = Rows.key(block, i);
    long mixed = (row.hashCode() + 0x9e3779b97f4a7c15L * row.length()) * 0xbf58476d1ce4e5b9L;
    return (mixed ^ (mixed >>> 29)) * 0x94d049bb133111ebL * block.diffs().get(i);
  }

  /** Everything before this has been told. */
  void progress(Antichain newFrontier) {
    frontier = newFrontier;
  }

  Antichain frontier() {
    return frontier;
  }

  /** The latest time that is complete, or -1 for none. */
  long asOf() {
    return frontier.isEmpty() ? Antichain.MAX_TIME : frontier.time() - 1;
  }

  /** The digest of the contents at a time. */
  long contentsAt(long time) {
    return sum(changes.headMap(time, true));
  }

  static long contents(List<UpdateBlock> blocks) {
    Followed all = new Followed();
    blocks.forEach(all::add);
    return sum(all.changes);
  }

  private static long sum(NavigableMap<Long, Long> some) {
    return some.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Fails unless every update that the collection has was told once, at its time. */
  void check(ShardContents truth, String who) {
    Followed all = new Followed();
    truth.blocks().forEach(all::add);
    long first = truth.since().isEmpty() ? Antichain.MAX_TIME : truth.since().time();
    first = Math.max(first, start);
    long last = asOf();
    if (first <= last) {
      assertEquals(all.contentsAt(first), contentsAt(first), who + " at " + first);
      assertEquals(all.later(first, last), later(first, last), who + " after " + first);
    }
  }

  private NavigableMap<Long, Long> later(long first, long last) {
    NavigableMap<Long, Long> later = new TreeMap<>(changes.subMap(first, false, last, true));
    later.values().removeIf(digest -> digest == 0);
    return later;
  }
}
