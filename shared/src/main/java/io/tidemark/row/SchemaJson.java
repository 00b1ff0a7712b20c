package io.tidemark.row;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Schemas as JSON: a list of columns in order.
 *
 * <pre>
 *   [{"name": "id", "type": "int64", "nullable": false}, {"name": "note", "type": "string"}]
 * </pre>
 *
 * {@code type} is the text of {@link ColumnType}; {@code nullable} is true if left out, as in SQL.
 * Other keys are refused, so that a misspelt one is not overlooked.
 */
public final class SchemaJson {

  private static final String NAME = "name";
  private static final String TYPE = "type";
  private static final String NULLABLE = "nullable";

  private SchemaJson() {}

  /** The columns of a schema, each with all its keys. */
  public static JsonArray toJson(Schema schema) {
    List<JsonObject> columns = new ArrayList<>(schema.size());
    for (Column column : schema.columns()) {
      columns.add(
          new JsonObject()
              .put(NAME, column.name())
              .put(TYPE, column.type().toString())
              .put(NULLABLE, column.nullable()));
    }
    return new JsonArray(columns);
  }

  /**
   * The schema of these columns.
   *
   * @throws InvalidRowException if a column, or all of them together, is no good; the text says
   *     which (counted from 1) and why
   */
  public static Schema fromJson(JsonArray json) {
    if (json.size() > Schema.MAX_COLUMNS) {
      throw new InvalidRowException(
          "a collection has 1 to " + Schema.MAX_COLUMNS + " columns, not " + json.size());
    }
    List<Column> columns = new ArrayList<>(json.size());
    for (Object element : json) {
      try {
        columns.add(column(element));
      } catch (InvalidRowException e) {
        throw new InvalidRowException("column " + (columns.size() + 1) + ": " + e.getMessage(), e);
      }
    }
    return new Schema(columns);
  }

  /**
   * The schema whose JSON the text is.
   *
   * @throws InvalidRowException if it is no JSON, or as {@link #fromJson}
   */
  public static Schema parse(String text) {
    // The canonical form first: it refuses names that are given twice, which Vert.x would not.
    String canonical = JsonText.canonical(text);
    try {
      return fromJson(new JsonArray(canonical));
    } catch (DecodeException e) {
      throw new InvalidRowException("a schema is a list of columns", e);
    }
  }

  private static Column column(@Nullable Object element) {
    if (!(element instanceof JsonObject column)) {
      throw new InvalidRowException("a column is an object with name, type and nullable");
    }
    String name = null;
    String type = null;
    boolean nullable = true;
    for (Map.Entry<String, Object> member : column) {
      switch (member.getKey()) {
        case NAME -> name = text(NAME, member.getValue());
        case TYPE -> type = text(TYPE, member.getValue());
        case NULLABLE -> nullable = bool(member.getValue());
        default ->
            throw new InvalidRowException(
                "there is no key "
                    + JsonCoercion.quoted(member.getKey())
                    + ": a column has name, type and nullable");
      }
    }
    if (name == null || type == null) {
      throw new InvalidRowException("'" + (name == null ? NAME : TYPE) + "' is missing");
    }
    return new Column(name, ColumnType.parse(type), nullable);
  }

  private static String text(String key, @Nullable Object value) {
    if (value instanceof String text) {
      return text;
    }
    throw new InvalidRowException("'" + key + "' takes a text");
  }

  private static boolean bool(@Nullable Object value) {
    if (value instanceof Boolean bool) {
      return bool;
    }
    throw new InvalidRowException("'" + NULLABLE + "' takes true or false");
  }
}
