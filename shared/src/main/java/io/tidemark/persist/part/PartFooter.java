package io.tidemark.persist.part;

import io.tidemark.row.ColumnType;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.SchemaElement;
import org.apache.parquet.format.Util;
import org.apache.parquet.format.converter.ParquetMetadataConverter;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.Type.Repetition;
import org.jspecify.annotations.Nullable;

/** The footer of a part: which columns the file has and where they lie. */
final class PartFooter {

  private static final byte[] MAGIC = "PAR1".getBytes(StandardCharsets.US_ASCII);
  private static final int TAIL_BYTES = Integer.BYTES + MAGIC.length;

  private final byte[] file;
  private final int start;
  private final long updates;
  private final Map<String, ColumnChunkMetaData> chunks = new HashMap<>();

  /**
   * Reads the footer of {@code file}.
   *
   * @throws CorruptPartException if it has none, or not one of a part
   */
  PartFooter(byte[] file) {
    this.file = file;
    this.start = start(file);
    ParquetMetadata footer = parse(file, start);
    String format = footer.getFileMetaData().getKeyValueMetaData().get(PartWriter.FORMAT_KEY);
    check(
        PartWriter.FORMAT.equals(format),
        "says that it has format " + format + ", this version knows " + PartWriter.FORMAT);
    check(footer.getBlocks().size() == 1, "has " + footer.getBlocks().size() + " row groups");
    BlockMetaData group = footer.getBlocks().get(0);
    this.updates = group.getRowCount();
    check(updates >= 0, "claims " + updates + " updates");
    for (ColumnChunkMetaData chunk : group.getColumns()) {
      check(chunk.getCodec() == CompressionCodecName.ZSTD, "is not in zstd");
      String name = chunk.getPath().toDotString();
      check(chunks.put(name, chunk) == null, "has two columns '" + name + "'");
    }
  }

  private static int start(byte[] file) {
    int magic = MAGIC.length;
    int tail = file.length - TAIL_BYTES;
    check(
        tail >= magic
            && Arrays.equals(file, 0, magic, MAGIC, 0, magic)
            && Arrays.equals(file, file.length - magic, file.length, MAGIC, 0, magic),
        "does not begin and end as a Parquet file does");
    int length = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getInt(tail);
    check(length > 0 && length <= tail - magic, "says that it has " + length + " bytes");
    return tail - length;
  }

  private static ParquetMetadata parse(byte[] file, int start) {
    int length = file.length - TAIL_BYTES - start;
    try {
      // The limit makes the decoder refuse every length that is past the end of the footer.
      FileMetaData footer =
          Util.readFileMetaData(new ByteArrayInputStream(file, start, length), length);
      List<SchemaElement> columns = footer.getSchema().subList(1, footer.getSchemaSize());
      check(columns.stream().noneMatch(SchemaElement::isSetNum_children), "has nested columns");
      return new ParquetMetadataConverter().fromParquetMetadata(footer);
    } catch (IOException | RuntimeException e) {
      throw new CorruptPartException("the footer of a part does not decode: " + e.getMessage(), e);
    }
  }

  long updates() {
    return updates;
  }

  /** How many columns the file has. */
  int size() {
    return chunks.size();
  }

  /**
   * A reader of the column that is at {@code index} of {@code expected}, or null if the file has
   * none of its name.
   *
   * @throws CorruptPartException if it is of another type, or its pages are not where they should
   *     be
   */
  @Nullable ColumnChunkReader open(MessageType expected, int index, ColumnType columnType) {
    ColumnDescriptor column = expected.getColumns().get(index);
    PrimitiveType type = column.getPrimitiveType();
    ColumnChunkMetaData chunk = chunks.get(type.getName());
    if (chunk == null) {
      return null;
    }
    PrimitiveType found = chunk.getPrimitiveType();
    check(
        found.getPrimitiveTypeName() == type.getPrimitiveTypeName()
            && found.getTypeLength() == type.getTypeLength()
            && Objects.equals(found.getLogicalTypeAnnotation(), type.getLogicalTypeAnnotation()),
        "has column '" + type.getName() + "' of another type than the collection");
    check(
        found.isRepetition(Repetition.REQUIRED)
            || (found.isRepetition(Repetition.OPTIONAL) && type.isRepetition(Repetition.OPTIONAL)),
        "has column '" + type.getName() + "' of another repetition than a part");
    long from = chunk.getStartingPos();
    long bytes = chunk.getTotalSize();
    check(
        from >= MAGIC.length && from <= start && bytes >= 0 && bytes <= start - from,
        "places column '" + type.getName() + "' outside the file");
    int levels = found.isRepetition(Repetition.OPTIONAL) ? 1 : 0;
    ColumnDescriptor stored = new ColumnDescriptor(column.getPath(), found, 0, levels);
    return new ColumnChunkReader(stored, file, ValueDecoder.of(columnType))
        .open((int) from, (int) (from + bytes), updates);
  }

  private static void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new CorruptPartException("the footer of a part is damaged: it " + otherwise);
    }
  }
}
