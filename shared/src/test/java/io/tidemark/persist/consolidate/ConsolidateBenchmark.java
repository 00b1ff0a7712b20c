package io.tidemark.persist.consolidate;

import io.tidemark.row.Column;
import io.tidemark.row.ColumnType;
import io.tidemark.row.Schema;
import io.tidemark.row.UpdateBlock;
import io.tidemark.row.UpdateBlockBuilder;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Measures rows per second on one thread: {@code ConsolidateBenchmark [rounds]}. Rows are an id, a
 * name of 16 characters, an amount and a timestamp; one round is adding all and taking all.
 */
public final class ConsolidateBenchmark {

  private static final int ROWS = 2_000_000;
  private static final int BLOCK_ROWS = 65_536;
  private static final Schema SCHEMA =
      Schema.of(
          Column.required("id", ColumnType.INT64),
          Column.required("name", ColumnType.STRING),
          Column.required("amount", ColumnType.FLOAT64),
          Column.required("ts", ColumnType.TIMESTAMP));

  private ConsolidateBenchmark() {}

  public static void main(String[] args) throws Exception {
    int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 7;
    String only = args.length > 1 ? args[1] : "";
    Path directory = Files.createTempDirectory("consolidate");
    for (String name : List.of("distinct", "tenth", "cancel")) {
      for (int megabytes : new int[] {512, 32}) {
        String label = name + "/" + megabytes + "MiB";
        if (label.startsWith(only)) {
          measure(label, blocks(name), megabytes, directory, rounds);
        }
      }
    }
    Files.delete(directory);
  }

  private static List<UpdateBlock> blocks(String shape) {
    List<UpdateBlock> blocks = new ArrayList<>();
    UpdateBlockBuilder builder = new UpdateBlockBuilder(SCHEMA, BLOCK_ROWS);
    for (int i = 0; i < ROWS; i++) {
      int row =
          switch (shape) {
            case "distinct" -> i;
            case "tenth" -> (int) (((i * 0x9E3779B97F4A7C15L) >>> 1) % (ROWS / 10));
            default -> i % (ROWS / 2);
          };
      builder
          .int64(0, row)
          .string(1, "name-" + (10_000_000_000L + row * 7919L))
          .float64(2, row * 0.25)
          .timestampMicros(3, 1_700_000_000_000_000L + row);
      builder.row(1 + i / 1000, shape.equals("cancel") && i >= ROWS / 2 ? -1 : 1);
      if (builder.size() == BLOCK_ROWS) {
        blocks.add(builder.build());
        builder = new UpdateBlockBuilder(SCHEMA, BLOCK_ROWS);
      }
    }
    blocks.add(builder.build());
    return blocks;
  }

  private static void measure(
      String label, List<UpdateBlock> blocks, int megabytes, Path directory, int rounds) {
    double[] rates = new double[rounds];
    double[] cpuRates = new double[rounds];
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    String note = "";
    for (int r = 0; r < rounds; r++) {
      long cpuStart = threads.getCurrentThreadCpuTime();
      long start = System.nanoTime();
      try (Consolidator consolidator =
          new Consolidator(
              SCHEMA,
              1L << 40,
              new ConsolidatorOptions(
                  (long) megabytes << 20, directory.resolve("spill"), BLOCK_ROWS, 16 << 20))) {
        blocks.forEach(consolidator::add);
        long added = System.nanoTime();
        long rows = 0;
        for (UpdateBlock b = consolidator.next(); b != null; b = consolidator.next()) {
          rows += b.size();
        }
        long end = System.nanoTime();
        rates[r] = ROWS * 1e3 / (end - start);
        cpuRates[r] = ROWS * 1e3 / (threads.getCurrentThreadCpuTime() - cpuStart);
        note =
            String.format(
                Locale.ROOT,
                "add %.0f ms, next %.0f ms, %d rows out, %s, peak %.1f MiB",
                (added - start) / 1e6,
                (end - added) / 1e6,
                rows,
                consolidator.spilled(),
                consolidator.peakMemoryBytes() / 1048576.0);
      }
    }
    Arrays.sort(rates);
    Arrays.sort(cpuRates);
    System.out.printf(
        Locale.ROOT,
        "%-16s %5.2f M rows/s (best %.2f), %.2f per CPU second (best %.2f); last round: %s%n",
        label,
        rates[rounds / 2],
        rates[rounds - 1],
        cpuRates[rounds / 2],
        cpuRates[rounds - 1],
        note);
  }
}
