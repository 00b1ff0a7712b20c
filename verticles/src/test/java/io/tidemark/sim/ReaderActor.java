package io.tidemark.sim;

import io.tidemark.environment.Environment;
import io.tidemark.environment.Loop;
import io.tidemark.persist.PersistClient;
import io.tidemark.persist.ShardId;
import io.tidemark.persist.Snapshot;
import io.tidemark.persist.SnapshotOptions;
import io.tidemark.row.UpdateBlock;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** Reads snapshots while everything goes on, and keeps what it saw for whoever checks it later. */
final class ReaderActor {

  /** What was read at a time. */
  record Seen(long asOf, Map<String, Long> rows) {}

  private final Cluster cluster;
  private final ShardId shard;
  private final List<Seen> seen = new ArrayList<>();
  private boolean stopping;

  ReaderActor(Cluster cluster, ShardId shard) {
    this.cluster = cluster;
    this.shard = shard;
  }

  List<Seen> seen() {
    return seen;
  }

  void start() {
    Node node = cluster.client("reader");
    step(node, cluster.persist(node));
  }

  void stop() {
    stopping = true;
  }

  private void step(Node node, PersistClient persist) {
    if (!stopping) {
      Environment environment = node.environment();
      persist
          .open(shard, Rows.SCHEMA, environment)
          .compose(open -> open.snapshot(OptionalLong.empty(), options()))
          .compose(this::read)
          .onComplete(
              read ->
                  node.after(
                      1_000_000L * (200 + cluster.random().nextInt(2_000)),
                      () -> step(node, persist)));
    }
  }

  static SnapshotOptions options() {
    return new SnapshotOptions(1 << 20, Path.of("unused"), 1_000, 100);
  }

  private Future<Void> read(Snapshot snapshot) {
    List<UpdateBlock> blocks = new ArrayList<>();
    return Loop.whileTrue(
            () ->
                snapshot
                    .next()
                    .map(
                        block -> {
                          block.ifPresent(blocks::add);
                          return block.isPresent();
                        }))
        .onSuccess(all -> seen.add(new Seen(snapshot.asOf(), Rows.upTo(blocks, Long.MAX_VALUE))))
        .eventually(snapshot::close);
  }
}
