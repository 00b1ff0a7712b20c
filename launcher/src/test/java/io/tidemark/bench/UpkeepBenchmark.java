package io.tidemark.bench;

import io.tidemark.persist.CompactionCounts;
import io.tidemark.persist.CompactionOptions;
import io.tidemark.persist.PersistOptions;
import io.tidemark.persist.part.BareParquet.Row;
import io.tidemark.persist.part.ParquetRewrite;
import io.tidemark.persist.part.SampleRows;
import io.tidemark.row.UpdateBlock;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What becomes of a shard with age, and what its upkeep costs, on this machine's disk: {@code
 * UpkeepBenchmark FOLDER}. Prints medians, and medians of the ratios of each turn.
 */
public final class UpkeepBenchmark {

  private static final int COMMITS = Integer.getInteger("commits", 100_000);
  private static final int COMMIT_ROWS = 10;
  private static final int WINDOW = 1_000;
  private static final int WARMUP_COMMITS = 5_000;
  private static final int TURNS = Integer.getInteger("turns", 5);
  private static final int BATCHES = 40;
  private static final int BATCH_ROWS = 50_000;
  private static final int BLOCK_ROWS = 4096;
  private static final int DAY_SECONDS = Integer.getInteger("day", 86_400);
  private static final long MEMORY_BYTES = 512 << 20;
  private static final PersistOptions ON_DEMAND =
      PersistOptions.DEFAULTS.withCompaction(CompactionOptions.DEFAULTS.onDemand());

  private final Path folder;
  private int shards;

  private UpkeepBenchmark(Path folder) {
    this.folder = folder;
  }

  public static void main(String[] args) throws Exception {
    Path folder = Files.createTempDirectory(Files.createDirectories(Path.of(args[0])), "upkeep");
    UpkeepBenchmark benchmark = new UpkeepBenchmark(folder);
    benchmark.age();
    benchmark.compaction();
    benchmark.ingestion();
    benchmark.day();
    print("All files are in %s: delete it when you have seen them.", folder);
  }

  private Path next() {
    return folder.resolve("shard" + shards++);
  }

  private static List<UpdateBlock> blocks(Row[] rows, int from, int count) {
    return SampleRows.blocks(Arrays.copyOfRange(rows, from, from + count), BLOCK_ROWS);
  }

  private static double nanos(Work work) throws Exception {
    long start = System.nanoTime();
    work.run();
    return System.nanoTime() - start;
  }

  private interface Work {
    void run() throws Exception;
  }

  private void age() throws Exception {
    Row[] rows = SampleRows.rows(COMMITS * COMMIT_ROWS);
    try (ShardLoad warmup = ShardLoad.onDisk(next(), PersistOptions.DEFAULTS)) {
      for (int i = 0; i < WARMUP_COMMITS; i++) {
        warmup.commit(blocks(rows, i * COMMIT_ROWS, COMMIT_ROWS));
      }
    }
    Samples micros = new Samples();
    int versions = 0;
    try (ShardLoad aged = ShardLoad.onDisk(next(), PersistOptions.DEFAULTS);
        ShardLoad fresh = ShardLoad.onDisk(next(), ON_DEMAND)) {
      for (int i = 0; i < COMMITS; i++) {
        List<UpdateBlock> commit = blocks(rows, i * COMMIT_ROWS, COMMIT_ROWS);
        micros.add(nanos(() -> aged.commit(commit)) / 1e3);
        if ((i + 1) % WINDOW == 0) {
          versions = Math.max(versions, aged.liveVersions());
        }
      }
      fresh.commit(blocks(rows, 0, rows.length));
      print("| %,d commits of %d rows, one after the other | |", COMMITS, COMMIT_ROWS);
      print("|---|---|");
      double first = micros.medianOf(0, WINDOW);
      double last = micros.medianOf(COMMITS - WINDOW, COMMITS);
      print("| median of the first %,d | %,.0f us |", WINDOW, first);
      print("| median of the last %,d | %,.0f us |", WINDOW, last);
      print("| last to first | %.2f |", last / first);
      print("| most versions in consensus | %,d |", versions);
      print("| snapshot, to one of the same rows in one batch | %.2f |", reading(aged, fresh));
      aged.compact();
      print("| the same, once it is compacted as a whole | %.2f |", reading(aged, fresh));
    }
  }

  private static double reading(ShardLoad aged, ShardLoad fresh) throws Exception {
    Samples ratios = new Samples();
    for (int turn = -1; turn < TURNS; turn++) {
      double one = nanos(() -> check(fresh.read(MEMORY_BYTES)));
      double many = nanos(() -> check(aged.read(MEMORY_BYTES)));
      if (turn >= 0) {
        ratios.add(many / one);
      }
    }
    return ratios.median();
  }

  private static void check(long rows) {
    if (rows != (long) COMMITS * COMMIT_ROWS) {
      throw new IllegalStateException("the snapshot has " + rows + " rows");
    }
  }

  private void compaction() throws Exception {
    Row[] rows = SampleRows.rows(BATCHES * BATCH_ROWS);
    ParquetRewrite parquet = new ParquetRewrite();
    Samples rowRates = new Samples();
    Samples byteRates = new Samples();
    Samples ratios = new Samples();
    for (int turn = -1; turn < TURNS; turn++) {
      try (ShardLoad shard = ShardLoad.onDisk(next(), ON_DEMAND)) {
        fill(shard, rows);
        List<byte[]> files = new ArrayList<>();
        for (Path file : shard.partFiles()) {
          files.add(Files.readAllBytes(file));
        }
        double bare = nanos(() -> write(parquet.rewrite(files)));
        double ours = nanos(shard::compact);
        CompactionCounts counts = shard.writer().compactions();
        if (turn >= 0) {
          rowRates.add(counts.updatesIn() / (ours / 1e9));
          byteRates.add(counts.bytesIn() / (ours / 1e9) / (1 << 20));
          ratios.add(bare / ours);
        }
      }
    }
    print("| %d parts of %,d rows made one run, %d turns | median |", BATCHES, BATCH_ROWS, TURNS);
    print("|---|---|");
    print("| compaction | %,.0f rows/s |", rowRates.median());
    print("| compaction | %,.1f MiB/s |", byteRates.median());
    print("| its rate to that of one rewrite by parquet-java | %.2f |", ratios.median());
  }

  private static void fill(ShardLoad shard, Row[] rows) throws Exception {
    for (int b = 0; b < BATCHES; b++) {
      shard.commit(blocks(rows, b * BATCH_ROWS, BATCH_ROWS));
    }
  }

  private void write(byte[] file) throws Exception {
    try (FileChannel out =
        FileChannel.open(next(), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(file);
      while (bytes.hasRemaining()) {
        int unused = out.write(bytes);
      }
      out.force(true);
    }
  }

  private void ingestion() throws Exception {
    Row[] rows = SampleRows.rows(BATCHES * BATCH_ROWS);
    Samples with = new Samples();
    Samples ratios = new Samples();
    for (int turn = -1; turn < TURNS; turn++) {
      double off = filling(rows, ON_DEMAND);
      double on = filling(rows, PersistOptions.DEFAULTS);
      if (turn >= 0) {
        with.add(on);
        ratios.add(on / off);
      }
    }
    print("| %d commits of %,d rows, %d turns | median |", BATCHES, BATCH_ROWS, TURNS);
    print("|---|---|");
    print("| with compaction | %,.0f rows/s |", with.median());
    print("| with compaction to without | %.2f |", ratios.median());
  }

  private double filling(Row[] rows, PersistOptions options) throws Exception {
    try (ShardLoad shard = ShardLoad.onDisk(next(), options)) {
      return rows.length / (nanos(() -> fill(shard, rows)) / 1e9);
    }
  }

  private void day() throws Exception {
    Row[] rows = SampleRows.rows(DAY_SECONDS * COMMIT_ROWS);
    try (ShardLoad shard = ShardLoad.inMemory(next(), PersistOptions.DEFAULTS)) {
      for (int second = 0; second < DAY_SECONDS; second++) {
        shard.commit(blocks(rows, second * COMMIT_ROWS, COMMIT_ROWS));
      }
      CompactionCounts counts = shard.writer().compactions();
      print("| %,d commits of %d rows, in memory | |", DAY_SECONDS, COMMIT_ROWS);
      print("|---|---|");
      print("| compactions | %,d |", counts.applied());
      double times = (double) counts.updatesOut() / rows.length;
      print("| how often compaction writes a row | %.2f |", times);
      print("| bytes it writes, per row | %.1f |", (double) counts.bytesOut() / rows.length);
    }
  }

  private static void print(String format, Object... values) {
    System.out.println(String.format(Locale.ROOT, format, values));
  }
}
