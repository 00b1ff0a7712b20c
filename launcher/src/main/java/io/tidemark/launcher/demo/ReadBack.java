package io.tidemark.launcher.demo;

import io.tidemark.environment.Environment;
import io.tidemark.environment.Loop;
import io.tidemark.persist.Shard;
import io.tidemark.persist.Snapshot;
import io.tidemark.persist.SnapshotOptions;
import io.tidemark.row.UpdateBlock;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * A collection as its newest snapshot has it.
 *
 * @param asOf the time of the snapshot
 * @param rows each row, and how often it is there
 * @param partKeys the parts that it was read from
 * @param inlineBytes how many bytes of it are not in parts but in the state
 */
record ReadBack(long asOf, Map<List<Object>, Long> rows, List<String> partKeys, long inlineBytes) {

  /** Reads a collection of which all rows fit in memory. */
  static Future<ReadBack> of(Shard shard, SnapshotOptions options, Environment environment) {
    return shard
        .snapshot(OptionalLong.empty(), options)
        .compose(
            snapshot -> {
              Map<List<Object>, Long> rows = new HashMap<>();
              return Loop.whileTrue(() -> step(snapshot, rows))
                  .eventually(snapshot::close)
                  .map(
                      done ->
                          new ReadBack(
                              snapshot.asOf(),
                              rows,
                              shard.partKeys(),
                              shard.summary().inlineBytes()));
            });
  }

  private static Future<Boolean> step(Snapshot snapshot, Map<List<Object>, Long> rows) {
    return snapshot
        .next()
        .map(
            block -> {
              block.ifPresent(updates -> add(updates, rows));
              return block.isPresent();
            });
  }

  private static void add(UpdateBlock updates, Map<List<Object>, Long> rows) {
    for (int i = 0; i < updates.size(); i++) {
      List<Object> row = new ArrayList<>();
      for (int c = 0; c < updates.schema().size(); c++) {
        row.add(updates.value(c, i));
      }
      rows.merge(row, updates.diffs().get(i), Long::sum);
    }
  }

  /** How many rows differ from what is expected: are missing, too many, or not expected at all. */
  long differences(Map<List<Object>, Long> expected) {
    long missing =
        expected.entrySet().stream()
            .filter(row -> !row.getValue().equals(rows.get(row.getKey())))
            .count();
    long unexpected = rows.keySet().stream().filter(row -> !expected.containsKey(row)).count();
    return missing + unexpected;
  }
}
