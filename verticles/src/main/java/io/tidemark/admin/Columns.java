package io.tidemark.admin;

import io.tidemark.protocol.RefusedException;
import io.tidemark.row.Column;
import io.tidemark.row.InvalidRowException;
import io.tidemark.row.Schema;
import io.tidemark.row.SchemaJson;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How the columns of a collection are to be altered. Pure.
 *
 * @param added columns that come last
 * @param nullable the names of columns that rows may leave out from now on
 */
record Columns(List<Column> added, List<String> nullable) {

  static final String ADD = "addColumns";
  static final String NULLABLE = "nullable";

  /**
   * Reads a request.
   *
   * @throws RefusedException or {@link InvalidRowException}, if it makes no sense
   */
  static Columns of(JsonObject request) {
    JsonArray added = list(request, ADD, "[{\"name\": \"note\", \"type\": \"string\"}]");
    List<String> nullable = new ArrayList<>();
    for (Object name : list(request, NULLABLE, "[\"price\"]")) {
      if (!(name instanceof String text)) {
        throw Requests.invalid("\"" + NULLABLE + "\" takes names of columns, not " + name);
      }
      nullable.add(text);
    }
    return new Columns(
        added.isEmpty() ? List.of() : SchemaJson.fromJson(added).columns(), nullable);
  }

  private static JsonArray list(JsonObject request, String key, String example) {
    @Nullable Object value = request.getValue(key);
    if (value == null) {
      return new JsonArray();
    }
    if (value instanceof JsonArray list) {
      return list;
    }
    throw Requests.invalid("\"" + key + "\" is no list: give one like " + example);
  }

  /** Whether nothing is to be altered. */
  boolean isEmpty() {
    return added.isEmpty() && nullable.isEmpty();
  }

  /**
   * The columns as they are to be.
   *
   * @throws InvalidRowException if they cannot become so
   */
  Schema applyTo(Schema schema) {
    return schema.altered(added, nullable);
  }
}
