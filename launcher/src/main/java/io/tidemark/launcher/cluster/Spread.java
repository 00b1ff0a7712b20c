package io.tidemark.launcher.cluster;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which node coordinates which collection, so that each has its share. Nodes that have less than
 * their share come first, and among equals a hash of both decides: whoever looks at the same
 * holders comes to the same order.
 *
 * @param me this node
 * @param nodes those that are there, this one included
 * @param holders by collection; leases of nodes that are gone count for nobody
 */
record Spread(String me, List<String> nodes, Map<String, String> holders) {

  /** How many nodes should try for a free collection before this one does. */
  int rank(String collection) {
    int collections = holders.size() + (holders.containsKey(collection) ? 0 : 1);
    return Math.max(0, order(collection, withLess(share(collections))).indexOf(me));
  }

  /**
   * A collection that this node should hand over, because it has more than its share and some other
   * node less: one that the other would be the first to try for.
   */
  Optional<String> surplus() {
    int share = share(holders.size());
    Set<String> withLess = withLess(share);
    List<String> mine =
        holders.keySet().stream().filter(each -> me.equals(holders.get(each))).toList();
    if (mine.size() <= share || withLess.isEmpty()) {
      return Optional.empty();
    }
    return mine.stream()
        .min(Comparator.comparingLong(each -> hash(order(each, withLess).get(0), each)));
  }

  /** All nodes, first the one that should try first. */
  private List<String> order(String collection, Set<String> withLess) {
    return nodes.stream()
        .sorted(
            Comparator.<String>comparingInt(node -> withLess.contains(node) ? 0 : 1)
                .thenComparingLong(node -> hash(node, collection)))
        .toList();
  }

  private int share(int collections) {
    int count = Math.max(1, nodes.size());
    return (collections + count - 1) / count;
  }

  /** The nodes that hold less than {@code share}. */
  private Set<String> withLess(int share) {
    Map<String, Integer> counts = new HashMap<>();
    holders.values().forEach(node -> counts.merge(node, 1, Integer::sum));
    return nodes.stream()
        .filter(node -> counts.getOrDefault(node, 0) < share)
        .collect(Collectors.toSet());
  }

  /** Rendezvous: each collection has an order of nodes of its own, which no other node changes. */
  private static long hash(String node, String collection) {
    return mix(mix(text(node)) + text(collection));
  }

  private static long text(String text) {
    long hash = 0;
    for (int i = 0; i < text.length(); i++) {
      hash = hash * 31 + text.charAt(i);
    }
    return hash;
  }

  /** The finalizer of splitmix64: every bit depends on every other. */
  private static long mix(long bits) {
    long mixed = (bits ^ (bits >>> 30)) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
    return mixed ^ (mixed >>> 31);
  }
}
