package io.tidemark.persist.part;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.Seeds;
import io.tidemark.row.Column;
import io.tidemark.row.ColumnType;
import io.tidemark.row.Schema;
import io.tidemark.row.UpdateBlock;
import io.tidemark.row.UpdateBlockBuilder;
import io.tidemark.row.Vector;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.PageType;
import org.apache.parquet.format.Util;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Damage is always told, and never told otherwise than by {@link CorruptPartException}: no other
 * exception, no endless loop, no memory without bound.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class PartDamageTest {

  private static final Schema SCHEMA =
      Schema.of(
          Column.required("id", ColumnType.INT64),
          Column.nullable("flag", ColumnType.BOOL),
          Column.nullable("day", ColumnType.DATE),
          Column.nullable("price", ColumnType.decimal(10, 2)),
          Column.nullable("weight", ColumnType.FLOAT64),
          Column.nullable("name", ColumnType.STRING));

  private static UpdateBlock block(int rows, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    UpdateBlockBuilder builder = new UpdateBlockBuilder(SCHEMA);
    for (int i = 0; i < rows; i++) {
      if (i % 17 == 16) {
        builder.error("error " + i, i, 1);
        continue;
      }
      builder.int64(0, random.nextLong());
      if (random.nextInt(3) > 0) {
        builder.bool(1, random.nextBoolean());
        builder.float64(4, random.nextDouble());
        builder.string(5, "name" + random.nextInt(100));
      }
      builder.row(1000 + i / 10, random.nextInt(3) == 0 ? -1 : 1);
    }
    return builder.build();
  }

  private static EncodedPart part(int rows, long seed) {
    PartWriter writer = new PartWriter(SCHEMA);
    writer.write(block(rows, seed));
    return writer.finish();
  }

  /** Reads to the end. Whatever is thrown but the one exception fails the test. */
  private static boolean survives(byte[] file) {
    try {
      PartReader reader = PartReader.openUnchecked(SCHEMA, file);
      int blocks = 0;
      while (reader.next(50) != null) {
        blocks++;
      }
      return blocks >= 0;
    } catch (CorruptPartException e) {
      assertTrue(e.getMessage().contains("part"), e.getMessage());
      return false;
    }
  }

  private static void assertTold(EncodedPart part, byte[] damaged) {
    CorruptPartException told =
        assertThrows(
            CorruptPartException.class,
            () -> PartReader.open(SCHEMA, damaged, part.crc32c()).next());
    assertTrue(told.getMessage().contains("its checksum is"), told.getMessage());
  }

  @Test
  void shouldTellEveryTruncation() {
    EncodedPart part = part(60, 1);
    for (int length = 0; length < part.file().length; length++) {
      byte[] cut = Arrays.copyOf(part.file(), length);
      assertTold(part, cut);
      assertTrue(!survives(cut), "cut to " + length + " bytes");
    }
  }

  @Test
  void shouldTellEveryFlippedBit() {
    EncodedPart part = part(20, 2);
    byte[] file = part.file().clone();
    for (int bit = 0; bit < file.length * 8; bit++) {
      file[bit >> 3] ^= (byte) (1 << (bit & 7));
      assertTold(part, file);
      boolean unused = survives(file);
      file[bit >> 3] ^= (byte) (1 << (bit & 7));
    }
    assertTrue(survives(file));
  }

  @Test
  void shouldTellDamageInALargePart() {
    EncodedPart part = part(20_000, 3);
    SplittableRandom random = new SplittableRandom(3);
    byte[] file = part.file().clone();
    for (int n = 0; n < 2000; n++) {
      int bit = random.nextInt(file.length * 8);
      file[bit >> 3] ^= (byte) (1 << (bit & 7));
      assertTold(part, file);
      if (n % 20 == 0) {
        boolean unused = survives(file);
      }
      file[bit >> 3] ^= (byte) (1 << (bit & 7));
    }
  }

  @Test
  void shouldTellAnotherPart() {
    assertTold(part(10, 4), part(10, 5).file());
  }

  /** What only a faulty writer could make: pages whose checksums match, with nonsense in them. */
  @Test
  void shouldSurviveDamagedPagesWhoseChecksumsMatch() {
    EncodedPart part = part(300, 6);
    List<ColumnChunkMetaData> chunks = chunks(part.file());
    List<ColumnDescriptor> columns = PartSchema.of(SCHEMA).getColumns();
    Seeds.forEach(
        3000,
        seed -> {
          SplittableRandom random = new SplittableRandom(seed);
          int c = random.nextInt(chunks.size());
          byte[] forged = forged(part.file(), chunks.get(c), random);
          try {
            ColumnChunkReader reader =
                new ColumnChunkReader(columns.get(c), forged, decoder(c))
                    .open(0, forged.length, 300);
            for (int read = 0; read < 300; read += 100) {
              boolean longs = c == SCHEMA.size() || c == SCHEMA.size() + 1;
              Vector vector = longs ? reader.nextLongs(100) : reader.next(100);
              assertEquals(100, vector.size());
            }
          } catch (CorruptPartException e) {
            String name = columns.get(c).getPath()[0];
            assertTrue(e.getMessage().startsWith("column '" + name + "' of a part is damaged"));
          }
        });
  }

  private static ValueDecoder decoder(int column) {
    ColumnType type =
        column < SCHEMA.size()
            ? SCHEMA.column(column).type()
            : column < SCHEMA.size() + 2 ? ColumnType.INT64 : ColumnType.STRING;
    return ValueDecoder.of(type);
  }

  private static List<ColumnChunkMetaData> chunks(byte[] file) {
    return ParquetJava.read(file).metadata().getBlocks().get(0).getColumns();
  }

  /** The pages of a chunk, their contents damaged and everything around them put right. */
  private static byte[] forged(byte[] file, ColumnChunkMetaData chunk, SplittableRandom random) {
    ByteArrayInputStream in =
        new ByteArrayInputStream(file, (int) chunk.getStartingPos(), (int) chunk.getTotalSize());
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      while (in.available() > 0) {
        PageHeader header = Util.readPageHeader(in);
        byte[] plain = new byte[header.getUncompressed_page_size()];
        byte[] stored = in.readNBytes(header.getCompressed_page_size());
        ZstdPages.decompress(stored, 0, stored.length, plain, plain.length);
        byte[] damaged = damaged(plain, header.getType(), random);
        byte[] body = compressed(damaged);
        CRC32 crc = new CRC32();
        crc.update(body);
        header.setUncompressed_page_size(damaged.length);
        header.setCompressed_page_size(body.length);
        header.setCrc((int) crc.getValue());
        Util.writePageHeader(header, out);
        out.write(body);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  private static byte[] compressed(byte[] plain) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ZstdPages.COMPRESSOR.compress(BytesInput.from(plain)).writeAllTo(out);
    return out.toByteArray();
  }

  private static byte[] damaged(byte[] plain, PageType type, SplittableRandom random) {
    if (type == PageType.DICTIONARY_PAGE && random.nextInt(4) > 0) {
      return plain;
    }
    byte[] damaged =
        random.nextInt(4) == 0 ? Arrays.copyOf(plain, random.nextInt(plain.length + 9)) : plain;
    for (int flips = random.nextInt(4); flips > 0 && damaged.length > 0; flips--) {
      // The first bytes, where the levels and their length are, as often as all the others.
      int at = random.nextInt(random.nextBoolean() ? Math.min(12, damaged.length) : damaged.length);
      damaged[at] = (byte) random.nextInt(256);
    }
    return damaged;
  }

  @Test
  void shouldTellWhichColumnIsNotOfTheSchema() {
    EncodedPart part = part(10, 7);
    List<Column> columns = SCHEMA.columns();
    List<Column> without = columns.subList(0, 5);
    assertRefused(part, without, "1 columns that the schema lacks");
    List<Column> more = new ArrayList<>(columns);
    more.add(Column.required("more", ColumnType.BOOL));
    assertRefused(part, more, "lacks column 'more'");
    List<Column> scale = new ArrayList<>(columns);
    scale.set(3, Column.nullable("price", ColumnType.decimal(10, 3)));
    assertRefused(part, scale, "'price' of another type");
    List<Column> type = new ArrayList<>(columns);
    type.set(0, Column.required("id", ColumnType.TIMESTAMP));
    assertRefused(part, type, "'id' of another type");
    List<Column> required = new ArrayList<>(columns);
    required.set(5, Column.required("name", ColumnType.STRING));
    assertRefused(part, required, "a row without column 'name'");
  }

  private static void assertRefused(EncodedPart part, List<Column> columns, String why) {
    CorruptPartException told =
        assertThrows(
            CorruptPartException.class,
            () -> PartReader.open(new Schema(columns), part.file(), part.crc32c()).next());
    assertTrue(told.getMessage().contains(why), told.getMessage());
  }

  @Test
  void shouldTellAFormatThatItDoesNotKnow() {
    byte[] file = part(10, 8).file();
    String text = new String(file, StandardCharsets.ISO_8859_1);
    int key = text.indexOf(PartWriter.FORMAT_KEY);
    file[text.indexOf("1", key)] = '2';
    CorruptPartException told =
        assertThrows(CorruptPartException.class, () -> PartReader.openUnchecked(SCHEMA, file));
    assertTrue(told.getMessage().contains("has format 2"), told.getMessage());
  }
}
