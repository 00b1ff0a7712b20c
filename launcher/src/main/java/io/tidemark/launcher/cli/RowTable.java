package io.tidemark.launcher.cli;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A snapshot's lines of JSON as a table of text, while they come. */
final class RowTable {

  /** A column of the table that shows errors stored as data, if there is one among the first. */
  private static final String ERROR = "_error";

  private static final String DIFF = "_diff";

  private RowTable() {}

  /**
   * Writes the table.
   *
   * @param collection its description, which names the columns
   */
  static void write(JsonObject collection, InputStream rows, Sink sink) throws IOException {
    BufferedReader reader = new BufferedReader(new InputStreamReader(rows, StandardCharsets.UTF_8));
    List<JsonObject> first = new ArrayList<>();
    String line = reader.readLine();
    for (; line != null && first.size() < TextTable.SIZED_ROWS; line = reader.readLine()) {
      first.add(new JsonObject(line));
    }
    List<String> names = names(collection);
    if (first.stream().anyMatch(row -> row.containsKey(ERROR))) {
      names.add(ERROR);
    }
    List<List<String>> cells = first.stream().map(row -> cells(names, row)).toList();
    TextTable table = new TextTable(names, cells);
    for (String head : table.head()) {
      sink.line(head);
    }
    for (List<String> row : cells) {
      sink.line(table.line(row));
    }
    for (; line != null; line = reader.readLine()) {
      sink.line(table.line(cells(names, new JsonObject(line))));
    }
  }

  private static List<String> names(JsonObject collection) {
    List<String> names = new ArrayList<>();
    for (Object column : collection.getJsonArray("columns", new JsonArray())) {
      names.add(((JsonObject) column).getString("name"));
    }
    names.add(DIFF);
    return names;
  }

  private static List<String> cells(List<String> names, JsonObject row) {
    List<String> cells = new ArrayList<>();
    for (String name : names) {
      Object value = row.getValue(name);
      // One row, one line: whatever breaks lines is shown as in JSON.
      cells.add(value == null ? "" : value.toString().replaceAll("\\R", "\\\\n"));
    }
    return cells;
  }
}
