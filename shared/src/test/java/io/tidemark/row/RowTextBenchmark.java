package io.tidemark.row;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.IntSupplier;

/**
 * How many rows of four columns (int64, 16 characters, float64, timestamp; about 100 bytes of JSON)
 * one core turns into text and back, by CPU time of the thread, so that a busy machine disturbs it
 * less. Prints the median and best of the rounds. Run its main; the test class path is enough.
 */
final class RowTextBenchmark {

  private static final int ROWS = 10_000;
  private static final int ROUNDS = 15;
  private static final long ROUND_NANOS = 300_000_000;

  private static final Schema SCHEMA =
      Schema.of(
          Column.required("id", ColumnType.INT64),
          Column.required("name", ColumnType.STRING),
          Column.nullable("price", ColumnType.FLOAT64),
          Column.nullable("at", ColumnType.TIMESTAMP));

  private RowTextBenchmark() {}

  public static void main(String[] args) {
    UpdateBlock block = block();
    JsonRowWriter json = new JsonRowWriter(SCHEMA, RowFields.SNAPSHOT);
    CsvRowWriter csv = new CsvRowWriter(SCHEMA, RowFields.SNAPSHOT);
    byte[] lines = lines(new JsonRowWriter(SCHEMA, new RowFields(false, false)), block);
    JsonArray objects = objects(json, block);
    JsonRowReader reader = JsonRowReader.untimed(SCHEMA);
    print("bytes a row in NDJSON " + lines.length / ROWS);
    measure(
        "NDJSON in",
        () -> reader.read(lines, 0, lines.length, new UpdateBlockBuilder(SCHEMA, ROWS)));
    measure("JsonArray in", () -> reader.read(objects, new UpdateBlockBuilder(SCHEMA, ROWS)));
    measure("NDJSON out", () -> write(json, block));
    measure("JsonObject out", () -> objects(json, block).size());
    measure("CSV out", () -> write(csv, block));
    measure("block encode", () -> BlockCodec.encode(block).length);
    byte[] encoded = BlockCodec.encode(block);
    measure("block decode", () -> BlockCodec.decode(SCHEMA, encoded).size());
  }

  private static UpdateBlock block() {
    UpdateBlockBuilder builder = new UpdateBlockBuilder(SCHEMA, ROWS);
    RandomBlocks random = new RandomBlocks(1);
    for (int i = 0; i < ROWS; i++) {
      builder.int64(0, random.random().nextLong(1L << 50));
      builder.string(1, "customer-" + (1_000_000 + random.random().nextInt(9_000_000)));
      builder.float64(2, random.random().nextInt(1_000_000) / 100.0);
      builder.timestampMicros(3, 1_700_000_000_000_000L + random.random().nextLong(1L << 44));
      builder.row(0, 1);
    }
    return builder.build();
  }

  private static byte[] lines(RowWriter writer, UpdateBlock block) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    writer.chunks(block, 1 << 16).forEachRemaining(out::writeBytes);
    return out.toByteArray();
  }

  private static int write(RowWriter writer, UpdateBlock block) {
    int[] bytes = {0};
    writer.chunks(block, 1 << 16).forEachRemaining(chunk -> bytes[0] += chunk.length);
    return bytes[0];
  }

  private static JsonArray objects(JsonRowWriter writer, UpdateBlock block) {
    List<JsonObject> objects = new ArrayList<>();
    for (int i = 0; i < block.size(); i++) {
      objects.add(writer.object(block, i));
    }
    return new JsonArray(objects);
  }

  private static void measure(String name, IntSupplier work) {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    double[] millionRowsPerSecond = new double[ROUNDS];
    int sum = 0;
    for (int round = -5; round < ROUNDS; round++) {
      long rows = 0;
      long start = threads.getCurrentThreadCpuTime();
      long end = start;
      while (end - start < ROUND_NANOS) {
        sum += work.getAsInt();
        rows += ROWS;
        end = threads.getCurrentThreadCpuTime();
      }
      if (round >= 0) {
        millionRowsPerSecond[round] = rows * 1e3 / (end - start);
      }
    }
    Arrays.sort(millionRowsPerSecond);
    print(
        String.format(
            Locale.ROOT,
            "%-16s median %5.2f  best %5.2f million rows a second (%d)",
            name,
            millionRowsPerSecond[ROUNDS / 2],
            millionRowsPerSecond[ROUNDS - 1],
            sum & 1));
  }

  @SuppressWarnings("SystemOut") // a program for the command line
  private static void print(String line) {
    System.out.println(line);
  }
}
