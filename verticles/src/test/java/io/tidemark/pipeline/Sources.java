package io.tidemark.pipeline;

import io.tidemark.client.SourcePartition;
import io.tidemark.progress.Antichain;

/** What tests of source mode do again and again. */
final class Sources {

  private Sources() {}

  /** Sends an order at each of some times. */
  static void send(TestNode node, SourcePartition partition, String who, long... times) {
    node.on(() -> partition.send(Orders.at(partition.schema(), who, times)));
  }

  /** Ends a collection of one partition. */
  static void seal(TestNode node, String collection) {
    SourcePartition partition = node.claim(collection, 0);
    node.on(() -> partition.advance(Antichain.empty(), null));
  }
}
