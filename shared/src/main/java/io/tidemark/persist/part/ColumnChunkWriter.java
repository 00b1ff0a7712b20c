package io.tidemark.persist.part;

import io.tidemark.row.UpdateBlockBuilder;
import io.tidemark.row.Vector;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.bytes.BytesUtils;
import org.apache.parquet.bytes.HeapByteBufferAllocator;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.ParquetProperties;
import org.apache.parquet.column.page.DictionaryPage;
import org.apache.parquet.column.page.PageWriter;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.column.values.ValuesWriter;
import org.apache.parquet.hadoop.ColumnChunkPageWriteStore;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;

/**
 * The pages of one column. Only the page that is being filled is held as it is; the ones before it
 * are held compressed.
 *
 * <p>Feeds parquet-java's encoders vector by vector: its column writers, made for rows, take a call
 * with levels for each value. The loops are written out for each type, since this is where a row
 * spends its time.
 */
final class ColumnChunkWriter {

  /** The most values of a page: what bounds its levels, also where all are null. */
  static final int MAX_PAGE_VALUES = 1 << 20;

  private static final int NULL = 0;
  private static final int PRESENT = 1;
  private static final int VARIOUS = -1;

  private final ColumnDescriptor column;
  private final ColumnChunkPageWriteStore store;
  private final PageWriter pages;
  private final ValuesWriter levels;
  private final ValuesWriter values;
  private final int pageBytes;

  private Statistics<?> statistics;
  private int pageValues;
  private int onlyLevel;

  // The values of writeMostlyEqual, until one is different.
  private long equal;
  private int equalCount;
  private boolean different;

  /** A writer of a column of this type, whose pages end at {@code pageBytes}, about. */
  ColumnChunkWriter(Type type, ParquetProperties properties, int pageBytes) {
    MessageType alone = new MessageType(type.getName(), type);
    this.column = alone.getColumns().get(0);
    this.store =
        new ColumnChunkPageWriteStore(
            ZstdPages.COMPRESSOR,
            alone,
            HeapByteBufferAllocator.getInstance(),
            properties.getColumnIndexTruncateLength(),
            true);
    this.pages = store.getPageWriter(column);
    this.levels = properties.newDefinitionLevelWriter(column);
    this.values = properties.newValuesWriter(column);
    this.pageBytes = pageBytes;
    this.statistics = Statistics.createStats(column.getPrimitiveType());
  }

  /** Appends all values of {@code vector}, which has nulls only if the column may. */
  void write(Vector vector) {
    int from = 0;
    while (from < vector.size()) {
      int to = from + Math.min(vector.size() - from, MAX_PAGE_VALUES - pageValues);
      to = end(vector, from, to);
      int nulls = writeLevels(vector, from, to);
      statistics.incrementNumNulls(nulls);
      if (nulls < to - from) {
        writeValues(vector, from, to);
      }
      endPageIfFull();
      from = to;
    }
  }

  /**
   * As {@link #write}, of longs without nulls in a column with a dictionary. As long as all of the
   * chunk are one value, as times and diffs mostly are, they are only counted.
   */
  void writeMostlyEqual(Vector.Longs vector) {
    if (!different) {
      long value = equalCount > 0 ? equal : vector.get(0);
      if (isAll(vector, value)) {
        equal = value;
        equalCount += vector.size();
        return;
      }
      different = true;
      write(Vector.Longs.constant(equalCount, equal));
    }
    write(vector);
  }

  private static boolean isAll(Vector.Longs vector, long value) {
    int i = 0;
    while (i < vector.size() && vector.get(i) == value) {
      i++;
    }
    return i == vector.size();
  }

  /** Appends {@code count} nulls. */
  void writeNulls(int count) {
    int left = count;
    while (left > 0) {
      int taken = Math.min(left, MAX_PAGE_VALUES - pageValues);
      writeLevels(NULL, taken);
      statistics.incrementNumNulls(taken);
      endPageIfFull();
      left -= taken;
    }
  }

  /** Writes the levels of some values and returns how many are null. */
  private int writeLevels(Vector vector, int from, int to) {
    if (!vector.hasNulls()) {
      writeLevels(PRESENT, to - from);
      return 0;
    }
    int nulls = 0;
    for (int i = from; i < to; i++) {
      int level = vector.isNull(i) ? NULL : PRESENT;
      nulls += level == NULL ? 1 : 0;
      writeLevels(level, 1);
    }
    return nulls;
  }

  /** Levels that are all the same are only counted: most pages have no other. */
  private void writeLevels(int level, int count) {
    if (pageValues == 0) {
      onlyLevel = level;
    } else if (onlyLevel != VARIOUS && onlyLevel != level) {
      for (int i = 0; i < pageValues; i++) {
        levels.writeInteger(onlyLevel);
      }
      onlyLevel = VARIOUS;
    }
    for (int i = 0; i < count && onlyLevel == VARIOUS; i++) {
      levels.writeInteger(level);
    }
    pageValues += count;
  }

  private BytesInput levelBytes() {
    if (column.getMaxDefinitionLevel() == 0) {
      return BytesInput.empty();
    }
    if (onlyLevel == VARIOUS) {
      return levels.getBytes();
    }
    BytesInput run = BytesInput.fromUnsignedVarInt(pageValues << 1);
    return BytesInput.concat(
        BytesInput.fromInt((int) run.size() + 1),
        run,
        BytesInput.from(new byte[] {(byte) onlyLevel}));
  }

  /** Where the page is full if none of the values is null, at {@code to} at the latest. */
  private int end(Vector vector, int from, int to) {
    long room = pageBytes - values.getBufferedSize();
    if (!(vector instanceof Vector.Bytes bytes)) {
      int bits =
          switch (vector.storage()) {
            case BOOLEAN -> 1;
            case INT -> Integer.SIZE;
            case LONG, DOUBLE -> Long.SIZE;
            case DECIMAL -> Byte.SIZE * PartSchema.DECIMAL_BYTES;
            case BYTES -> throw new IllegalStateException("a vector of bytes is none");
          };
      return (int) Math.min(to, from + Math.max(1, room * Byte.SIZE / bits));
    }
    int end = from;
    long taken = 0;
    do {
      int length = bytes.length(end++);
      if (length > UpdateBlockBuilder.MAX_VALUE_BYTES) {
        throw new IllegalArgumentException(
            "a value of " + length + " bytes is past " + UpdateBlockBuilder.MAX_VALUE_BYTES);
      }
      taken += Integer.BYTES + length;
    } while (end < to && taken < room);
    return end;
  }

  private void writeValues(Vector vector, int from, int to) {
    switch (vector.storage()) {
      case BOOLEAN -> writeBooleans((Vector.Booleans) vector, from, to);
      case INT -> writeInts((Vector.Ints) vector, from, to);
      case LONG -> writeLongs((Vector.Longs) vector, from, to);
      case DOUBLE -> writeDoubles((Vector.Doubles) vector, from, to);
      case DECIMAL -> writeDecimals((Vector.Decimals) vector, from, to);
      case BYTES -> writeBytes((Vector.Bytes) vector, from, to);
    }
  }

  private void writeBooleans(Vector.Booleans vector, int from, int to) {
    for (int i = from; i < to; i++) {
      if (!vector.isNull(i)) {
        values.writeBoolean(vector.get(i));
        statistics.updateStats(vector.get(i));
      }
    }
  }

  private void writeInts(Vector.Ints vector, int from, int to) {
    for (int i = from; i < to; i++) {
      if (!vector.isNull(i)) {
        values.writeInteger(vector.get(i));
        statistics.updateStats(vector.get(i));
      }
    }
  }

  private void writeLongs(Vector.Longs vector, int from, int to) {
    for (int i = from; i < to; i++) {
      if (!vector.isNull(i)) {
        values.writeLong(vector.get(i));
        statistics.updateStats(vector.get(i));
      }
    }
  }

  private void writeDoubles(Vector.Doubles vector, int from, int to) {
    for (int i = from; i < to; i++) {
      if (!vector.isNull(i)) {
        values.writeDouble(vector.get(i));
        statistics.updateStats(vector.get(i));
      }
    }
  }

  private void writeDecimals(Vector.Decimals vector, int from, int to) {
    byte[] bytes = new byte[PartSchema.DECIMAL_BYTES];
    ByteBuffer halves = ByteBuffer.wrap(bytes);
    Binary value = Binary.fromReusedByteArray(bytes);
    for (int i = from; i < to; i++) {
      if (!vector.isNull(i)) {
        halves.putLong(0, vector.high(i)).putLong(Long.BYTES, vector.low(i));
        values.writeBytes(value);
        statistics.updateStats(value);
      }
    }
  }

  private void writeBytes(Vector.Bytes vector, int from, int to) {
    int least = from;
    int greatest = from;
    for (int i = from; i < to; i++) {
      if (!vector.isNull(i)) {
        values.writeBytes(value(vector, i));
        if (vector.isNull(least)) {
          least = i;
          greatest = i;
        } else if (compare(vector, i, least) < 0) {
          least = i;
        } else if (compare(vector, i, greatest) > 0) {
          greatest = i;
        }
      }
    }
    statistics.updateStats(value(vector, least));
    statistics.updateStats(value(vector, greatest));
  }

  private static Binary value(Vector.Bytes vector, int i) {
    return Binary.fromReusedByteArray(vector.data(), vector.offset(i), vector.length(i));
  }

  private static int compare(Vector.Bytes vector, int i, int j) {
    byte[] data = vector.data();
    return Arrays.compareUnsigned(
        data,
        vector.offset(i),
        vector.offset(i) + vector.length(i),
        data,
        vector.offset(j),
        vector.offset(j) + vector.length(j));
  }

  private void endPageIfFull() {
    if (pageValues == MAX_PAGE_VALUES || values.getBufferedSize() >= pageBytes) {
      endPage();
    }
  }

  private void endPage() {
    BytesInput encoded = values.getBytes(); // the encoding is chosen here
    writePage(encoded, values.getEncoding());
    levels.reset();
    values.reset();
  }

  private void writePage(BytesInput encoded, Encoding encoding) {
    try {
      pages.writePage(
          BytesInput.concat(levelBytes(), encoded),
          pageValues,
          pageValues,
          statistics,
          Encoding.RLE,
          Encoding.RLE,
          encoding);
    } catch (IOException e) {
      throw new UncheckedIOException("a page could not be written", e);
    }
    statistics = Statistics.createStats(column.getPrimitiveType());
    pageValues = 0;
  }

  /** About how many bytes of memory the chunk takes. */
  long bytes() {
    return pages.getMemSize() + levels.getAllocatedSize() + values.getAllocatedSize();
  }

  /** Ends the last page and hands all of them to {@code file}. */
  void finish(ParquetFileWriter file) throws IOException {
    if (equalCount > 0 && !different) {
      writeEqual();
    } else if (pageValues > 0) {
      endPage();
    }
    DictionaryPage dictionary = values.toDictPageAndClose();
    if (dictionary != null) {
      pages.writeDictionaryPage(dictionary);
    }
    store.flushToFileWriter(file);
    store.close();
  }

  /** One page: a run of indexes of no bits, into a dictionary of one entry. */
  private void writeEqual() throws IOException {
    BytesInput entry = BytesInput.from(BytesUtils.longToBytes(equal));
    pages.writeDictionaryPage(new DictionaryPage(entry, 1, Encoding.PLAIN));
    statistics.updateStats(equal);
    pageValues = equalCount;
    BytesInput run = BytesInput.fromUnsignedVarInt(equalCount << 1);
    writePage(BytesInput.concat(BytesInput.from(new byte[1]), run), Encoding.RLE_DICTIONARY);
  }
}
