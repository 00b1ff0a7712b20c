package io.tidemark.persist.part;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.bytes.HeapByteBufferAllocator;
import org.apache.parquet.column.ColumnWriteStore;
import org.apache.parquet.column.ColumnWriter;
import org.apache.parquet.column.ParquetProperties;
import org.apache.parquet.compression.CompressionCodecFactory;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ColumnChunkPageWriteStore;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;

/** A benchmark's rows, written with parquet-java alone: what Tidemark is measured against. */
public final class BareParquet {

  private static final MessageType TYPE =
      MessageTypeParser.parseMessageType(
          "message row { required int64 id; required binary name (STRING);"
              + " required double amount; required int64 ts; }");

  /** One row as an application holds it. */
  public record Row(long id, String name, double amount, long ts) {}

  private static final int ROWS_PER_STEP = 1000;

  private static final int ZSTD_LEVEL = 1;

  private final CompressionCodecFactory codecs = new ZstdCodecs(ZSTD_LEVEL);

  /** Writes through {@code ParquetWriter} and a write support, row by row. */
  public byte[] rowByRow(Row[] rows) {
    ParquetJava.MemoryOutput out = new ParquetJava.MemoryOutput();
    try (ParquetWriter<Row> writer =
        new Builder(out)
            .withConf(new PlainParquetConfiguration())
            .withCodecFactory(codecs)
            .withCompressionCodec(CompressionCodecName.ZSTD)
            .withDictionaryEncoding(false)
            .build()) {
      for (Row row : rows) {
        writer.write(row);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.file();
  }

  /** Writes column by column, through the column store. */
  public byte[] columnByColumn(Row[] rows) {
    ParquetJava.MemoryOutput out = new ParquetJava.MemoryOutput();
    try {
      ParquetProperties properties =
          ParquetProperties.builder()
              .withDictionaryEncoding(false)
              .withAllocator(HeapByteBufferAllocator.getInstance())
              .build();
      ColumnChunkPageWriteStore pages =
          new ColumnChunkPageWriteStore(
              codecs.getCompressor(CompressionCodecName.ZSTD),
              TYPE,
              HeapByteBufferAllocator.getInstance(),
              properties.getColumnIndexTruncateLength(),
              true);
      ColumnWriteStore store = properties.newColumnWriteStore(TYPE, pages, pages);
      for (int from = 0; from < rows.length; from += ROWS_PER_STEP) {
        writeColumns(store, rows, from, Math.min(rows.length, from + ROWS_PER_STEP));
      }
      store.flush();
      ParquetFileWriter writer =
          new ParquetFileWriter(
              out, TYPE, ParquetFileWriter.Mode.CREATE, 128 << 20, 0, null, properties);
      writer.start();
      writer.startBlock(rows.length);
      pages.flushToFileWriter(writer);
      writer.endBlock();
      writer.end(Map.of());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.file();
  }

  private static void writeColumns(ColumnWriteStore store, Row[] rows, int from, int to) {
    ColumnWriter[] columns = new ColumnWriter[TYPE.getFieldCount()];
    for (int c = 0; c < columns.length; c++) {
      columns[c] = store.getColumnWriter(TYPE.getColumns().get(c));
    }
    for (int i = from; i < to; i++) {
      columns[0].write(rows[i].id, 0, 0);
    }
    for (int i = from; i < to; i++) {
      columns[1].write(
          Binary.fromConstantByteArray(rows[i].name.getBytes(StandardCharsets.UTF_8)), 0, 0);
    }
    for (int i = from; i < to; i++) {
      columns[2].write(rows[i].amount, 0, 0);
    }
    for (int i = from; i < to; i++) {
      columns[3].write(rows[i].ts, 0, 0);
    }
    for (int i = from; i < to; i++) {
      store.endRecord();
    }
  }

  private static final class Builder extends ParquetWriter.Builder<Row, Builder> {
    Builder(ParquetJava.MemoryOutput out) {
      super(out);
    }

    @Override
    protected Builder self() {
      return this;
    }

    @Override
    @SuppressWarnings("deprecation") // abstract in the version in use
    protected WriteSupport<Row> getWriteSupport(Configuration configuration) {
      throw new IllegalStateException("there is no Hadoop here");
    }

    @Override
    protected WriteSupport<Row> getWriteSupport(ParquetConfiguration configuration) {
      return new Rows();
    }
  }

  private static final class Rows extends WriteSupport<Row> {
    private RecordConsumer out;

    @Override
    @SuppressWarnings("deprecation") // abstract in the version in use
    public WriteContext init(Configuration configuration) {
      throw new IllegalStateException("there is no Hadoop here");
    }

    @Override
    public WriteContext init(ParquetConfiguration configuration) {
      return new WriteContext(TYPE, Map.of());
    }

    @Override
    public void prepareForWrite(RecordConsumer consumer) {
      out = consumer;
    }

    @Override
    public void write(Row row) {
      out.startMessage();
      number("id", 0, row.id);
      out.startField("name", 1);
      out.addBinary(Binary.fromString(row.name));
      out.endField("name", 1);
      out.startField("amount", 2);
      out.addDouble(row.amount);
      out.endField("amount", 2);
      number("ts", 3, row.ts);
      out.endMessage();
    }

    private void number(String name, int index, long value) {
      out.startField(name, index);
      out.addLong(value);
      out.endField(name, index);
    }
  }
}
