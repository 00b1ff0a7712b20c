package io.tidemark.persist.part;

import io.tidemark.row.Vector;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.zip.CRC32;
import org.apache.parquet.bytes.ByteBufferInputStream;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.Dictionary;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.ValuesType;
import org.apache.parquet.column.page.DictionaryPage;
import org.apache.parquet.column.values.ValuesReader;
import org.apache.parquet.column.values.rle.RunLengthBitPackingHybridDecoder;
import org.apache.parquet.format.DataPageHeader;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.PageType;
import org.apache.parquet.format.converter.ParquetMetadataConverter;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.jspecify.annotations.Nullable;
import shaded.parquet.org.apache.thrift.TConfiguration;
import shaded.parquet.org.apache.thrift.TException;
import shaded.parquet.org.apache.thrift.protocol.TCompactProtocol;
import shaded.parquet.org.apache.thrift.transport.TIOStreamTransport;

/**
 * Reads the pages of one column, of which it holds one at a time, into vectors. parquet-java
 * decodes the values; its readers of columns and files, made for rows and for files that are what
 * they seem, are not used: they take a call for each value, and believe every length.
 */
final class ColumnChunkReader {

  /** A page ends with the value that fills it, and that may be the longest one. */
  private static final int MAX_PAGE_BYTES = 32 << 20;

  private static final int LEVEL_BITS = 1;
  private static final int NULL = 0;
  private static final int PRESENT = 1;

  private final ColumnDescriptor column;
  private final boolean optional;
  private final byte[] file;
  private final ValueDecoder decoder;
  private final ValuesReader plainReader;
  private final List<Page> pages = new ArrayList<>();
  private @Nullable Dictionary dictionary;

  // The page that is being read.
  private int nextPage;
  private int pageLeft;
  private byte[] plain = {};
  private int level = PRESENT;
  private @Nullable RunLengthBitPackingHybridDecoder levels;
  private ValuesReader reader;
  private boolean constant;
  private long constantValue;

  /**
   * Where a data page lies in the file.
   *
   * @param offset of its body
   * @param storedBytes of its body in the file
   * @param plainBytes of its body, decompressed
   */
  private record Page(
      int offset, int storedBytes, int plainBytes, int values, Encoding encoding, int crc) {}

  /** Reads a column of {@code file}. */
  ColumnChunkReader(ColumnDescriptor column, byte[] file, ValueDecoder decoder) {
    this.column = column;
    this.optional = column.getMaxDefinitionLevel() > 0;
    this.file = file;
    this.decoder = decoder;
    this.plainReader =
        column.getPrimitiveType().getPrimitiveTypeName() == PrimitiveTypeName.BINARY
            ? new PlainBytesReader()
            : Encoding.PLAIN.getValuesReader(column, ValuesType.VALUES);
    this.reader = plainReader;
  }

  /**
   * Reads the headers of all pages, which lie in the file from {@code from} to {@code end} and hold
   * {@code values} values.
   *
   * @return this reader
   * @throws CorruptPartException if they do not
   */
  ColumnChunkReader open(int from, int end, long values) {
    return guard(
        () -> {
          readHeaders(from, end, values);
          return this;
        });
  }

  private void readHeaders(int from, int end, long values) throws IOException, TException {
    long found = 0;
    int at = from;
    while (at < end) {
      ByteArrayInputStream in = new ByteArrayInputStream(file, at, end - at);
      PageHeader header = readHeader(in);
      int body = end - in.available();
      int stored = header.getCompressed_page_size();
      int bytes = header.getUncompressed_page_size();
      check(stored >= 0 && stored <= end - body, "a page is longer than the column");
      check(bytes >= 0 && bytes <= MAX_PAGE_BYTES, "a page claims " + bytes + " bytes");
      check(header.isSetCrc(), "a page has no checksum");
      if (header.getType() == PageType.DICTIONARY_PAGE && at == from) {
        openDictionary(header, body);
      } else {
        Page page = page(header, body);
        pages.add(page);
        found += page.values;
      }
      at = body + stored;
    }
    check(found == values, "its pages hold " + found + " values, the footer says " + values);
  }

  /** Reads one header, and believes no length in it that is past the end of {@code in}. */
  private static PageHeader readHeader(ByteArrayInputStream in) throws TException {
    TConfiguration limits =
        new TConfiguration(
            in.available(),
            TConfiguration.DEFAULT_MAX_FRAME_SIZE,
            TConfiguration.DEFAULT_RECURSION_DEPTH);
    PageHeader header = new PageHeader();
    header.read(new TCompactProtocol(new TIOStreamTransport(limits, in)));
    return header;
  }

  private Page page(PageHeader header, int body) {
    DataPageHeader page = header.getData_page_header();
    check(header.getType() == PageType.DATA_PAGE && page != null, "a page is of no known type");
    check(page.getNum_values() > 0, "a page has " + page.getNum_values() + " values");
    Encoding encoding = new ParquetMetadataConverter().getEncoding(page.getEncoding());
    check(
        encoding == Encoding.PLAIN || (encoding.usesDictionary() && dictionary != null),
        "a page has values in encoding " + encoding);
    check(
        !optional || page.getDefinition_level_encoding() == org.apache.parquet.format.Encoding.RLE,
        "a page has levels in encoding " + page.getDefinition_level_encoding());
    return new Page(
        body,
        header.getCompressed_page_size(),
        header.getUncompressed_page_size(),
        page.getNum_values(),
        encoding,
        header.getCrc());
  }

  /** Only of longs: few short values could stand for more bytes than any page may have. */
  private void openDictionary(PageHeader header, int body) throws IOException {
    int count = header.getDictionary_page_header().getNum_values();
    int bytes = header.getUncompressed_page_size();
    boolean longs = column.getPrimitiveType().getPrimitiveTypeName() == PrimitiveTypeName.INT64;
    check(longs && count >= 0 && count * 8L == bytes, "its dictionary is not one that a part has");
    int stored = header.getCompressed_page_size();
    load(new Page(body, stored, bytes, 0, Encoding.PLAIN, header.getCrc()));
    dictionary =
        Encoding.PLAIN.initDictionary(
            column, new DictionaryPage(BytesInput.from(plain, 0, bytes), count, Encoding.PLAIN));
  }

  /**
   * How many of the values that are left lie in pages of at most {@code bytes} bytes together, the
   * current page or the next one in any case.
   */
  long valuesWithin(long bytes) {
    long values = pageLeft;
    long room = values > 0 ? bytes - plain.length : bytes;
    for (int p = nextPage; p < pages.size(); p++) {
      Page page = pages.get(p);
      room -= page.plainBytes;
      if (room < 0 && values > 0) {
        break;
      }
      values += page.values;
    }
    return values;
  }

  /**
   * The next {@code size} values; there must be as many.
   *
   * @throws CorruptPartException if a page does not hold what its header says
   */
  Vector next(int size) {
    return guard(() -> read(size));
  }

  /** As {@link #next}, of longs without nulls; a constant if all of them are one value. */
  Vector.Longs nextLongs(int size) {
    return guard(
        () -> {
          openPageIfNone();
          if (constant && pageLeft >= size) {
            pageLeft -= size;
            return Vector.Longs.constant(size, constantValue);
          }
          Vector.Longs longs = (Vector.Longs) read(size);
          int same = 1;
          while (same < size && longs.get(same) == longs.get(0)) {
            same++;
          }
          return same == size ? Vector.Longs.constant(size, longs.get(0)) : longs;
        });
  }

  /** Goes past the next {@code size} values if it is plain that they are all null. */
  boolean skipNulls(int size) {
    return guard(
        () -> {
          openPageIfNone();
          boolean allNull = level == NULL && pageLeft >= size;
          pageLeft -= allNull ? size : 0;
          return allNull;
        });
  }

  /** Whatever parquet-java throws at bytes that no writer wrote becomes the one exception. */
  private <T> T guard(Callable<T> reading) {
    try {
      return reading.call();
    } catch (Exception e) {
      throw new CorruptPartException(
          "column '" + column.getPath()[0] + "' of a part is damaged: " + e.getMessage(), e);
    }
  }

  private Vector read(int size) throws IOException {
    decoder.begin(size);
    long[] nulls = null;
    int at = 0;
    while (at < size) {
      openPageIfNone();
      int to = at + Math.min(size - at, pageLeft);
      nulls = readLevels(at, to, nulls, size);
      decoder.read(reader, at, to, nulls);
      pageLeft -= to - at;
      at = to;
    }
    return decoder.build(size, nulls);
  }

  private long @Nullable [] readLevels(int from, int to, long @Nullable [] found, int size)
      throws IOException {
    if (level == PRESENT) {
      return found;
    }
    long[] nulls = found == null ? new long[(size + 63) >> 6] : found;
    for (int i = from; i < to; i++) {
      if (levels == null || levels.readInt() != PRESENT) {
        nulls[i >> 6] |= 1L << i;
      }
    }
    return nulls;
  }

  private void openPageIfNone() throws IOException {
    if (pageLeft > 0) {
      return;
    }
    Page page = pages.get(nextPage++);
    load(page);
    ByteBuffer in = ByteBuffer.wrap(plain, 0, page.plainBytes).order(ByteOrder.LITTLE_ENDIAN);
    level = PRESENT;
    levels = null;
    if (optional) {
      openLevels(in, page.values);
    }
    constant = false;
    reader = plainReader;
    Dictionary entries = dictionary;
    if (page.encoding != Encoding.PLAIN && entries != null) {
      reader = page.encoding.getDictionaryBasedValuesReader(column, ValuesType.VALUES, entries);
      ByteBuffer indexes = in.duplicate();
      int index = RunLengths.common(indexes, indexes.get(), page.values);
      constant = index != RunLengths.VARIOUS;
      constantValue = constant ? entries.decodeToLong(index) : 0;
    }
    reader.initFromPage(page.values, ByteBufferInputStream.wrap(in));
    pageLeft = page.values;
  }

  private void openLevels(ByteBuffer in, int count) {
    int length = in.getInt();
    ByteBuffer encoded = in.slice().limit(length);
    in.position(in.position() + length);
    level = RunLengths.common(encoded.duplicate(), LEVEL_BITS, count);
    if (level == RunLengths.VARIOUS) {
      levels =
          new RunLengthBitPackingHybridDecoder(LEVEL_BITS, ByteBufferInputStream.wrap(encoded));
    }
  }

  private void load(Page page) {
    CRC32 crc = new CRC32();
    crc.update(file, page.offset, page.storedBytes);
    check(
        (int) crc.getValue() == page.crc,
        "the checksum of the page at byte " + page.offset + " does not match");
    if (plain.length < page.plainBytes || plain.length > 2 * page.plainBytes) {
      plain = new byte[page.plainBytes];
    }
    ZstdPages.decompress(file, page.offset, page.storedBytes, plain, page.plainBytes);
  }

  private static void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new CorruptPartException(otherwise);
    }
  }
}
