package io.tidemark.persist.part;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.parquet.NoHadoopReadOptions;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.ColumnReadStore;
import org.apache.parquet.column.ColumnReader;
import org.apache.parquet.column.impl.ColumnReadStoreImpl;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.parquet.io.DelegatingSeekableInputStream;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.PositionOutputStream;
import org.apache.parquet.io.SeekableInputStream;
import org.apache.parquet.io.api.Converter;
import org.apache.parquet.io.api.GroupConverter;
import org.apache.parquet.io.api.PrimitiveConverter;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.MessageType;

/** parquet-java as a witness: what it reads in a file, without Hadoop. */
final class ParquetJava {

  /**
   * What it found in a file.
   *
   * @param metadata its footer
   * @param columns by column, by row: a boxed value, a byte array, or null
   */
  record Contents(ParquetMetadata metadata, List<List<Object>> columns) {

    MessageType schema() {
      return metadata.getFileMetaData().getSchema();
    }
  }

  private ParquetJava() {}

  /** Reads the whole of {@code file}, checking the checksums of its pages. */
  static Contents read(byte[] file) {
    try (ParquetFileReader reader =
        new ParquetFileReader(new MemoryInput(file), NoHadoopReadOptions.of(new ZstdCodecs(1)))) {
      MessageType schema = reader.getFileMetaData().getSchema();
      List<List<Object>> columns = new ArrayList<>();
      for (int c = 0; c < schema.getFieldCount(); c++) {
        columns.add(new ArrayList<>());
      }
      for (PageReadStore pages = reader.readNextRowGroup();
          pages != null;
          pages = reader.readNextRowGroup()) {
        ColumnReadStore store =
            new ColumnReadStoreImpl(
                pages, new Ignoring(schema), schema, reader.getFileMetaData().getCreatedBy());
        for (int c = 0; c < columns.size(); c++) {
          readColumn(store, schema.getColumns().get(c), pages.getRowCount(), columns.get(c));
        }
      }
      return new Contents(reader.getFooter(), columns);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void readColumn(
      ColumnReadStore store, ColumnDescriptor column, long rows, List<Object> values) {
    ColumnReader reader = store.getColumnReader(column);
    for (long row = 0; row < rows; row++) {
      boolean present = reader.getCurrentDefinitionLevel() == column.getMaxDefinitionLevel();
      values.add(present ? value(reader, column) : null);
      reader.consume();
    }
  }

  private static Object value(ColumnReader reader, ColumnDescriptor column) {
    return switch (column.getPrimitiveType().getPrimitiveTypeName()) {
      case BOOLEAN -> reader.getBoolean();
      case INT32 -> reader.getInteger();
      case INT64 -> reader.getLong();
      case DOUBLE -> reader.getDouble();
      case BINARY, FIXED_LEN_BYTE_ARRAY -> reader.getBinary().getBytes();
      default -> throw new IllegalStateException("no part has " + column);
    };
  }

  /** The converters that the column store asks for; none is ever called. */
  static final class Ignoring extends GroupConverter {
    private final GroupType type;

    Ignoring(GroupType type) {
      this.type = type;
    }

    @Override
    public Converter getConverter(int field) {
      return type.getType(field).isPrimitive()
          ? new PrimitiveConverter() {}
          : new Ignoring(type.getType(field).asGroupType());
    }

    @Override
    public void start() {}

    @Override
    public void end() {}
  }

  /** A file in memory, to be read. */
  @SuppressWarnings("ArrayRecordComponent") // only carried
  record MemoryInput(byte[] file) implements InputFile {

    @Override
    public long getLength() {
      return file.length;
    }

    @Override
    public SeekableInputStream newStream() {
      ByteArrayInputStream in = new ByteArrayInputStream(file);
      return new DelegatingSeekableInputStream(in) {
        @Override
        public long getPos() {
          return (long) file.length - in.available();
        }

        @Override
        public void seek(long position) {
          in.reset();
          long skipped = in.skip(position);
          if (skipped != position) {
            throw new IllegalArgumentException("no position " + position + " in the file");
          }
        }
      };
    }
  }

  /** A file in memory, to be written. */
  static final class MemoryOutput extends PositionOutputStream implements OutputFile {
    private final Bytes bytes = new Bytes();

    private static final class Bytes extends ByteArrayOutputStream {
      Bytes() {
        super(1 << 16);
      }

      byte[] all() {
        return Arrays.copyOf(buf, count);
      }
    }

    byte[] file() {
      return bytes.all();
    }

    @Override
    public long getPos() {
      return bytes.size();
    }

    @Override
    public void write(int b) {
      bytes.write(b);
    }

    @Override
    public void write(byte[] b, int from, int length) {
      bytes.write(b, from, length);
    }

    @Override
    public PositionOutputStream create(long blockSizeHint) {
      return this;
    }

    @Override
    public PositionOutputStream createOrOverwrite(long blockSizeHint) {
      return this;
    }

    @Override
    public boolean supportsBlockSize() {
      return false;
    }

    @Override
    public long defaultBlockSize() {
      return 0;
    }
  }
}
