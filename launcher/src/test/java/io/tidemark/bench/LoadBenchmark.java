package io.tidemark.bench;

import com.sun.management.OperatingSystemMXBean;
import io.tidemark.persist.part.BareParquet;
import io.tidemark.persist.part.BareParquet.Row;
import io.tidemark.persist.part.SampleRows;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Iterator;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The whole path, on this machine's disk with fsync on, against a bare library in the same run:
 * {@code LoadBenchmark FOLDER}. Takes turns, and prints medians, and the medians of the ratios of
 * each turn, since a busy machine moves both sides of a ratio.
 */
public final class LoadBenchmark {

  private static final int ROWS = Integer.getInteger("rows", 2_000_000);
  private static final int TURNS = Integer.getInteger("turns", 7);
  private static final int WARMUP_TURNS = 2;
  private static final int COMMITS = Integer.getInteger("commits", 20_000);
  private static final int COMMIT_ROWS = 10;
  private static final int WINDOW = 100;
  private static final int BARE_COMMITS = 20;
  private static final int COLLECTIONS = Integer.getInteger("collections", 200);
  private static final int STEADY_SECONDS = Integer.getInteger("seconds", 30);
  private static final int STEADY_WARMUP_SECONDS = 15;
  private static final int BARE_WARMUP = 3_000;

  private final Path folder;

  private LoadBenchmark(Path folder) {
    this.folder = folder;
  }

  public static void main(String[] args) throws Exception {
    Path folder = Files.createTempDirectory(Files.createDirectories(Path.of(args[0])), "load");
    LoadBenchmark benchmark = new LoadBenchmark(folder);
    benchmark.bulk();
    benchmark.smallCommits();
    benchmark.manyCollections();
    print("All files are in %s: delete it when you have seen them.", folder);
  }

  private void bulk() throws Exception {
    Row[] rows = SampleRows.rows(ROWS);
    Samples published = new Samples();
    Samples read = new Samples();
    Samples bareRows = new Samples();
    Samples bareColumns = new Samples();
    Samples toRows = new Samples();
    Samples toColumns = new Samples();
    BareParquet parquet = new BareParquet();
    try (Load load = new Load(folder.resolve("bulk"))) {
      for (int turn = -WARMUP_TURNS; turn < TURNS; turn++) {
        String collection = "turn" + (turn + WARMUP_TURNS);
        load.create(collection);
        double byRows = rate(() -> write(parquet.rowByRow(rows)));
        double byColumns = rate(() -> write(parquet.columnByColumn(rows)));
        double publishing = rate(() -> load.publish(collection, rows));
        double reading = rate(() -> check(load.read(collection)));
        if (turn >= 0) {
          published.add(publishing);
          read.add(reading);
          bareRows.add(byRows);
          bareColumns.add(byColumns);
          toRows.add(publishing / byRows);
          toColumns.add(publishing / byColumns);
        }
      }
    }
    print("| %,d rows of 4 columns, %d turns | median |", ROWS, TURNS);
    print("|---|---|");
    print("| publish, row by row, until the last is durable | %,.0f rows/s |", published.median());
    print("| one Parquet file with ParquetWriter, fsync | %,.0f rows/s |", bareRows.median());
    print("| one Parquet file by columns, fsync | %,.0f rows/s |", bareColumns.median());
    print("| publish to ParquetWriter | %.2f |", toRows.median());
    print("| publish to Parquet by columns | %.2f |", toColumns.median());
    print("| read the snapshot | %,.0f rows/s |", read.median());
  }

  private static void check(long rows) {
    if (rows != ROWS) {
      throw new IllegalStateException("the snapshot has " + rows + " rows, not " + ROWS);
    }
  }

  private interface Work {
    void run() throws Exception;
  }

  private static double rate(Work work) throws Exception {
    return ROWS / (nanos(work) / 1e9);
  }

  private static double nanos(Work work) throws Exception {
    long start = System.nanoTime();
    work.run();
    return System.nanoTime() - start;
  }

  private void write(byte[] file) throws IOException {
    Path path = folder.resolve("bare.parquet");
    try (FileChannel channel =
        FileChannel.open(
            path,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      ByteBuffer bytes = ByteBuffer.wrap(file);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
  }

  private void smallCommits() throws Exception {
    Path data = folder.resolve("small");
    Samples commits = new Samples();
    Samples bare = new Samples();
    try (Load load = new Load(data);
        BareSqlite sqlite = new BareSqlite(folder.resolve("bare.db"))) {
      for (int i = 0; i < BARE_WARMUP; i++) {
        sqlite.commit();
      }
      load.create("warm");
      load.create("small");
      load.request("warm", messages(0, BARE_WARMUP), new Samples());
      long before = bytes(data);
      for (int i = 0; i < COMMITS; i += WINDOW) {
        load.request("small", messages(i, Math.min(COMMITS, i + WINDOW)), commits);
        for (int k = 0; k < BARE_COMMITS; k++) {
          bare.add(nanos(sqlite::commit) / 1e3);
        }
      }
      printSmall(commits, bare, bytes(data) - before);
    }
  }

  private static void printSmall(Samples commits, Samples bare, long bytes) {
    double first = commits.medianOf(0, WINDOW);
    double last = commits.medianOf(COMMITS - WINDOW, COMMITS);
    double firstBare = bare.medianOf(0, WINDOW);
    double lastBare = bare.medianOf(bare.size() - WINDOW, bare.size());
    print("");
    print("| %,d commits of %d rows, one after the other | |", COMMITS, COMMIT_ROWS);
    print("|---|---|");
    print("| request on the bus until durable, p50 | %.0f us |", commits.median());
    print("| p99 | %.0f us |", commits.percentile(0.99));
    print("| one row in SQLite, durable, p50 | %.0f us |", bare.median());
    print("| p99 | %.0f us |", bare.percentile(0.99));
    print("| p50 to p50 | %.2f |", commits.median() / bare.median());
    print(
        "| median of commits 1 to %d | %.0f us (SQLite then %.0f us) |", WINDOW, first, firstBare);
    print("| median of the last %d | %.0f us (SQLite then %.0f us) |", WINDOW, last, lastBare);
    print("| last to first | %.2f |", last / first);
    print("| bytes on disk per commit | %,d |", bytes / COMMITS);
  }

  /** One node with many collections that commit once a second, and the same node idle. */
  private void manyCollections() throws Exception {
    String[] names =
        IntStream.range(0, COLLECTIONS).mapToObj(i -> "many" + i).toArray(String[]::new);
    try (Load load = new Load(folder.resolve("many"))) {
      for (String name : names) {
        load.create(name);
      }
      load.steady(names, messages(0, Integer.MAX_VALUE), STEADY_WARMUP_SECONDS);
      double idle = cores(() -> TimeUnit.SECONDS.sleep(STEADY_SECONDS / 3));
      Samples[] millis = new Samples[1];
      double busy =
          cores(
              () -> millis[0] = load.steady(names, messages(0, Integer.MAX_VALUE), STEADY_SECONDS));
      print("");
      print("| %d collections, one commit of %d rows a second each | |", COLLECTIONS, COMMIT_ROWS);
      print("|---|---|");
      print("| from when it was due until durable, p50 | %.2f ms |", millis[0].median());
      print("| p99 | %.2f ms |", millis[0].percentile(0.99));
      print("| cores in use, publishing included | %.2f |", busy);
      print("| cores in use when nothing is published | %.2f |", idle);
    }
  }

  /** How many cores this process kept busy. */
  private static double cores(Work work) throws Exception {
    OperatingSystemMXBean process =
        ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    long before = process.getProcessCpuTime();
    double elapsed = nanos(work);
    return (process.getProcessCpuTime() - before) / elapsed;
  }

  static Iterator<JsonArray> messages(int from, int to) {
    return IntStream.range(from, to).mapToObj(LoadBenchmark::message).iterator();
  }

  private static JsonArray message(int number) {
    JsonArray rows = new JsonArray();
    for (int i = 0; i < COMMIT_ROWS; i++) {
      rows.add(
          new JsonObject()
              .put("id", (long) number * COMMIT_ROWS + i)
              .put("name", String.format("user-%011d", number))
              .put("amount", i / 4.0)
              .put("ts", 1_700_000_000_000_000L + number));
    }
    return rows;
  }

  private static long bytes(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
    }
  }

  private static void print(String format, Object... values) {
    System.out.println(String.format(Locale.ROOT, format, values));
  }
}
