package io.tidemark.row;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.Seeds;
import io.vertx.core.json.JsonArray;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SchemaJsonTest {

  @Test
  void shouldReadBackWhatItWrote() {
    Seeds.forEach(
        100,
        seed -> {
          Schema schema = new RandomBlocks(seed).schema();
          assertEquals(schema, SchemaJson.fromJson(SchemaJson.toJson(schema)));
          assertEquals(schema, SchemaJson.parse(SchemaJson.toJson(schema).encode()));
        });
    Schema every = RandomBlocks.everyType();
    assertEquals(every, SchemaJson.parse(SchemaJson.toJson(every).encodePrettily()));
  }

  @Test
  void shouldTakeColumnsAsNullableUnlessToldOtherwise() {
    assertEquals(
        Schema.of(Column.nullable("a", ColumnType.INT64), Column.required("b", ColumnType.STRING)),
        SchemaJson.parse(
            "[{\"name\":\"a\",\"type\":\"int64\"},"
                + "{\"nullable\":false,\"type\":\"string\",\"name\":\"b\"}]"));
  }

  @Test
  void shouldWriteAllKeys() {
    assertEquals(
        "[{\"name\":\"a\",\"type\":\"decimal(9,2)\",\"nullable\":true}]",
        SchemaJson.toJson(Schema.of(Column.nullable("a", ColumnType.decimal(9, 2)))).encode());
  }

  @Test
  void shouldSayWhatIsWrong() {
    Map<String, String> refusals = new LinkedHashMap<>();
    refusals.put("[]", "a collection has 1 to 512 columns, not 0");
    refusals.put("[1]", "column 1: a column is an object with name, type and nullable");
    refusals.put("[null]", "column 1: a column is an object");
    refusals.put("[{}]", "column 1: 'name' is missing");
    refusals.put("[{\"name\":\"a\"}]", "column 1: 'type' is missing");
    refusals.put("[{\"name\":1,\"type\":\"int64\"}]", "column 1: 'name' takes a text");
    refusals.put("[{\"name\":\"a\",\"type\":null}]", "column 1: 'type' takes a text");
    refusals.put("[{\"name\":\"_a\",\"type\":\"int64\"}]", "column 1: '_a' cannot name a column");
    refusals.put("[{\"name\":\"a\",\"type\":\"int\"}]", "column 1: 'int' is no column type");
    refusals.put(
        "[{\"name\":\"a\",\"type\":\"int64\"},{\"name\":\"b\",\"type\":\"bool\",\"nulable\":true}]",
        "column 2: there is no key 'nulable': a column has name, type and nullable");
    refusals.put(
        "[{\"name\":\"a\",\"type\":\"int64\",\"nullable\":\"no\"}]",
        "column 1: 'nullable' takes true or false");
    refusals.put(
        "[{\"name\":\"a\",\"type\":\"int64\"},{\"name\":\"A\",\"type\":\"int64\"}]",
        "two columns are named 'A'");
    refusals.forEach(
        (json, message) -> {
          assertRefused(() -> SchemaJson.fromJson(new JsonArray(json)), message);
          assertRefused(() -> SchemaJson.parse(json), message);
        });
    assertRefused(() -> SchemaJson.parse("{}"), "a schema is a list of columns");
    assertRefused(() -> SchemaJson.parse("1"), "a schema is a list of columns");
    assertRefused(() -> SchemaJson.parse("["), "the text is not JSON");
    assertRefused(
        () -> SchemaJson.parse("[{\"name\":\"a\",\"name\":\"a\",\"type\":\"int64\"}]"), "twice");
  }

  private interface Reading {
    Object schema();
  }

  private static void assertRefused(Reading reading, String message) {
    InvalidRowException e = assertThrows(InvalidRowException.class, reading::schema);
    assertTrue(e.getMessage().contains(message), e.getMessage());
  }

  @Test
  void shouldBoundTheNumberOfColumns() {
    List<Object> columns = new ArrayList<>();
    for (int c = 0; c <= Schema.MAX_COLUMNS; c++) {
      columns.add(Map.of("name", "c" + c, "type", "bool"));
    }
    assertRefused(() -> SchemaJson.fromJson(new JsonArray(columns)), "not 513");
    columns.remove(0);
    assertEquals(Schema.MAX_COLUMNS, SchemaJson.fromJson(new JsonArray(columns)).size());
  }
}
