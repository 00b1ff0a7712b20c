package io.tidemark.persist.part;

import io.tidemark.row.InvalidRowException;
import io.tidemark.row.Schema;
import io.tidemark.row.UpdateBlock;
import io.tidemark.row.UpdateBlockBuilder;
import io.tidemark.row.Vector;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.schema.MessageType;

/**
 * Streams the rows of a snapshot into one Parquet file, of which the bytes are given as they come:
 * whatever its size, a row group and the footer are all that is held.
 *
 * <pre>
 *   "PAR1"
 *   row groups, each of at most {@value #MAX_GROUP_ROWS} rows, about; per column: data pages as in
 *     a part ({@link PartWriter})
 *   footer, some hundred bytes for each column of each row group
 *   int32 length of the footer, "PAR1"
 * </pre>
 *
 * <p>Columns are typed as in a part. In a table <em>with diffs</em> each distinct row stands once,
 * with its multiplicity as {@code _diff}, or an error's text as {@code _error}; a <em>plain</em>
 * one has the columns of the collection alone, and a row of multiplicity n n times.
 *
 * <p>Not thread-safe, though it may be handed between threads. All methods are CPU work, not for an
 * event loop. After an exception the writer is of no more use.
 */
public final class TableWriter {

  /** As many as DuckDB and others hand to one thread at a time, a few times over. */
  static final int MAX_GROUP_ROWS = 1 << 20;

  /** The most bytes of compressed pages that are held, about. */
  static final int MAX_GROUP_BYTES = 8 << 20;

  /** Parquet numbers row groups in 16 bits. */
  private static final int MAX_GROUPS = Short.MAX_VALUE;

  /** How many rows are written in one go where rows are repeated. */
  private static final int REPEATED_ROWS = 8_192;

  private final Schema schema;
  private final boolean plain;
  private final MessageType type;
  private final int groupRows;
  private final PieceFile file = new PieceFile();
  private final ParquetFileWriter writer;
  private final List<ColumnChunkWriter> columns = new ArrayList<>();
  private long rows;
  private int groups;

  private TableWriter(Schema schema, boolean plain, int groupRows) {
    this.schema = schema;
    this.plain = plain;
    this.groupRows = groupRows;
    this.type = PartSchema.table(schema, plain);
    try {
      this.writer =
          new ParquetFileWriter(
              file,
              type,
              ParquetFileWriter.Mode.CREATE,
              Long.MAX_VALUE,
              0,
              null,
              PartWriter.PROPERTIES);
      writer.start();
    } catch (IOException e) {
      throw unwritten(e);
    }
    beginGroup();
  }

  /** A table in which each distinct row stands once, with its multiplicity. */
  public static TableWriter withDiffs(Schema schema) {
    return new TableWriter(schema, false, MAX_GROUP_ROWS);
  }

  /** A table of nothing but rows. */
  public static TableWriter plain(Schema schema) {
    return new TableWriter(schema, true, MAX_GROUP_ROWS);
  }

  /** A table with row groups of a size of its own. */
  static TableWriter ofGroups(Schema schema, boolean plain, int groupRows) {
    return new TableWriter(schema, plain, groupRows);
  }

  private void beginGroup() {
    columns.clear();
    int pageBytes = PartWriter.pageBytes(Math.max(1, schema.size()));
    type.getFields()
        .forEach(
            column -> columns.add(new ColumnChunkWriter(column, PartWriter.PROPERTIES, pageBytes)));
    rows = 0;
  }

  /**
   * Writes a block of consolidated rows, whose times do not matter: bit by bit, as the pieces of
   * the file are asked for. Ask for all of them before the next block.
   *
   * @return the bytes that are complete; a piece may have none
   * @throws InvalidRowException (from the iterator) if the table is plain, and the block has an
   *     error or a row that is there less than once
   */
  public Iterator<byte[]> write(UpdateBlock block) {
    if (!block.schema().equals(schema)) {
      throw new IllegalArgumentException(
          "a table of " + schema + " cannot take a block of " + block.schema());
    }
    return plain ? new Repeated(block) : new Once(block);
  }

  /** The rest of the file. */
  public byte[] finish() {
    try {
      endGroup();
      writer.end(Map.of());
      return file.take();
    } catch (IOException e) {
      throw unwritten(e);
    }
  }

  private byte[] append(UpdateBlock block) {
    if (!block.isEmpty()) {
      for (int c = 0; c < schema.size(); c++) {
        columns.get(c).write(block.column(c));
      }
      if (!plain) {
        appendDiffs(block);
      }
      rows += block.size();
    }
    if (rows >= groupRows || bytes() >= MAX_GROUP_BYTES) {
      try {
        endGroup();
      } catch (IOException e) {
        throw unwritten(e);
      }
      beginGroup();
    }
    return groups == 0 ? new byte[0] : file.take();
  }

  private void appendDiffs(UpdateBlock block) {
    columns.get(schema.size()).writeMostlyEqual(block.diffs());
    Vector.Bytes errors = block.errors();
    if (errors == null) {
      columns.get(schema.size() + 1).writeNulls(block.size());
    } else {
      columns.get(schema.size() + 1).write(errors);
    }
  }

  private long bytes() {
    long bytes = 0;
    for (ColumnChunkWriter column : columns) {
      bytes += column.bytes();
    }
    return bytes;
  }

  private void endGroup() throws IOException {
    if (rows == 0) {
      return;
    }
    if (++groups > MAX_GROUPS) {
      throw new IllegalStateException(
          "a Parquet file has at most " + MAX_GROUPS + " row groups: use another format");
    }
    writer.startBlock(rows);
    for (ColumnChunkWriter column : columns) {
      column.finish(writer);
    }
    writer.endBlock();
  }

  private static UncheckedIOException unwritten(IOException e) {
    return new UncheckedIOException("a table could not be written", e);
  }

  /** Each row once: a block is one piece. */
  private final class Once implements Iterator<byte[]> {
    private final UpdateBlock block;
    private boolean written;

    Once(UpdateBlock block) {
      this.block = block;
    }

    @Override
    public boolean hasNext() {
      return !written;
    }

    @Override
    public byte[] next() {
      if (written) {
        throw new NoSuchElementException();
      }
      written = true;
      return append(block);
    }
  }

  /** Each row as often as it is there, some thousand rows a piece. */
  private final class Repeated implements Iterator<byte[]> {
    private final UpdateBlock block;
    private int next;
    private long given;

    Repeated(UpdateBlock block) {
      this.block = block;
    }

    @Override
    public boolean hasNext() {
      return next < block.size();
    }

    @Override
    public byte[] next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      if (next == 0 && given == 0 && eachOnce()) {
        next = block.size();
        return append(block);
      }
      UpdateBlockBuilder some = new UpdateBlockBuilder(schema);
      while (hasNext()
          && some.size() < REPEATED_ROWS
          && (some.size() == 0 || some.bytes() < MAX_GROUP_BYTES)) {
        check(next);
        some.copy(block, next);
        if (++given == block.diffs().get(next)) {
          next++;
          given = 0;
        }
      }
      return append(some.build());
    }

    private boolean eachOnce() {
      return block.errors() == null
          && block.diffs().isConstant()
          && !block.isEmpty()
          && block.diffs().get(0) == 1;
    }

    private void check(int i) {
      String error = block.error(i);
      if (error != null) {
        throw new InvalidRowException(
            "the collection holds an error at that time, which no plain table can: \""
                + error
                + "\". Retract it, or read the collection in another format");
      }
      if (block.diffs().get(i) < 1) {
        throw new InvalidRowException(
            "the collection holds a row "
                + block.diffs().get(i)
                + " times at that time, which no plain table can: publish what is missing, or read"
                + " the collection in another format");
      }
    }
  }
}
