package io.tidemark.launcher.cluster;

import com.hazelcast.map.IMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What was known of the leases at some time.
 *
 * @param nodes those that stay: a node that is about to leave has no writer listed any more, and is
 *     not waited for
 * @param holders the node that holds each lease
 */
record LeaseView(long atMillis, List<String> nodes, Map<String, String> holders) {

  static final LeaseView NONE = new LeaseView(Long.MIN_VALUE, List.of(), Map.of());

  /** Blocks for the time of two questions to the other nodes. */
  static LeaseView read(
      long atMillis, Cluster cluster, IMap<String, String> leases, IMap<String, String> writers) {
    List<String> nodes = cluster.nodes();
    Set<String> writing = new HashSet<>(writers.values());
    List<String> staying = nodes.stream().filter(writing::contains).toList();
    Map<String, String> holders = new HashMap<>();
    leases
        .entrySet()
        .forEach(entry -> holders.put(entry.getKey(), LeaseStep.node(entry.getValue())));
    return new LeaseView(atMillis, staying.isEmpty() ? nodes : staying, Map.copyOf(holders));
  }

  /** Whether anything was known so short a time before {@code nowMillis}. */
  boolean isYounger(long ageMillis, long nowMillis) {
    return atMillis != Long.MIN_VALUE && nowMillis - atMillis < ageMillis;
  }

  /** Which collection belongs where, as {@code me} sees it. */
  Spread spread(String me) {
    return new Spread(me, nodes, holders);
  }
}
