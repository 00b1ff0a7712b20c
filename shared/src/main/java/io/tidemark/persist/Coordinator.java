package io.tidemark.persist;

import java.util.Objects;

/**
 * Who begins an epoch, for people and for whoever finds the epoch taken. Nothing rests on it.
 *
 * @param node names the process
 * @param cluster names the cluster that the process belongs to, so that a second one which writes
 *     the same shard by mistake can be told from a successor
 */
public record Coordinator(String node, String cluster) {

  public Coordinator {
    Objects.requireNonNull(node, "a coordinator names no node");
    Objects.requireNonNull(cluster, "a coordinator names no cluster");
  }

  @Override
  public String toString() {
    return "node " + node + " of cluster " + cluster;
  }
}
