package io.tidemark.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.client.SourcePartition;
import io.tidemark.persist.Shard;
import io.tidemark.persist.ShardSummary;
import io.tidemark.progress.Antichain;
import io.tidemark.row.UpdateBlockBuilder;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** DuckDB, which shares no code with us, finds in the parts what a snapshot gives. */
class DuckDbTest extends PipelineTest {

  private static final long TIMES = 30;

  @Test
  void shouldFindInThePartsWhatASnapshotGives() throws Exception {
    start(NodeOptions.DEFAULTS.withPersist(Settings.parts(20_000)));
    node().admin("create", Orders.source("ticks", 1));
    SourcePartition partition = node().claim("ticks", 0);
    for (long time = 0; time < TIMES; time++) {
      long at = time;
      node().on(() -> partition.send(rows(partition, at).build()));
      if (time % 10 == 9) {
        node().on(() -> partition.advance(Antichain.of(at + 1), null));
      }
    }
    Shard shard = contents().shard("ticks");
    String files = files(directory.resolve("data"), shard);
    ShardSummary summary = shard.summary();
    assertEquals(0, summary.inlineBytes(), "everything is in parts");
    assertTrue(summary.parts() > TIMES / 10, "in several for each batch");
    for (long time = 0; time < TIMES; time += 7) {
      assertEquals(duckDb(files, time), contents().at("ticks", OptionalLong.of(time)));
    }
  }

  /** Orders that come at one time; some of those before go, and there is an error now and then. */
  private static UpdateBlockBuilder rows(SourcePartition partition, long time) {
    UpdateBlockBuilder block = new UpdateBlockBuilder(partition.schema());
    for (long i = 0; i < 150; i++) {
      Orders.binary(time * 1_000 + i, i % 5 == 0 ? null : "who " + i % 7).accept(block);
      block.row(time, 1 + i % 3);
      if (time > 0 && i % 4 == 0) {
        Orders.binary((time - 1) * 1_000 + i, i % 5 == 0 ? null : "who " + i % 7).accept(block);
        block.row(time, -1 - i % 3);
      }
    }
    if (time % 6 == 0) {
      block.error("nothing at " + time, time, 1);
    }
    return block;
  }

  private Map<Object, Long> duckDb(String files, long asOf) throws SQLException {
    String select =
        "SELECT id, who, _error, sum(_diff) FROM read_parquet(["
            + files
            + "]) WHERE _time <= "
            + asOf
            + " GROUP BY ALL HAVING sum(_diff) <> 0";
    Map<Object, Long> rows = new HashMap<>();
    try (Connection duckDb = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = duckDb.createStatement();
        ResultSet each = statement.executeQuery(select)) {
      while (each.next()) {
        String error = each.getString(3);
        Object row =
            error != null ? "error: " + error : Orders.values(each.getLong(1), each.getString(2));
        Long before = rows.put(row, each.getLong(4));
        assertEquals(null, before);
      }
    }
    return rows;
  }

  /** The parts that the state names: beside them lie others, which compaction has replaced. */
  private static String files(Path data, Shard shard) {
    return shard.partKeys().stream()
        .map(key -> "'" + data.resolve("blob").resolve(key) + "'")
        .collect(Collectors.joining(", "));
  }
}
