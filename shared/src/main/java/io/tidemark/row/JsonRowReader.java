package io.tidemark.row;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonParser.NumberType;
import com.fasterxml.jackson.core.JsonToken;
import io.tidemark.row.ColumnType.Kind;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads rows in JSON into a block that is being built. A row is an object of its columns (what it
 * leaves out, or gives as null, is null), and:
 *
 * <ul>
 *   <li>{@code _diff}: how many times the row appears, or, negative, disappears; a whole number but
 *       0, and 1 if left out
 *   <li>{@code _time}: when it does; needed where the source owns the times, refused where the
 *       collection gives them
 *   <li>{@code _error}: a text, in the place of all columns: an error carried as data
 * </ul>
 *
 * What each column takes is said at {@link JsonCoercion}; it is the same for text and for values
 * that Vert.x has parsed already.
 *
 * <p>Each call is atomic: if a row does not fit, {@link InvalidRowException} says which (counted
 * from 1, if there can be many) and why, and the builder stands as before the call. No row may be
 * open in the builder. Not thread-safe.
 */
public final class JsonRowReader {

  private static final int MAX_SHOWN_COLUMNS = 20;

  private final Schema schema;
  private final boolean timed;
  private final String[] names;
  private final Kind[] kinds;
  private final JsonCoercion coercion;
  private final CanonicalJson json = new CanonicalJson();

  /** The row that is being read: a bit per column that was given, null or not. */
  private final long[] given;

  private @Nullable Long time;
  private @Nullable Long diff;
  private @Nullable String error;
  private boolean errorGiven;

  private JsonRowReader(Schema schema, boolean timed) {
    this.schema = schema;
    this.timed = timed;
    this.names = new String[schema.size()];
    this.kinds = new Kind[schema.size()];
    for (int c = 0; c < names.length; c++) {
      names[c] = schema.column(c).name();
      kinds[c] = schema.column(c).type().kind();
    }
    this.coercion = new JsonCoercion(schema);
    this.given = new long[VectorBuilder.words(schema.size())];
  }

  /** A reader of rows that carry no time, for {@code ingest} mode. They are read as at time 0. */
  public static JsonRowReader untimed(Schema schema) {
    return new JsonRowReader(schema, false);
  }

  /** A reader of rows that carry their time, for {@code source} mode. */
  public static JsonRowReader timed(Schema schema) {
    return new JsonRowReader(schema, true);
  }

  /**
   * Reads rows from UTF-8 text: one object after the other, with or without white space between
   * them, so one to a line (NDJSON) too.
   *
   * @return how many rows there were
   * @throws InvalidRowException if the text is not JSON, or a row does not fit
   */
  public int read(byte[] text, int from, int length, UpdateBlockBuilder into) {
    int mark = begin(into);
    boolean done = false;
    try (JsonParser in = JsonText.parser(text, from, length)) {
      while (in.nextToken() != null) {
        row(in, into);
      }
      done = true;
      return into.size() - mark;
    } catch (InvalidRowException e) {
      throw numbered(into.size() - mark + 1, e);
    } catch (IOException e) {
      throw numbered(into.size() - mark + 1, JsonText.notJson(e));
    } finally {
      if (!done) {
        into.truncate(mark);
      }
    }
  }

  /**
   * Reads the rows of an array, as it may come over the event bus.
   *
   * @return how many rows there were
   * @throws InvalidRowException if a row does not fit
   */
  public int read(JsonArray rows, UpdateBlockBuilder into) {
    int mark = begin(into);
    boolean done = false;
    try {
      for (Object row : (List<?>) rows.getList()) {
        row(row, into);
      }
      done = true;
      return into.size() - mark;
    } catch (InvalidRowException e) {
      throw numbered(into.size() - mark + 1, e);
    } finally {
      if (!done) {
        into.truncate(mark);
      }
    }
  }

  /**
   * Reads one row, as it may come over the event bus.
   *
   * @throws InvalidRowException if it does not fit
   */
  public void read(JsonObject row, UpdateBlockBuilder into) {
    int mark = begin(into);
    boolean done = false;
    try {
      row(row.getMap(), into);
      done = true;
    } finally {
      if (!done) {
        into.truncate(mark);
      }
    }
  }

  private int begin(UpdateBlockBuilder into) {
    if (!schema.equals(into.schema())) {
      throw new IllegalArgumentException("the block has other columns: " + into.schema());
    }
    return into.size();
  }

  private static InvalidRowException numbered(int row, InvalidRowException e) {
    return new InvalidRowException("row " + row + ": " + e.getMessage(), e);
  }

  private void row(JsonParser in, UpdateBlockBuilder into) throws IOException {
    if (in.currentToken() != JsonToken.START_OBJECT) {
      throw noRow(scalar(in, in.currentToken()));
    }
    beginRow();
    int next = 0; // rows mostly give their columns in the order of the schema
    for (String name = in.nextFieldName(); name != null; name = in.nextFieldName()) {
      JsonToken token = in.nextToken();
      int c = next < names.length && names[next].equals(name) ? next : indexOf(name);
      if (c < 0) {
        reserved(name, token == JsonToken.VALUE_NULL ? null : scalar(in, token));
      } else {
        next = c + 1;
        give(c);
        if (token != JsonToken.VALUE_NULL) {
          set(in, token, into, c);
        }
      }
    }
    endRow(into);
  }

  /** Sets a column without a detour where value and type plainly agree; else by the rules. */
  private void set(JsonParser in, JsonToken token, UpdateBlockBuilder into, int c)
      throws IOException {
    switch (kinds[c]) {
      case INT32 -> {
        if (token == JsonToken.VALUE_NUMBER_INT && in.getNumberType() == NumberType.INT) {
          into.int32(c, in.getIntValue());
          return;
        }
      }
      case INT64 -> {
        if (token == JsonToken.VALUE_NUMBER_INT && in.getNumberType() != NumberType.BIG_INTEGER) {
          into.int64(c, in.getLongValue());
          return;
        }
      }
      case FLOAT64 -> {
        if (token.isNumeric()) {
          setFinite(in.getDoubleValue(), into, c);
          return;
        }
      }
      case STRING -> {
        if (token == JsonToken.VALUE_STRING) {
          into.string(c, in.getTextCharacters(), in.getTextOffset(), in.getTextLength());
          return;
        }
      }
      case TIMESTAMP -> {
        if (token == JsonToken.VALUE_STRING) {
          char[] text = in.getTextCharacters();
          coercion.timestamp(into, c, text, in.getTextOffset(), in.getTextLength());
          return;
        }
      }
      case JSON -> {
        setJson(in, into, c);
        return;
      }
      default -> {}
    }
    coercion.set(into, c, scalar(in, token));
  }

  private void setFinite(double value, UpdateBlockBuilder into, int c) {
    if (!Double.isFinite(value)) {
      throw coercion.misfit(c, "a number so large");
    }
    into.float64(c, value);
  }

  private void setJson(JsonParser in, UpdateBlockBuilder into, int c) throws IOException {
    try {
      json.write(in);
    } catch (InvalidRowException e) {
      throw new InvalidRowException("column '" + names[c] + "': " + e.getMessage(), e);
    }
    into.json(c, json);
  }

  /** The value at the parser; of an array or object, which no type but json takes, only which. */
  private static Object scalar(JsonParser in, JsonToken token) throws IOException {
    return switch (token) {
      case VALUE_STRING -> in.getText();
      case VALUE_NUMBER_INT -> in.getNumberValue();
      case VALUE_NUMBER_FLOAT -> CanonicalJson.decimal(in);
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case START_ARRAY -> List.of();
      default -> Map.of();
    };
  }

  private void row(@Nullable Object row, UpdateBlockBuilder into) {
    Map<?, ?> members;
    if (row instanceof JsonObject object) {
      members = object.getMap();
    } else if (row instanceof Map<?, ?> map) {
      members = map;
    } else {
      throw noRow(row);
    }
    beginRow();
    for (Map.Entry<?, ?> member : members.entrySet()) {
      String name = String.valueOf(member.getKey());
      Object value = member.getValue();
      int c = indexOf(name);
      if (c < 0) {
        reserved(name, value);
      } else {
        give(c);
        if (value != null) {
          coercion.set(into, c, value);
        }
      }
    }
    endRow(into);
  }

  private static InvalidRowException noRow(@Nullable Object value) {
    return new InvalidRowException(
        "a row is an object of its columns, not "
            + (value == null ? "null" : JsonCoercion.shown(value)));
  }

  private void beginRow() {
    Arrays.fill(given, 0);
    time = null;
    diff = null;
    error = null;
    errorGiven = false;
  }

  private void give(int c) {
    long bit = 1L << c;
    if ((given[c >> 6] & bit) != 0) {
      throw twice(names[c]);
    }
    given[c >> 6] |= bit;
  }

  private int indexOf(String name) {
    return schema.indexOf(name).orElse(-1);
  }

  private void reserved(String name, @Nullable Object value) {
    switch (name) {
      case Schema.TIME -> {
        if (!timed) {
          throw new InvalidRowException(
              "'_time' is for collections in source mode; leave it out: this one gives the times");
        }
        time = once(name, time, value);
      }
      case Schema.DIFF -> diff = once(name, diff, value);
      case Schema.ERROR -> {
        if (errorGiven) {
          throw twice(name);
        }
        errorGiven = true;
        error = errorText(value);
      }
      default -> throw unknown(name);
    }
  }

  private static Long once(String name, @Nullable Long before, @Nullable Object value) {
    if (before != null) {
      throw twice(name);
    }
    Long number = value == null ? null : JsonCoercion.int64(value);
    if (number == null) {
      throw new InvalidRowException(
          "'"
              + name
              + "' takes "
              + JsonCoercion.WANTED_INT64
              + ", not "
              + (value == null ? "null" : JsonCoercion.shown(value)));
    }
    return number;
  }

  private static @Nullable String errorText(@Nullable Object value) {
    if (value != null && !(value instanceof CharSequence)) {
      throw new InvalidRowException("'_error' takes a text, not " + JsonCoercion.shown(value));
    }
    return value == null ? null : value.toString();
  }

  private static InvalidRowException twice(String name) {
    return new InvalidRowException("'" + name + "' is given twice in one row");
  }

  private InvalidRowException unknown(String name) {
    String hint =
        name.startsWith("_")
            ? "a name with a leading underscore is reserved; there are _time, _diff and _error"
            : "the columns are " + shownColumns();
    return InvalidRowException.ofOtherSchema(
        "there is no column " + JsonCoercion.quoted(name) + ": " + hint);
  }

  private String shownColumns() {
    if (names.length <= MAX_SHOWN_COLUMNS) {
      return String.join(", ", names);
    }
    return String.join(", ", List.of(names).subList(0, MAX_SHOWN_COLUMNS))
        + " and "
        + (names.length - MAX_SHOWN_COLUMNS)
        + " more";
  }

  private void endRow(UpdateBlockBuilder into) {
    long at = 0;
    if (timed) {
      if (time == null) {
        throw new InvalidRowException(
            "'_time' is missing: in source mode every row says when it changes");
      }
      at = time;
    }
    if (error == null) {
      into.row(at, diff == null ? 1 : diff);
    } else {
      into.error(error, at, diff == null ? 1 : diff);
    }
  }
}
