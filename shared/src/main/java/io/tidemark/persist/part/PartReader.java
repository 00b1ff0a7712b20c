package io.tidemark.persist.part;

import io.tidemark.row.Column;
import io.tidemark.row.ColumnType;
import io.tidemark.row.Schema;
import io.tidemark.row.UpdateBlock;
import io.tidemark.row.Vector;
import java.util.ArrayList;
import java.util.List;
import org.apache.parquet.schema.MessageType;
import org.jspecify.annotations.Nullable;

/**
 * Reads the updates of one part, in the order in which they were written, block by block.
 *
 * <p>Whatever the bytes are, it returns blocks that {@link UpdateBlock} allows or throws {@link
 * CorruptPartException}; it takes no more memory than some pages per column. After an exception it
 * is of no more use. Not thread-safe, though it may be handed between threads. All methods are CPU
 * work, not for an event loop.
 */
public final class PartReader {

  /** The most updates of a block that {@link #next()} returns. */
  public static final int BLOCK_UPDATES = 1 << 14;

  /**
   * About the most bytes of a block: of its numbers, and of its strings, json and bytes as far as
   * pages are short enough to choose.
   */
  private static final int BLOCK_BYTES = 16 << 20;

  private final Schema schema;
  private final List<@Nullable ColumnChunkReader> columns = new ArrayList<>();
  private final ColumnChunkReader times;
  private final ColumnChunkReader diffs;
  private final ColumnChunkReader errors;
  private final List<ColumnChunkReader> ofAnyLength = new ArrayList<>();
  private final long updates;
  private final int blockUpdates;
  private long left;

  /**
   * Opens a part whose checksum is known. The schema may have nullable columns that the part lacks;
   * they are null in all its rows.
   *
   * @param schema the collection's
   * @param file the whole part; not to be written while it is read
   * @param crc32c the checksum that {@link EncodedPart} told
   * @throws CorruptPartException if the checksum is another one, or the part is not of the schema
   */
  public static PartReader open(Schema schema, byte[] file, int crc32c) {
    int actual = PartWriter.crc32c(file);
    if (actual != crc32c) {
      throw new CorruptPartException(
          String.format(
              "a part of %d bytes is damaged: its checksum is %08x, it should be %08x",
              file.length, actual, crc32c));
    }
    return openUnchecked(schema, file);
  }

  /**
   * As {@link #open}, for a file of which nothing is known. The checksums of its pages are still
   * checked, those of its footer and page headers cannot be.
   */
  public static PartReader openUnchecked(Schema schema, byte[] file) {
    return new PartReader(schema, new PartFooter(file));
  }

  private PartReader(Schema schema, PartFooter footer) {
    this.schema = schema;
    this.updates = footer.updates();
    this.left = updates;
    MessageType type = PartSchema.of(schema);
    int opened = 3;
    for (int c = 0; c < schema.size(); c++) {
      Column column = schema.column(c);
      ColumnChunkReader reader = footer.open(type, c, column.type());
      if (reader != null) {
        opened++;
      } else if (!column.nullable()) {
        throw lacking(column.name());
      }
      columns.add(reader);
      if (reader != null && column.type().kind().storage() == ColumnType.Storage.BYTES) {
        ofAnyLength.add(reader);
      }
    }
    this.times = opened(footer.open(type, schema.size(), ColumnType.INT64), Schema.TIME);
    this.diffs = opened(footer.open(type, schema.size() + 1, ColumnType.INT64), Schema.DIFF);
    this.errors = opened(footer.open(type, schema.size() + 2, ColumnType.STRING), Schema.ERROR);
    ofAnyLength.add(errors);
    this.blockUpdates = Math.max(1, Math.min(BLOCK_UPDATES, BLOCK_BYTES / (16 * columns.size())));
    if (opened != footer.size()) {
      throw new CorruptPartException(
          "a part has " + (footer.size() - opened) + " columns that the schema lacks: " + schema);
    }
  }

  private static ColumnChunkReader opened(@Nullable ColumnChunkReader reader, String name) {
    if (reader == null) {
      throw lacking(name);
    }
    return reader;
  }

  private static CorruptPartException lacking(String name) {
    return new CorruptPartException("a part lacks column '" + name + "'");
  }

  /** How many updates the part holds. */
  public long updates() {
    return updates;
  }

  /** The next block, of a size that suits the columns; null if there is none left. */
  public @Nullable UpdateBlock next() {
    return next(blockUpdates);
  }

  /**
   * The next block, of at most {@code maxUpdates} updates and fewer if they are long; null if there
   * is none left.
   *
   * @throws CorruptPartException if the part is damaged there
   */
  public @Nullable UpdateBlock next(int maxUpdates) {
    if (maxUpdates < 1) {
      throw new IllegalArgumentException("a block of " + maxUpdates + " updates");
    }
    if (left == 0) {
      return null;
    }
    int size = (int) Math.min(left, maxUpdates);
    for (ColumnChunkReader column : ofAnyLength) {
      size = (int) Math.min(size, column.valuesWithin(BLOCK_BYTES / ofAnyLength.size()));
    }
    left -= size;
    Vector.Longs blockTimes = times.nextLongs(size);
    Vector.Longs blockDiffs = diffs.nextLongs(size);
    Vector.Bytes blockErrors = errors.skipNulls(size) ? null : errors(size);
    List<Vector> vectors = new ArrayList<>(schema.size());
    for (int c = 0; c < schema.size(); c++) {
      ColumnChunkReader reader = columns.get(c);
      vectors.add(
          reader == null
              ? Vector.nulls(schema.column(c).type().kind().storage(), size)
              : reader.next(size));
    }
    UpdateBlock block = new UpdateBlock(schema, vectors, blockTimes, blockDiffs, blockErrors);
    String violation = BlockRules.violation(block);
    if (violation != null) {
      throw new CorruptPartException("a part has " + violation);
    }
    return block;
  }

  private Vector.@Nullable Bytes errors(int size) {
    Vector.Bytes texts = (Vector.Bytes) errors.next(size);
    for (int i = 0; i < size; i++) {
      if (!texts.isNull(i)) {
        return texts;
      }
    }
    return null;
  }
}
