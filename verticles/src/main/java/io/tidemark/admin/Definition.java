package io.tidemark.admin;

import io.tidemark.catalog.CollectionSpec;
import io.tidemark.catalog.Retention;
import io.tidemark.protocol.Mode;
import io.tidemark.protocol.RefusedException;
import io.tidemark.row.InvalidRowException;
import io.tidemark.row.Schema;
import io.tidemark.row.SchemaJson;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Set;

/** What a collection that is to be created is asked to be. Pure. */
record Definition(String name, Schema schema, Mode mode, int partitions, Retention retention) {

  private static final Set<String> KEYS =
      Set.of("action", "name", "columns", "mode", "partitions", "retention");

  /**
   * Reads a request.
   *
   * @throws RefusedException or {@link InvalidRowException}, if it makes no sense
   */
  static Definition of(JsonObject request) {
    Requests.checkKeys(request, KEYS, "use name, columns, mode, partitions and retention");
    String name = Requests.name(request);
    Schema schema = SchemaJson.fromJson(columns(request));
    Mode mode = mode(request.getString("mode", Mode.INGEST.text()));
    int partitions = partitions(request);
    CollectionSpec.check(name, mode, partitions);
    Retention retention =
        request.containsKey("retention")
            ? Retention.parse(request.getValue("retention"), mode)
            : Retention.FOREVER;
    return new Definition(name, schema, mode, partitions, retention);
  }

  private static JsonArray columns(JsonObject request) {
    if (request.getValue("columns") instanceof JsonArray columns) {
      return columns;
    }
    throw Requests.invalid(
        "\"columns\" is missing, or no list: give one like"
            + " [{\"name\": \"id\", \"type\": \"int64\"}]");
  }

  private static Mode mode(String text) {
    try {
      return Mode.parse(text);
    } catch (IllegalArgumentException e) {
      throw Requests.invalid(String.valueOf(e.getMessage()));
    }
  }

  private static int partitions(JsonObject request) {
    Object value = request.getValue("partitions", 1);
    if (value instanceof Number number && number.doubleValue() == number.intValue()) {
      return number.intValue();
    }
    throw Requests.invalid(
        "\"partitions\" is '"
            + value
            + "': it must be a whole number of 1 to "
            + CollectionSpec.MAX_PARTITIONS);
  }
}
