package io.tidemark.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.client.SourcePartition;
import io.tidemark.persist.Shard;
import io.tidemark.persist.ShardSummary;
import io.tidemark.progress.Antichain;
import io.tidemark.row.UpdateBlockBuilder;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
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
      assertEquals(duckDb("id, who", files, time), contents().at("ticks", OptionalLong.of(time)));
    }
  }

  /** Parts of before and after an alteration, and rows of before that are taken back after it. */
  @Test
  void shouldFindInPartsOfSeveralSchemasWhatASnapshotGives() throws Exception {
    start(NodeOptions.DEFAULTS.withPersist(Settings.parts(20_000)));
    node().admin("create", Orders.source("ticks", 1));
    send(10, 0);
    JsonObject note = new JsonObject().put("name", "note").put("type", "string");
    node()
        .admin(
            "alter",
            new JsonObject().put("name", "ticks").put("addColumns", new JsonArray().add(note)));
    send(10, 10);
    String files = files(directory.resolve("data"), contents().shard("ticks"));

    for (long time : new long[] {0, 9, 10, 19}) {
      assertEquals(
          duckDb("id, who, note", files, time), contents().at("ticks", OptionalLong.of(time)));
    }
  }

  /** Claims the partition, and sends the rows of some times. */
  private void send(long times, long from) {
    SourcePartition partition = node().claim("ticks", 0);
    for (long time = from; time < from + times; time++) {
      UpdateBlockBuilder block = rows(partition, time);
      if (partition.schema().size() > 2) {
        block.int64(0, -time).string(2, "noted");
        block.row(time, 1);
      }
      node().on(() -> partition.send(block.build()));
    }
    node().on(() -> partition.advance(Antichain.of(from + times), null));
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

  private static Map<Object, Long> duckDb(String columns, String files, long asOf)
      throws SQLException {
    String select =
        "SELECT _error, sum(_diff), "
            + columns
            + " FROM read_parquet(["
            + files
            + "], union_by_name = true) WHERE _time <= "
            + asOf
            + " GROUP BY ALL HAVING sum(_diff) <> 0";
    Map<Object, Long> rows = new HashMap<>();
    try (Connection duckDb = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = duckDb.createStatement();
        ResultSet each = statement.executeQuery(select)) {
      while (each.next()) {
        String error = each.getString(1);
        List<Object> values = new ArrayList<>();
        for (int c = 3; c <= each.getMetaData().getColumnCount(); c++) {
          values.add(each.getObject(c));
        }
        Long before = rows.put(error != null ? "error: " + error : values, each.getLong(2));
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
