package io.tidemark.bench;

import io.tidemark.persist.PersistOptions;
import io.tidemark.persist.part.BareParquet.Row;
import io.tidemark.persist.part.SampleRows;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Reads a snapshot of many rows in a small heap, and DuckDB the same parts: {@code ReadBenchmark
 * FOLDER}. Prints medians, and medians of the ratios of each turn.
 */
public final class ReadBenchmark {

  private static final int BATCHES = Integer.getInteger("batches", 100);
  private static final int BATCH_ROWS = 100_000;
  private static final int BLOCK_ROWS = 4096;
  private static final int TURNS = Integer.getInteger("turns", 5);
  private static final long ROWS = (long) BATCHES * BATCH_ROWS;

  /** What a node uses for a snapshot when it has a heap of 256 MiB. */
  private static final long MEMORY_BYTES = 64 << 20;

  private ReadBenchmark() {}

  public static void main(String[] args) throws Exception {
    Path folder = Files.createTempDirectory(Files.createDirectories(Path.of(args[0])), "read");
    Samples rates = new Samples();
    Samples toSums = new Samples();
    Samples toScan = new Samples();
    try (ShardLoad shard = ShardLoad.onDisk(folder, PersistOptions.DEFAULTS);
        Connection duckdb = DriverManager.getConnection("jdbc:duckdb:")) {
      fill(shard);
      String parts =
          shard.partFiles().stream()
              .map(file -> "'" + file + "'")
              .collect(Collectors.joining(", ", "read_parquet([", "])"));
      for (int turn = -1; turn < TURNS; turn++) {
        double ours = seconds(() -> check(shard.read(MEMORY_BYTES)));
        double sums = seconds(() -> check(count(duckdb, sums(parts))));
        double scan = seconds(() -> check(count(duckdb, scan(parts))));
        if (turn >= 0) {
          rates.add(ROWS / ours);
          toSums.add(sums / ours);
          toScan.add(scan / ours);
        }
      }
    }
    print("| a snapshot of %,d rows, %d turns | median |", ROWS, TURNS);
    print("|---|---|");
    print("| rows/s | %,.0f |", rates.median());
    print("| to DuckDB, which adds up the diffs of equal rows | %.2f |", toSums.median());
    print("| to DuckDB, which only reads all columns | %.2f |", toScan.median());
    print("| largest heap, of %d MiB | %d MiB |", maxHeap() >> 20, peakHeap() >> 20);
    print("All files are in %s: delete it when you have seen them.", folder);
  }

  private static void fill(ShardLoad shard) throws Exception {
    Row[] rows = SampleRows.rows(BATCH_ROWS);
    for (int b = 0; b < BATCHES; b++) {
      for (int i = 0; i < rows.length; i++) {
        Row row = rows[i];
        rows[i] = new Row(row.id() + BATCH_ROWS, row.name(), row.amount(), row.ts());
      }
      shard.commit(SampleRows.blocks(rows, BLOCK_ROWS));
    }
  }

  private static String sums(String parts) {
    return "SELECT count(*) FROM (SELECT id, name, amount, ts, sum(_diff) AS copies FROM "
        + parts
        + " GROUP BY ALL HAVING copies <> 0)";
  }

  private static String scan(String parts) {
    return "SELECT count(*) FROM (SELECT hash(id, name, amount, ts, _time, _diff) AS h FROM "
        + parts
        + ") WHERE h IS NOT NULL";
  }

  private static long count(Connection duckdb, String query) throws SQLException {
    try (Statement statement = duckdb.createStatement();
        ResultSet result = statement.executeQuery(query)) {
      if (!result.next()) {
        throw new IllegalStateException("no answer to " + query);
      }
      return result.getLong(1);
    }
  }

  private static void check(long rows) {
    if (rows != ROWS) {
      throw new IllegalStateException("there are " + rows + " rows, not " + ROWS);
    }
  }

  private interface Work {
    void run() throws Exception;
  }

  private static double seconds(Work work) throws Exception {
    long start = System.nanoTime();
    work.run();
    return (System.nanoTime() - start) / 1e9;
  }

  private static long maxHeap() {
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getMax();
  }

  private static long peakHeap() {
    return ManagementFactory.getMemoryPoolMXBeans().stream()
        .filter(pool -> pool.getType() == MemoryType.HEAP)
        .map(MemoryPoolMXBean::getPeakUsage)
        .mapToLong(usage -> usage.getUsed())
        .sum();
  }

  private static void print(String format, Object... values) {
    System.out.println(String.format(Locale.ROOT, format, values));
  }
}
