package io.tidemark.persist.part;

import io.tidemark.row.Column;
import io.tidemark.row.ColumnType;
import io.tidemark.row.Schema;
import io.tidemark.row.UpdateBlock;
import io.tidemark.row.UpdateBlockBuilder;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.apache.parquet.bytes.BytesInput;

/**
 * How fast parts are written and read, against parquet-java alone. Not a test: run {@code main} on
 * the test class path. It prints the CPU time of one thread per row, the median of many runs that
 * take turns. Arguments: rows, runs, and a pattern that the names of the cases match.
 */
final class PartBenchmark {

  private static final long TIME = 1_700_000_000_000L;
  private static final int PAGE_BYTES = 256 << 10;
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private PartBenchmark() {}

  static final Schema SCHEMA =
      Schema.of(
          Column.required("id", ColumnType.INT64),
          Column.required("name", ColumnType.STRING),
          Column.required("amount", ColumnType.FLOAT64),
          Column.required("ts", ColumnType.INT64));

  static BareParquet.Row[] rows(int count) {
    SplittableRandom random = new SplittableRandom(1);
    BareParquet.Row[] rows = new BareParquet.Row[count];
    for (int i = 0; i < count; i++) {
      String name = String.format("user-%011d", random.nextInt(1_000_000));
      double amount = random.nextInt(1_000_000) / 100.0;
      rows[i] = new BareParquet.Row(i, name, amount, TIME * 1000 + i * 37L + random.nextInt(37));
    }
    return rows;
  }

  static List<UpdateBlock> blocks(BareParquet.Row[] rows, int blockRows) {
    List<UpdateBlock> blocks = new ArrayList<>();
    for (int from = 0; from < rows.length; from += blockRows) {
      UpdateBlockBuilder builder = new UpdateBlockBuilder(SCHEMA, blockRows);
      for (int i = from; i < Math.min(rows.length, from + blockRows); i++) {
        BareParquet.Row row = rows[i];
        builder
            .int64(0, row.id())
            .string(1, row.name())
            .float64(2, row.amount())
            .int64(3, row.ts());
        builder.row(TIME, 1);
      }
      blocks.add(builder.build());
    }
    return blocks;
  }

  static EncodedPart write(List<UpdateBlock> blocks) {
    PartWriter writer = new PartWriter(SCHEMA);
    for (UpdateBlock block : blocks) {
      writer.write(block);
    }
    return writer.finish();
  }

  static long read(EncodedPart part) {
    PartReader reader = PartReader.open(SCHEMA, part.file(), part.crc32c());
    long updates = 0;
    for (UpdateBlock block = reader.next(); block != null; block = reader.next()) {
      updates += block.size();
    }
    return updates;
  }

  /** The same values as plain pages, so that zstd's share can be told. */
  private static List<byte[]> plainPages(BareParquet.Row[] rows) {
    ByteBuffer[] columns = new ByteBuffer[4];
    for (int c = 0; c < columns.length; c++) {
      columns[c] = ByteBuffer.allocate(rows.length * 20).order(ByteOrder.LITTLE_ENDIAN);
    }
    for (BareParquet.Row row : rows) {
      columns[0].putLong(row.id());
      columns[1].putInt(16).put(row.name().getBytes(StandardCharsets.UTF_8));
      columns[2].putDouble(row.amount());
      columns[3].putLong(row.ts());
    }
    List<byte[]> pages = new ArrayList<>();
    for (ByteBuffer column : columns) {
      for (int from = 0; from < column.position(); from += PAGE_BYTES) {
        int to = Math.min(column.position(), from + PAGE_BYTES);
        byte[] page = new byte[to - from];
        column.duplicate().position(from).get(page);
        pages.add(page);
      }
    }
    return pages;
  }

  private static long compress(List<byte[]> pages) {
    long bytes = 0;
    for (byte[] page : pages) {
      bytes += ZstdPages.COMPRESSOR.compress(BytesInput.from(page)).size();
    }
    return bytes;
  }

  public static void main(String[] args) {
    int count = args.length > 0 ? Integer.parseInt(args[0]) : 100_000;
    int rounds = args.length > 1 ? Integer.parseInt(args[1]) : 40;
    BareParquet.Row[] rows = rows(count);
    List<UpdateBlock> blocks = blocks(rows, 1000);
    List<UpdateBlock> oneBlock = blocks(rows, count);
    EncodedPart part = write(blocks);
    Map<String, Supplier<Object>> cases = new LinkedHashMap<>();
    cases.put("part write, blocks of 1000", () -> write(blocks));
    cases.put("part write, one block", () -> write(oneBlock));
    List<byte[]> pages = plainPages(rows);
    cases.put("part write, zstd alone", () -> compress(pages));
    cases.put("part read", () -> read(part));
    for (int level : new int[] {1, 3}) {
      BareParquet plain = new BareParquet(level, false, true);
      BareParquet defaults = new BareParquet(level, true, true);
      cases.put("parquet-java high, zstd " + level + ", dictionary", () -> defaults.high(rows));
      cases.put("parquet-java high, zstd " + level, () -> plain.high(rows));
      cases.put("parquet-java low, zstd " + level, () -> plain.low(rows));
    }
    BareParquet bare = new BareParquet(1, false, true);
    byte[] bareFile = bare.low(rows);
    cases.put("parquet-java low read", () -> bare.readLow(bareFile));
    cases.put("parquet-java low read of a part", () -> bare.readLow(part.file()));
    if (args.length > 2) {
      cases.keySet().removeIf(name -> !name.matches(args[2]));
    }
    int repeats = Math.max(1, 20_000 / Math.max(count, 100));
    Map<String, long[]> samples = new LinkedHashMap<>();
    for (int round = -rounds / 2; round < rounds; round++) {
      for (Map.Entry<String, Supplier<Object>> each : cases.entrySet()) {
        Object result = each.getValue().get();
        long before = THREADS.getCurrentThreadCpuTime();
        for (int i = 0; i < repeats; i++) {
          result = each.getValue().get();
        }
        long nanos = (THREADS.getCurrentThreadCpuTime() - before) / repeats;
        if (round >= 0) {
          samples.computeIfAbsent(each.getKey(), k -> new long[rounds])[round] = nanos;
        } else if (round == -1) {
          Object size =
              result instanceof EncodedPart p
                  ? p.file().length
                  : result instanceof byte[] file ? file.length : result;
          System.out.println(each.getKey() + ": " + size);
        }
      }
    }
    samples.forEach(
        (name, nanos) -> {
          Arrays.sort(nanos);
          double perRow = (double) nanos[nanos.length / 2] / count;
          System.out.printf(
              "%-42s %9.1f ns/row %7.2f Mrow/s %9.1f us (best %.1f ns/row)%n",
              name, perRow, 1000 / perRow, perRow * count / 1000, (double) nanos[0] / count);
        });
  }
}
