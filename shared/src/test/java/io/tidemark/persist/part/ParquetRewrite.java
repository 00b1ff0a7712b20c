package io.tidemark.persist.part;

import io.tidemark.persist.part.ParquetJava.Ignoring;
import io.tidemark.persist.part.ParquetJava.MemoryInput;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import org.apache.parquet.NoHadoopReadOptions;
import org.apache.parquet.bytes.HeapByteBufferAllocator;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.ColumnReadStore;
import org.apache.parquet.column.ColumnReader;
import org.apache.parquet.column.ColumnWriteStore;
import org.apache.parquet.column.ColumnWriter;
import org.apache.parquet.column.ParquetProperties;
import org.apache.parquet.column.impl.ColumnReadStoreImpl;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.compression.CompressionCodecFactory;
import org.apache.parquet.hadoop.ColumnChunkPageWriteStore;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.schema.MessageType;

/**
 * Some files of one schema, written as one by parquet-java: what compaction is measured against.
 */
public final class ParquetRewrite {

  private static final int ROWS_PER_STEP = 1000;

  private final CompressionCodecFactory codecs = new ZstdCodecs(1);

  /** All rows of all files, as one file of one row group. */
  public byte[] rewrite(List<byte[]> files) {
    try {
      MessageType type = type(files.get(0));
      ParquetProperties properties =
          ParquetProperties.builder()
              .withDictionaryEncoding(false)
              .withAllocator(HeapByteBufferAllocator.getInstance())
              .build();
      ColumnChunkPageWriteStore pages =
          new ColumnChunkPageWriteStore(
              codecs.getCompressor(CompressionCodecName.ZSTD),
              type,
              HeapByteBufferAllocator.getInstance(),
              properties.getColumnIndexTruncateLength(),
              true);
      ColumnWriteStore store = properties.newColumnWriteStore(type, pages, pages);
      long rows = 0;
      for (byte[] file : files) {
        rows += copy(file, type, store);
      }
      store.flush();
      return file(type, properties, pages, rows);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] file(
      MessageType type, ParquetProperties properties, ColumnChunkPageWriteStore pages, long rows)
      throws IOException {
    ParquetJava.MemoryOutput out = new ParquetJava.MemoryOutput();
    ParquetFileWriter writer =
        new ParquetFileWriter(
            out, type, ParquetFileWriter.Mode.CREATE, 128 << 20, 0, null, properties);
    writer.start();
    writer.startBlock(rows);
    pages.flushToFileWriter(writer);
    writer.endBlock();
    writer.end(Map.of());
    return out.file();
  }

  private ParquetFileReader reader(byte[] file) throws IOException {
    return new ParquetFileReader(new MemoryInput(file), NoHadoopReadOptions.of(codecs));
  }

  private MessageType type(byte[] file) throws IOException {
    try (ParquetFileReader reader = reader(file)) {
      return reader.getFileMetaData().getSchema();
    }
  }

  private long copy(byte[] file, MessageType type, ColumnWriteStore into) throws IOException {
    long rows = 0;
    try (ParquetFileReader reader = reader(file)) {
      String createdBy = reader.getFileMetaData().getCreatedBy();
      PageReadStore group = reader.readNextRowGroup();
      while (group != null) {
        ColumnReadStore store = new ColumnReadStoreImpl(group, new Ignoring(type), type, createdBy);
        copy(store, type, group.getRowCount(), into);
        rows += group.getRowCount();
        group = reader.readNextRowGroup();
      }
    }
    return rows;
  }

  private static void copy(
      ColumnReadStore from, MessageType type, long rows, ColumnWriteStore into) {
    List<ColumnDescriptor> columns = type.getColumns();
    List<ColumnReader> readers = columns.stream().map(from::getColumnReader).toList();
    for (long start = 0; start < rows; start += ROWS_PER_STEP) {
      long step = Math.min(ROWS_PER_STEP, rows - start);
      for (int c = 0; c < columns.size(); c++) {
        copy(readers.get(c), columns.get(c), step, into.getColumnWriter(columns.get(c)));
      }
      for (long row = 0; row < step; row++) {
        into.endRecord();
      }
    }
  }

  private static void copy(
      ColumnReader reader, ColumnDescriptor column, long rows, ColumnWriter writer) {
    for (long row = 0; row < rows; row++) {
      int level = reader.getCurrentDefinitionLevel();
      if (level < column.getMaxDefinitionLevel()) {
        writer.writeNull(0, level);
      } else {
        copyValue(reader, column, level, writer);
      }
      reader.consume();
    }
  }

  private static void copyValue(
      ColumnReader reader, ColumnDescriptor column, int level, ColumnWriter writer) {
    switch (column.getPrimitiveType().getPrimitiveTypeName()) {
      case BOOLEAN -> writer.write(reader.getBoolean(), 0, level);
      case INT32 -> writer.write(reader.getInteger(), 0, level);
      case INT64 -> writer.write(reader.getLong(), 0, level);
      case DOUBLE -> writer.write(reader.getDouble(), 0, level);
      case BINARY, FIXED_LEN_BYTE_ARRAY -> writer.write(reader.getBinary(), 0, level);
      default -> throw new IllegalStateException("no part has " + column);
    }
  }
}
