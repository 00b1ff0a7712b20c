package io.tidemark.persist.part;

import io.tidemark.row.Schema;
import io.tidemark.row.SchemaJson;
import io.tidemark.row.UpdateBlock;
import io.tidemark.row.Vector;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import org.apache.parquet.bytes.HeapByteBufferAllocator;
import org.apache.parquet.column.ParquetProperties;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.schema.MessageType;

/**
 * Streams blocks of updates into one part: a Parquet file in memory, that any engine reads.
 *
 * <pre>
 *   "PAR1"
 *   one row group; per column of the collection, then _time, _diff, _error:
 *     data pages (version 1), zstd, each with its CRC-32: definition levels (not in _time and
 *       _diff) and plain values
 *     _time and _diff as indexes into a dictionary page before them, where that is shorter
 *   per column: least and greatest value and place of each page
 *   footer (thrift): the Parquet schema, per column its pages, null count, least and greatest value;
 *     "tidemark.format" = "1"; "tidemark.schema" = the columns as JSON
 *   int32 length of the footer, "PAR1"
 * </pre>
 *
 * <p>All columns of the collection are optional to Parquet, since an error carried as data has none
 * of them; what must not be null otherwise is for the collection's schema to say. A decimal is 16
 * bytes, big-endian; a timestamp microseconds in UTC.
 *
 * <p>Not thread-safe, though it may be handed between threads. All methods are CPU work, not for an
 * event loop. After an exception the writer is of no more use.
 */
public final class PartWriter {

  /** The most bytes of memory that a part may take: the file is one array, and is copied once. */
  public static final int MAX_BYTES = 512 << 20;

  /** The most updates of a part: some seconds of work for a reader, whatever they hold. */
  public static final int MAX_UPDATES = 1 << 26;

  /** What the pages being filled may take together, all columns counted. */
  private static final int MAX_OPEN_BYTES = 16 << 20;

  /**
   * A page is long enough to compress well. Past 128 KiB zstd chooses tables that are no better,
   * past 256 KiB ones that find less in columns of numbers.
   */
  private static final int MAX_PAGE_BYTES = 120 << 10;

  private static final int MIN_PAGE_BYTES = 16 << 10;

  /** parquet-java's buffers double up to a fifth of this, and grow by a fifth from then on. */
  private static final int BUFFER_BYTES = 32 << 10;

  /** 1024 times or diffs; with more the indexes gain little. */
  private static final int DICTIONARY_BYTES = 8 << 10;

  /** What a footer takes, about. */
  private static final int FOOTER_BYTES = 4 << 10;

  static final String FORMAT_KEY = "tidemark.format";
  static final String FORMAT = "1";
  private static final String SCHEMA_KEY = "tidemark.schema";

  static final ParquetProperties PROPERTIES =
      ParquetProperties.builder()
          .withAllocator(HeapByteBufferAllocator.getInstance())
          .withPageSize(BUFFER_BYTES)
          .withDictionaryPageSize(DICTIONARY_BYTES)
          .withDictionaryEncoding(false)
          .withDictionaryEncoding(Schema.TIME, true)
          .withDictionaryEncoding(Schema.DIFF, true)
          .build();

  private final Schema schema;
  private final MessageType type;
  private final long maxBytes;
  private final int pageBytes;
  private final List<ColumnChunkWriter> columns = new ArrayList<>();
  private final int timeColumn;
  private long minTime = Long.MAX_VALUE;
  private long maxTime = Long.MIN_VALUE;
  private long updates;
  private long diffSum;
  private boolean finished;

  /** A writer of updates of {@code schema}. */
  public PartWriter(Schema schema) {
    this(schema, MAX_BYTES, pageBytes(schema.size()));
  }

  /** How long a page may get where there are so many columns. */
  static int pageBytes(int columns) {
    return Math.max(MIN_PAGE_BYTES, Math.min(MAX_PAGE_BYTES, MAX_OPEN_BYTES / columns));
  }

  /** A writer with a limit and a page size of its own. */
  PartWriter(Schema schema, long maxBytes, int pageBytes) {
    this.schema = schema;
    this.type = PartSchema.of(schema);
    this.maxBytes = maxBytes;
    this.pageBytes = pageBytes;
    this.timeColumn = schema.size();
    for (int c = 0; c < type.getFieldCount(); c++) {
      columns.add(column(c));
    }
  }

  private ColumnChunkWriter column(int index) {
    return new ColumnChunkWriter(type.getType(index), PROPERTIES, pageBytes);
  }

  /** Whether the part has room for {@code block}. An empty part has. */
  public boolean accepts(UpdateBlock block) {
    return updates == 0
        || (updates + block.size() <= MAX_UPDATES && bytes() + block.bytes() <= maxBytes);
  }

  /**
   * Appends the updates of a block.
   *
   * @throws IllegalArgumentException if the block is of another schema, or breaks what holds of
   *     every block: the times, diffs and nulls
   * @throws IllegalStateException if the part does not accept it or is finished
   */
  public void write(UpdateBlock block) {
    checkOpen();
    if (!block.schema().equals(schema)) {
      throw new IllegalArgumentException(
          "a part of " + schema + " cannot take a block of " + block.schema());
    }
    if (!accepts(block)) {
      throw new IllegalStateException("the part has no room for the block: finish it first");
    }
    String violation = BlockRules.violation(block);
    if (violation != null) {
      throw new IllegalArgumentException("a part cannot take " + violation);
    }
    if (block.isEmpty()) {
      return;
    }
    for (int c = 0; c < schema.size(); c++) {
      columns.get(c).write(block.column(c));
    }
    columns.get(timeColumn).writeMostlyEqual(block.times());
    columns.get(timeColumn + 1).writeMostlyEqual(block.diffs());
    Vector.Bytes errors = block.errors();
    if (errors == null) {
      columns.get(timeColumn + 2).writeNulls(block.size());
    } else {
      columns.get(timeColumn + 2).write(errors);
    }
    updates += block.size();
    addTimesAndDiffs(block);
  }

  private void addTimesAndDiffs(UpdateBlock block) {
    Vector.Longs times = block.times();
    for (int i = 0; i < block.size(); i++) {
      minTime = Math.min(minTime, times.get(i));
      maxTime = Math.max(maxTime, times.get(i));
      diffSum += block.diffs().get(i);
    }
  }

  /** How many updates were written. */
  public long updates() {
    return updates;
  }

  /**
   * About how many bytes of memory the part takes: the pages that are compressed, and those that
   * are being filled. {@link #finish} takes the size of the file twice more.
   */
  public long bytes() {
    long bytes = 0;
    for (ColumnChunkWriter column : columns) {
      bytes += column.bytes();
    }
    return bytes;
  }

  /**
   * Ends the part; the updates keep the times they were written with.
   *
   * @throws IllegalStateException if there is no update
   */
  public EncodedPart finish() {
    checkOpen();
    return finish(minTime, maxTime);
  }

  /**
   * Ends the part and gives all updates the one {@code time}, whatever they were written with.
   *
   * @throws IllegalStateException if there is no update
   */
  public EncodedPart finish(long time) {
    checkOpen();
    if (time < 0 || time == Long.MAX_VALUE) {
      throw new IllegalArgumentException("no update can be at time " + time);
    }
    ColumnChunkWriter times = column(timeColumn);
    times.writeMostlyEqual(Vector.Longs.constant((int) updates, time));
    columns.set(timeColumn, times);
    return finish(time, time);
  }

  private EncodedPart finish(long partMinTime, long partMaxTime) {
    if (updates == 0) {
      throw new IllegalStateException("a part needs at least one update");
    }
    finished = true;
    byte[] file = file();
    return new EncodedPart(file, crc32c(file), updates, partMinTime, partMaxTime, diffSum);
  }

  private byte[] file() {
    MemoryFile file = new MemoryFile((int) bytes() + FOOTER_BYTES);
    try (ParquetFileWriter writer =
        new ParquetFileWriter(
            file, type, ParquetFileWriter.Mode.CREATE, Long.MAX_VALUE, 0, null, PROPERTIES)) {
      writer.start();
      writer.startBlock(updates);
      for (ColumnChunkWriter column : columns) {
        column.finish(writer);
      }
      writer.endBlock();
      writer.end(Map.of(FORMAT_KEY, FORMAT, SCHEMA_KEY, SchemaJson.toJson(schema).encode()));
    } catch (IOException e) {
      throw new UncheckedIOException("a part could not be written", e);
    }
    columns.clear();
    return file.toByteArray();
  }

  static int crc32c(byte[] file) {
    CRC32C crc = new CRC32C();
    crc.update(file);
    return (int) crc.getValue();
  }

  private void checkOpen() {
    if (finished) {
      throw new IllegalStateException("the part is finished");
    }
  }
}
