package io.tidemark.launcher.cli;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;

/** Columns as the command line writes them: {@code name:type}, with {@code ?} if it may be null. */
final class ColumnOption {

  private ColumnOption() {}

  /**
   * One column, as the JSON of a schema has it.
   *
   * @throws CommandException if it is not {@code name:type}
   */
  static JsonObject parse(String text) {
    int colon = text.indexOf(':');
    boolean nullable = text.endsWith("?");
    String type = text.substring(colon + 1, text.length() - (nullable ? 1 : 0));
    if (colon < 1 || type.isEmpty()) {
      throw CommandException.usage(
          "'" + text + "' is no column: write name:type, or name:type? if it may be null");
    }
    return new JsonObject()
        .put("name", text.substring(0, colon))
        .put("type", type)
        .put("nullable", nullable);
  }

  /** All columns, in one line. */
  static String shown(JsonArray columns) {
    List<String> shown = new ArrayList<>();
    for (Object each : columns) {
      JsonObject column = (JsonObject) each;
      String mark = column.getBoolean("nullable", true) ? "?" : "";
      shown.add(column.getString("name") + ":" + column.getString("type") + mark);
    }
    return String.join(" ", shown);
  }
}
