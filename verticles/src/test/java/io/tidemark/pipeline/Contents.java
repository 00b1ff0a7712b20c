package io.tidemark.pipeline;

import io.tidemark.catalog.Catalog;
import io.tidemark.catalog.CollectionSpec;
import io.tidemark.environment.Loop;
import io.tidemark.persist.PersistClient;
import io.tidemark.persist.Shard;
import io.tidemark.persist.Snapshot;
import io.tidemark.persist.SnapshotOptions;
import io.tidemark.row.UpdateBlock;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Consumer;

/** Reads collections as a reader does: through snapshots. */
final class Contents {

  private static final int BLOCK_UPDATES = 4096;
  private static final long WAIT_MILLIS = 10_000;

  private final TestNode node;
  private final Path spillDirectory;

  Contents(TestNode node, Path spillDirectory) {
    this.node = node;
    this.spillDirectory = spillDirectory;
  }

  CollectionSpec spec(String collection) {
    PersistClient stores = node.stores();
    return node.on(
        () ->
            new Catalog(stores.consensus(), node.environment(), stores.options().retry())
                .read()
                .map(all -> all.get(collection)));
  }

  Shard shard(String collection) {
    CollectionSpec spec = spec(collection);
    return node.on(() -> node.stores().open(spec.shard(), spec.schema(), node.environment()));
  }

  /** Each distinct row as the list of its values, or its error as text, with its multiplicity. */
  Map<Object, Long> at(String collection, OptionalLong asOf) {
    Map<Object, Long> rows = new HashMap<>();
    forEach(
        collection,
        asOf,
        16 << 20,
        block -> {
          for (int i = 0; i < block.size(); i++) {
            rows.merge(row(block, i), block.diffs().get(i), Long::sum);
          }
        });
    return rows;
  }

  /** The newest contents. */
  Map<Object, Long> of(String collection) {
    return at(collection, OptionalLong.empty());
  }

  /** Passes the blocks of a snapshot on, on the client's context. */
  void forEach(
      String collection, OptionalLong asOf, long memoryBytes, Consumer<UpdateBlock> blocks) {
    Shard shard = shard(collection);
    SnapshotOptions options =
        new SnapshotOptions(memoryBytes, spillDirectory, BLOCK_UPDATES, WAIT_MILLIS);
    Snapshot snapshot = node.on(() -> shard.snapshot(asOf, options));
    node.onPatiently(
        () ->
            Loop.whileTrue(() -> snapshot.next().map(next -> pass(next.orElse(null), blocks)))
                .eventually(snapshot::close));
  }

  private static boolean pass(UpdateBlock next, Consumer<UpdateBlock> blocks) {
    if (next != null) {
      blocks.accept(next);
    }
    return next != null;
  }

  private static Object row(UpdateBlock block, int i) {
    if (block.isError(i)) {
      return "error: " + block.error(i);
    }
    List<Object> values = new ArrayList<>();
    for (int column = 0; column < block.schema().size(); column++) {
      values.add(block.value(column, i));
    }
    return values;
  }
}
