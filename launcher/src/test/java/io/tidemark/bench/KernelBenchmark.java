package io.tidemark.bench;

import io.tidemark.persist.consolidate.Consolidator;
import io.tidemark.persist.consolidate.ConsolidatorOptions;
import io.tidemark.persist.part.BareParquet;
import io.tidemark.persist.part.EncodedPart;
import io.tidemark.persist.part.PartReader;
import io.tidemark.persist.part.SampleRows;
import io.tidemark.row.BlockCodec;
import io.tidemark.row.JsonRowReader;
import io.tidemark.row.JsonRowWriter;
import io.tidemark.row.RowFields;
import io.tidemark.row.UpdateBlock;
import io.tidemark.row.UpdateBlockBuilder;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What one core does with rows, in millions of rows a second. */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@OperationsPerInvocation(KernelBenchmark.ROWS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 6, time = 1)
@Fork(1)
public class KernelBenchmark {

  static final int ROWS = 50_000;
  private static final int BLOCK_ROWS = 4096;
  private static final int CHUNK_BYTES = 64 << 10;
  private static final long MEMORY_BYTES = 128 << 20;

  private final BareParquet.Row[] rows = SampleRows.rows(ROWS);
  private final List<UpdateBlock> blocks = SampleRows.blocks(rows, BLOCK_ROWS);
  private final UpdateBlock block = SampleRows.blocks(rows, ROWS).get(0);
  private final byte[] encoded = BlockCodec.encode(block);
  private final EncodedPart part = writePart();
  private final byte[] lines = lines(new RowFields(false, false));
  private final BareParquet parquet = new BareParquet();

  @Benchmark
  public UpdateBlock buildBlock() {
    return SampleRows.blocks(rows, ROWS).get(0);
  }

  @Benchmark
  public byte[] encodeBlock() {
    return BlockCodec.encode(block);
  }

  @Benchmark
  public UpdateBlock decodeBlock() {
    return BlockCodec.decode(SampleRows.SCHEMA, encoded);
  }

  @Benchmark
  public int readJson() {
    UpdateBlockBuilder into = new UpdateBlockBuilder(SampleRows.SCHEMA, ROWS);
    return JsonRowReader.untimed(SampleRows.SCHEMA).read(lines, 0, lines.length, into);
  }

  @Benchmark
  public byte[] writeJson() {
    return lines(RowFields.SNAPSHOT);
  }

  @Benchmark
  public EncodedPart writePart() {
    return SampleRows.write(blocks);
  }

  @Benchmark
  public byte[] writeBareParquetByColumns() {
    return parquet.columnByColumn(rows);
  }

  @Benchmark
  public byte[] writeBareParquetByRows() {
    return parquet.rowByRow(rows);
  }

  @Benchmark
  public long readPart() {
    PartReader reader = PartReader.open(SampleRows.SCHEMA, part.file(), part.crc32c());
    long updates = 0;
    for (UpdateBlock next = reader.next(); next != null; next = reader.next()) {
      updates += next.size();
    }
    return updates;
  }

  @Benchmark
  public long consolidate() {
    Path unused = Path.of(System.getProperty("java.io.tmpdir"), "tidemark-kernel");
    ConsolidatorOptions options =
        new ConsolidatorOptions(MEMORY_BYTES, unused, BLOCK_ROWS, CHUNK_BYTES);
    try (Consolidator consolidator =
        new Consolidator(SampleRows.SCHEMA, SampleRows.TIME, options)) {
      blocks.forEach(consolidator::add);
      long updates = 0;
      for (UpdateBlock next = consolidator.next(); next != null; next = consolidator.next()) {
        updates += next.size();
      }
      return updates;
    }
  }

  private byte[] lines(RowFields fields) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    new JsonRowWriter(SampleRows.SCHEMA, fields)
        .chunks(block, CHUNK_BYTES)
        .forEachRemaining(out::writeBytes);
    return out.toByteArray();
  }
}
