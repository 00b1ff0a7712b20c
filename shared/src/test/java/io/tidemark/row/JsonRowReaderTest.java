package io.tidemark.row;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The row around its values: names, reserved fields, messages of many rows. */
class JsonRowReaderTest {

  private static final Schema SCHEMA =
      Schema.of(
          Column.required("id", ColumnType.INT64),
          Column.nullable("name", ColumnType.STRING),
          Column.nullable("doc", ColumnType.JSON));

  @Test
  void shouldReadRowsWithTheirDiffs() {
    List<Update> updates =
        read(
            JsonRowReader.untimed(SCHEMA),
            """
            {"id":1,"name":"a"}
            {"name":null,"_diff":-2,"id":2}

             {"doc":{"b":1,"a":[]},"id":3,"_diff":"1","_error":null}""");
    assertEquals(
        List.of(
            update(0, 1, 1L, "a", null),
            update(0, -2, 2L, null, null),
            update(0, 1, 3L, null, "{\"a\":[],\"b\":1}")),
        updates);
  }

  private static Update update(long time, long diff, Object... row) {
    return new Update(Arrays.asList(row), null, time, diff);
  }

  @Test
  void shouldReadErrorsCarriedAsData() {
    List<Update> updates =
        read(
            JsonRowReader.untimed(SCHEMA),
            "{\"_error\":\"bad\",\"_diff\":2} {\"id\":null,\"_error\":\"\"}");
    List<Object> nulls = Arrays.asList(null, null, null);
    assertEquals(List.of(new Update(nulls, "bad", 0, 2), new Update(nulls, "", 0, 1)), updates);
  }

  @Test
  void shouldReadTimesInSourceModeOnly() {
    List<Update> updates =
        read(
            JsonRowReader.timed(SCHEMA),
            "{\"id\":1,\"_time\":7}{\"_time\":\"9223372036854775806\",\"_error\":\"x\"}");
    assertEquals(7, updates.get(0).time());
    assertEquals(Long.MAX_VALUE - 1, updates.get(1).time());
    assertRefused(JsonRowReader.timed(SCHEMA), "{\"id\":1}", "'_time' is missing");
    assertRefused(JsonRowReader.timed(SCHEMA), "{\"_error\":\"x\"}", "'_time' is missing");
    assertRefused(JsonRowReader.timed(SCHEMA), "{\"id\":1,\"_time\":-1}", "'_time' is -1");
    assertRefused(JsonRowReader.untimed(SCHEMA), "{\"id\":1,\"_time\":7}", "leave it out");
  }

  @Test
  void shouldSayWhatIsWrongWithARow() {
    Map<String, String> refusals = new LinkedHashMap<>();
    refusals.put("{}", "column 'id': has no value: it is not nullable");
    refusals.put("{\"id\":null}", "column 'id': has no value: it is not nullable");
    refusals.put("{\"id\":1,\"ID\":2}", "no column 'ID': the columns are id, name, doc");
    refusals.put("{\"id\":1,\"_offset\":2}", "no column '_offset': a name with a leading under");
    refusals.put("{\"id\":1,\"_diff\":0}", "'_diff' is 0");
    refusals.put("{\"id\":1,\"_diff\":null}", "'_diff' takes a whole number");
    refusals.put("{\"id\":1,\"_diff\":1.5}", "not 1.5");
    refusals.put("{\"id\":1,\"_diff\":9223372036854775808}", "not 9223372036854775808");
    refusals.put("{\"id\":1,\"_diff\":{}}", "not an object");
    refusals.put("{\"id\":1,\"_error\":\"x\"}", "an error carried as data has no columns");
    refusals.put("{\"_error\":5}", "'_error' takes a text, not 5");
    refusals.put("{\"_error\":[]}", "'_error' takes a text, not an array");
    refusals.put("{\"id\":1,\"" + "n".repeat(1000) + "\":1}", "no column 'nnnn");
    refusals.forEach((row, message) -> assertRefused(JsonRowReader.untimed(SCHEMA), row, message));
  }

  @Test
  void shouldRefuseNamesThatAreGivenTwice() {
    for (String row :
        List.of(
            "{\"id\":1,\"id\":1}",
            "{\"id\":1,\"name\":null,\"name\":null}",
            "{\"id\":1,\"name\":null,\"name\":\"a\"}",
            "{\"id\":1,\"_diff\":1,\"_diff\":1}",
            "{\"_error\":null,\"_error\":\"a\"}",
            "{\"id\":1,\"doc\":{\"a\":1,\"a\":1}}")) {
      assertTextRefused(JsonRowReader.untimed(SCHEMA), row, "twice");
    }
    assertTextRefused(
        JsonRowReader.timed(SCHEMA),
        "{\"id\":1,\"_time\":1,\"_time\":2}",
        "'_time' is given twice");
  }

  @Test
  void shouldRefuseTextThatIsNoObject() {
    for (String text : List.of("1", "\"a\"", "null", "[{\"id\":1}]", "true", "1.5")) {
      assertTextRefused(JsonRowReader.untimed(SCHEMA), text, "a row is an object of its columns");
    }
    for (String text :
        List.of("{", "}", "{\"id\":1", "{\"id\":}", "{\"id\":1]", "{id:1}", "nope")) {
      assertTextRefused(JsonRowReader.untimed(SCHEMA), text, "the text is not JSON");
    }
    byte[] utf16 = "{\"id\":1}".getBytes(StandardCharsets.UTF_16LE);
    assertThrows(
        InvalidRowException.class,
        () -> JsonRowReader.untimed(SCHEMA).read(utf16, 0, utf16.length, builder()));
    byte[] latin1 = "{\"id\":1,\"name\":\"é\"}".getBytes(StandardCharsets.ISO_8859_1);
    assertThrows(
        InvalidRowException.class,
        () -> JsonRowReader.untimed(SCHEMA).read(latin1, 0, latin1.length, builder()));
  }

  @Test
  void shouldRefuseElementsOfAnArrayThatAreNoObjects() {
    for (Object element : new Object[] {1, "a", null, new JsonArray()}) {
      JsonArray rows = new JsonArray(Arrays.asList(new JsonObject().put("id", 1), element));
      InvalidRowException e =
          assertThrows(
              InvalidRowException.class, () -> JsonRowReader.untimed(SCHEMA).read(rows, builder()));
      assertTrue(e.getMessage().startsWith("row 2: a row is an object"), e.getMessage());
    }
  }

  @Test
  void shouldBoundDepth() {
    String deepest = "{\"id\":1,\"doc\":" + "[".repeat(200) + "]".repeat(200) + "}";
    assertEquals(1, read(JsonRowReader.untimed(SCHEMA), deepest).size());
    String tooDeep = "{\"id\":1,\"doc\":" + "[".repeat(201) + "]".repeat(201) + "}";
    assertRefused(JsonRowReader.untimed(SCHEMA), tooDeep, "column 'doc': a JSON value is nested");
    String bomb = "{\"id\":1,\"doc\":" + "[".repeat(1_000_000);
    assertTextRefused(JsonRowReader.untimed(SCHEMA), bomb, "nest");
    String elsewhere = "{\"id\":1,\"name\":" + "[".repeat(1_000_000);
    assertTextRefused(JsonRowReader.untimed(SCHEMA), elsewhere, "column 'name' takes a text");
  }

  @Test
  void shouldAddNothingOfAMessageWithABadRow() {
    JsonRowReader reader = JsonRowReader.untimed(SCHEMA);
    UpdateBlockBuilder builder = builder();
    reader.read(new JsonObject().put("id", 1), builder);
    long bytes = builder.bytes();
    String rows =
        "{\"id\":2,\"name\":\"a\"}\n{\"_error\":\"x\"}\n{\"id\":3,\"name\":\"b\",\"x\":1}\n";
    byte[] text = rows.getBytes(StandardCharsets.UTF_8);
    InvalidRowException streamed =
        assertThrows(InvalidRowException.class, () -> reader.read(text, 0, text.length, builder));
    assertTrue(streamed.getMessage().startsWith("row 3: there is no column 'x'"));
    assertEquals(bytes, builder.bytes());

    JsonArray array = new JsonArray("[" + rows.strip().replace("\n", ",") + "]");
    InvalidRowException parsed =
        assertThrows(InvalidRowException.class, () -> reader.read(array, builder));
    assertEquals(streamed.getMessage(), parsed.getMessage());
    assertEquals(bytes, builder.bytes());

    byte[] cut = Arrays.copyOf(text, 30);
    InvalidRowException unfinished =
        assertThrows(InvalidRowException.class, () -> reader.read(cut, 0, cut.length, builder));
    assertTrue(unfinished.getMessage().startsWith("row 2: the text is not JSON"));
    assertEquals(bytes, builder.bytes());

    assertEquals(1, reader.read(text, 0, rows.indexOf('\n'), builder));
    List<Update> updates = Update.listOf(builder.build());
    assertEquals(List.of(update(0, 1, 1L, null, null), update(0, 1, 2L, "a", null)), updates);
  }

  @Test
  void shouldReadAPartOfAnArrayOfBytes() {
    byte[] text = "xx{\"id\":1}{\"id\":2}".getBytes(StandardCharsets.UTF_8);
    UpdateBlockBuilder builder = builder();
    assertEquals(1, JsonRowReader.untimed(SCHEMA).read(text, 2, 8, builder));
    assertEquals(0, JsonRowReader.untimed(SCHEMA).read(text, 2, 0, builder));
    assertEquals(1, builder.build().size());
  }

  @Test
  void shouldRefuseAMessageThatOverflowsTheBlock() {
    Schema schema = Schema.of(Column.nullable("b", ColumnType.BOOL));
    UpdateBlockBuilder builder = new UpdateBlockBuilder(schema, UpdateBlockBuilder.MAX_UPDATES);
    for (int i = 1; i < UpdateBlockBuilder.MAX_UPDATES; i++) {
      builder.row(0, 1);
    }
    byte[] text = "{}{}".getBytes(StandardCharsets.UTF_8);
    InvalidRowException e =
        assertThrows(
            InvalidRowException.class,
            () -> JsonRowReader.untimed(schema).read(text, 0, text.length, builder));
    assertTrue(e.getMessage().startsWith("row 2: a message holds at most"), e.getMessage());
    assertEquals(UpdateBlockBuilder.MAX_UPDATES - 1, builder.size());
  }

  @Test
  void shouldRefuseABuilderOfAnotherSchema() {
    UpdateBlockBuilder other = new UpdateBlockBuilder(RandomBlocks.everyType());
    JsonObject row = new JsonObject().put("id", 1);
    assertThrows(
        IllegalArgumentException.class, () -> JsonRowReader.untimed(SCHEMA).read(row, other));
  }

  private static UpdateBlockBuilder builder() {
    return new UpdateBlockBuilder(SCHEMA);
  }

  private static List<Update> read(JsonRowReader reader, String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    UpdateBlockBuilder builder = builder();
    int rows = reader.read(utf8, 0, utf8.length, builder);
    List<Update> updates = Update.listOf(builder.build());
    assertEquals(rows, updates.size());
    return updates;
  }

  /** Refused as text and as an object that Vert.x has parsed, with one message. */
  private static void assertRefused(JsonRowReader reader, String row, String message) {
    assertTextRefused(reader, row, message);
    JsonObject object = new JsonObject(row);
    InvalidRowException e =
        assertThrows(InvalidRowException.class, () -> reader.read(object, builder()), row);
    assertTrue(e.getMessage().contains(message), e.getMessage());
  }

  private static void assertTextRefused(JsonRowReader reader, String text, String message) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    UpdateBlockBuilder builder = builder();
    InvalidRowException e =
        assertThrows(
            InvalidRowException.class, () -> reader.read(utf8, 0, utf8.length, builder), text);
    assertTrue(e.getMessage().startsWith("row 1: "), e.getMessage());
    assertTrue(e.getMessage().contains(message), e.getMessage());
    assertTrue(e.getMessage().length() < 500, "a short text, whatever was sent");
    assertEquals(0, builder.bytes());
  }
}
