package io.tidemark.row;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.Seeds;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;

/** Rows as JSON: the text itself, and that what comes out goes in again to the same updates. */
class JsonRowWriterTest {

  @Test
  void shouldReadBackTheLinesThatItWrote() {
    Seeds.forEach(
        200,
        seed -> {
          UpdateBlock block = new RandomBlocks(seed).block();
          byte[] lines = lines(new JsonRowWriter(block.schema(), RowFields.ALL), block);
          UpdateBlockBuilder builder = new UpdateBlockBuilder(block.schema());
          int rows = JsonRowReader.timed(block.schema()).read(lines, 0, lines.length, builder);
          assertEquals(block.size(), rows);
          assertSame(block, builder.build());
        });
  }

  @Test
  void shouldReadBackTheObjectsThatItMade() {
    Seeds.forEach(
        200,
        seed -> {
          UpdateBlock block = new RandomBlocks(seed).block();
          JsonArray objects = objects(new JsonRowWriter(block.schema(), RowFields.ALL), block);
          UpdateBlockBuilder builder = new UpdateBlockBuilder(block.schema());
          assertEquals(block.size(), JsonRowReader.timed(block.schema()).read(objects, builder));
          assertSame(block, builder.build());
        });
  }

  /** As they arrive on another node. Numbers in json columns do not all survive Vert.x's parser. */
  @Test
  void shouldReadBackTheObjectsThatWentOverTheWire() {
    Seeds.forEach(
        200,
        seed -> {
          UpdateBlock block = new RandomBlocks(seed).block();
          if (block.schema().columns().stream().anyMatch(c -> c.type().equals(ColumnType.JSON))) {
            return;
          }
          JsonRowWriter writer = new JsonRowWriter(block.schema(), RowFields.ALL);
          JsonArray received = new JsonArray(objects(writer, block).encode());
          UpdateBlockBuilder builder = new UpdateBlockBuilder(block.schema());
          assertEquals(block.size(), JsonRowReader.timed(block.schema()).read(received, builder));
          assertSame(block, builder.build());
        });
  }

  private static void assertSame(UpdateBlock expected, UpdateBlock actual) {
    Update.assertSame(expected, actual);
    assertArrayEquals(BlockCodec.encode(expected), BlockCodec.encode(actual));
  }

  private static JsonArray objects(JsonRowWriter writer, UpdateBlock block) {
    List<JsonObject> objects = new ArrayList<>();
    for (int i = 0; i < block.size(); i++) {
      objects.add(writer.object(block, i));
    }
    return new JsonArray(objects);
  }

  private static byte[] lines(RowWriter writer, UpdateBlock block) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(writer.header());
    writer.chunks(block, 500).forEachRemaining(out::writeBytes);
    return out.toByteArray();
  }

  private static String text(RowWriter writer, UpdateBlock block) {
    return new String(lines(writer, block), StandardCharsets.UTF_8);
  }

  private static UpdateBlock oneOfEach() {
    Schema schema =
        Schema.of(
            Column.nullable("a", ColumnType.BOOL),
            Column.nullable("b", ColumnType.INT32),
            Column.nullable("c", ColumnType.INT64),
            Column.nullable("d", ColumnType.FLOAT64),
            Column.nullable("e", ColumnType.decimal(38, 2)),
            Column.nullable("f", ColumnType.STRING),
            Column.nullable("g", ColumnType.BYTES),
            Column.nullable("h", ColumnType.DATE),
            Column.nullable("i", ColumnType.TIMESTAMP),
            Column.nullable("j", ColumnType.JSON));
    UpdateBlockBuilder builder = new UpdateBlockBuilder(schema);
    builder.bool(0, true).int32(1, -1).int64(2, (1L << 53) - 1).float64(3, 0.5);
    builder.decimal(4, new BigDecimal("-1e20")).string(5, "q\"\n\u0001\u007f€");
    builder.bytes(6, new byte[] {-1, -2}).date(7, LocalDate.of(2024, 2, 29));
    builder.timestamp(8, Instant.parse("2024-02-29T12:30:00Z"));
    builder.json(9, "{\"y\":[null, 1.50], \"x\":\"\"}").row(5, 1);
    builder.int64(2, 1L << 53).float64(3, Double.NEGATIVE_INFINITY).string(5, "");
    builder.timestamp(8, Instant.parse("1969-12-31T23:59:59.25Z")).json(9, " null ");
    builder.row(1L << 53, Long.MIN_VALUE);
    builder.error("no \"such\" thing", 7, -1);
    builder.row(8, 3);
    return builder.build();
  }

  @Test
  void shouldWriteEveryColumnOnEveryLine() {
    assertEquals(
        """
        {"a":true,"b":-1,"c":9007199254740991,"d":0.5,"e":"-100000000000000000000.00",\
        "f":"q\\"\\n\\u0001\u007f€","g":"//4=","h":"2024-02-29","i":"2024-02-29T12:30:00Z",\
        "j":{"x":"","y":[null,1.5]},"_time":5,"_diff":1}
        {"a":null,"b":null,"c":"9007199254740992","d":"-Infinity","e":null,"f":"","g":null,\
        "h":null,"i":"1969-12-31T23:59:59.250000Z","j":null,"_time":"9007199254740992",\
        "_diff":"-9223372036854775808"}
        {"_error":"no \\"such\\" thing","_time":7,"_diff":-1}
        {"a":null,"b":null,"c":null,"d":null,"e":null,"f":null,"g":null,"h":null,"i":null,\
        "j":null,"_time":8,"_diff":3}
        """,
        text(new JsonRowWriter(oneOfEach().schema(), RowFields.ALL), oneOfEach()));
  }

  @Test
  void shouldWriteTheShortestDigitsOfFloats() {
    Map<Double, String> texts = new LinkedHashMap<>();
    texts.put(0.0, "0.0");
    texts.put(-1.0, "-1.0");
    texts.put(0.1 + 0.2, "0.30000000000000004");
    texts.put(0.3, "0.3");
    texts.put(-0.05, "-0.05");
    texts.put(1e-6, "0.000001");
    texts.put(1e-7, "1.0E-7");
    texts.put(123456.789012, "123456.789012");
    texts.put(999999999.999999, "999999999.999999");
    texts.put(1e9, "1.0E9");
    texts.put(1e15 / 1e6 - 1, "999999999.0");
    texts.put(4.35, "4.35");
    texts.put(2.5e-5, "0.000025");
    texts.put(0x1p-44, "5.684341886080802E-14");
    texts.put(Double.MIN_VALUE, "4.9E-324");
    Schema schema = Schema.of(Column.required("f", ColumnType.FLOAT64));
    JsonRowWriter writer = new JsonRowWriter(schema, new RowFields(false, false));
    texts.forEach(
        (value, text) -> {
          UpdateBlockBuilder builder = new UpdateBlockBuilder(schema);
          builder.float64(0, value).row(0, 1);
          assertEquals("{\"f\":" + text + "}\n", text(writer, builder.build()));
          assertEquals(value, Double.parseDouble(text));
        });
  }

  @Test
  void shouldWriteTimesAndDiffsIfAsked() {
    Schema schema = Schema.of(Column.nullable("b", ColumnType.BOOL));
    UpdateBlockBuilder builder = new UpdateBlockBuilder(schema);
    builder.row(5, 2);
    UpdateBlock block = builder.build();
    assertEquals(
        "{\"b\":null,\"_diff\":2}\n", text(new JsonRowWriter(schema, RowFields.SNAPSHOT), block));
    assertEquals(
        "{\"b\":null,\"_time\":5}\n",
        text(new JsonRowWriter(schema, new RowFields(true, false)), block));
    JsonRowWriter neither = new JsonRowWriter(schema, new RowFields(false, false));
    assertEquals("{\"b\":null}\n", text(neither, block));
    assertEquals(new JsonObject().putNull("b"), neither.object(block, 0));
  }

  @Test
  void shouldMakeObjectsThatTheMethodsOfVertxRead() {
    UpdateBlock block = oneOfEach();
    JsonRowWriter writer = new JsonRowWriter(block.schema(), RowFields.ALL);
    JsonObject row = writer.object(block, 0);
    assertEquals(true, row.getBoolean("a"));
    assertEquals(-1, row.getInteger("b"));
    assertEquals((1L << 53) - 1, row.getLong("c"));
    assertEquals(0.5, row.getDouble("d"));
    assertArrayEquals(new byte[] {-1, -2}, row.getBinary("g"));
    assertEquals(Instant.parse("2024-02-29T12:30:00Z"), row.getInstant("i"));
    assertEquals(1.5, row.getJsonObject("j").getJsonArray("y").getDouble(1));
    assertEquals(row, row.copy());
    assertEquals(
        new JsonObject()
            .put("_error", "no \"such\" thing")
            .put("_time", 7L)
            .put("_diff", -1L)
            .encode(),
        writer.object(block, 2).encode());
  }

  @Test
  void shouldKeepExactNumbersOfJsonInObjects() {
    Schema schema = Schema.of(Column.required("j", ColumnType.JSON));
    String json = "[0.1234567890123456789,1E+400,0.5,123456789012345678901]";
    UpdateBlockBuilder builder = new UpdateBlockBuilder(schema);
    builder.json(0, json).row(0, 1);
    JsonRowWriter writer = new JsonRowWriter(schema, RowFields.SNAPSHOT);
    JsonArray numbers = writer.object(builder.build(), 0).getJsonArray("j");
    assertEquals(new BigDecimal("0.1234567890123456789"), numbers.getValue(0));
    assertEquals(0.5, numbers.getValue(2));
    assertEquals(json, JsonText.canonicalOf(numbers));
    assertEquals(json, JsonText.canonical(numbers.encode()));
  }

  @Test
  void shouldGiveWholeLinesInPiecesOfTheAskedSize() {
    UpdateBlock block = new RandomBlocks(11).block(RandomBlocks.everyType(), 200);
    JsonRowWriter writer = new JsonRowWriter(block.schema(), RowFields.ALL);
    String whole =
        new String(writer.chunks(block, Integer.MAX_VALUE).next(), StandardCharsets.UTF_8);
    for (int target : new int[] {1, 1000, 5000, 1 << 20}) {
      StringBuilder text = new StringBuilder();
      Iterator<byte[]> chunks = writer.chunks(block, target);
      while (chunks.hasNext()) {
        String chunk = new String(chunks.next(), StandardCharsets.UTF_8);
        assertTrue(chunk.endsWith("\n"));
        int lastLine = chunk.length() - 1 - chunk.lastIndexOf('\n', chunk.length() - 2);
        assertTrue(chunk.getBytes(StandardCharsets.UTF_8).length >= target || !chunks.hasNext());
        assertTrue(chunk.length() - lastLine < target);
        text.append(chunk);
      }
      assertEquals(whole, text.toString());
      assertThrows(NoSuchElementException.class, chunks::next);
    }
    UpdateBlock empty = new UpdateBlockBuilder(block.schema()).build();
    assertFalse(writer.chunks(empty, 1).hasNext());
    UpdateBlock other = new RandomBlocks(1).block();
    assertThrows(IllegalArgumentException.class, () -> writer.chunks(other, 1));
  }
}
