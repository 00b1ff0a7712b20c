package io.tidemark.row;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.tidemark.row.ColumnType.Kind;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes updates as JSON: as lines of text (NDJSON), or as {@code JsonObject}s for the event bus.
 * {@link JsonRowReader} reads either back to the same updates, if all fields are written.
 *
 * <pre>
 *   {"id":7,"name":null,…,"_time":12,"_diff":-1}      a row: every column, null where it is
 *   {"_error":"text","_time":12,"_diff":1}            an error carried as data
 * </pre>
 *
 * {@code int64} (and {@code _time} and {@code _diff}) past 2<sup>53</sup> - 1 are texts, since many
 * readers know only floats; so are decimals, dates, timestamps, bytes, NaN and the infinities.
 * Bytes are base64 in lines of text; in a {@code JsonObject} they are the base64 of Vert.x (safe
 * for URLs, no padding), so that {@code getBinary} reads them.
 */
public final class JsonRowWriter extends RowWriter {

  /** Per column, what stands before its value: the comma, or the brace, and its name. */
  private final byte[][] prefixes;

  private final Kind[] kinds;

  public JsonRowWriter(Schema schema, RowFields fields) {
    super(schema, fields);
    this.prefixes = new byte[schema.size()][];
    this.kinds = new Kind[schema.size()];
    for (int c = 0; c < prefixes.length; c++) {
      String prefix = (c == 0 ? "{\"" : ",\"") + schema.column(c).name() + "\":";
      prefixes[c] = prefix.getBytes(StandardCharsets.US_ASCII);
      kinds[c] = schema.column(c).type().kind();
    }
  }

  /** Nothing: every line of NDJSON stands for itself. */
  @Override
  public byte[] header() {
    return new byte[0];
  }

  @Override
  void put(ByteSink out, UpdateBlock block, int i) {
    Vector.Bytes errors = block.errors();
    if (errors != null && !errors.isNull(i)) {
      out.putAscii("{\"_error\":");
      JsonStrings.put(out, errors.data(), errors.offset(i), errors.length(i));
    } else {
      for (int c = 0; c < prefixes.length; c++) {
        out.putBytes(prefixes[c], 0, prefixes[c].length);
        putValue(out, block, c, i);
      }
    }
    if (fields.time()) {
      out.putAscii(",\"_time\":");
      putInteger(out, block.times().get(i));
    }
    if (fields.diff()) {
      out.putAscii(",\"_diff\":");
      putInteger(out, block.diffs().get(i));
    }
    out.putByte('}');
    out.putByte('\n');
  }

  private void putValue(ByteSink out, UpdateBlock block, int c, int i) {
    Vector vector = block.column(c);
    if (vector.isNull(i)) {
      out.putAscii("null");
      return;
    }
    switch (kinds[c]) {
      case INT64 -> putInteger(out, ((Vector.Longs) vector).get(i));
      case STRING -> {
        Vector.Bytes texts = (Vector.Bytes) vector;
        JsonStrings.put(out, texts.data(), texts.offset(i), texts.length(i));
      }
      case FLOAT64 ->
          putText(out, c, vector, i, !Double.isFinite(((Vector.Doubles) vector).get(i)));
      case BOOL, INT32, JSON -> putText(out, c, vector, i, false);
      case DECIMAL, BYTES, DATE, TIMESTAMP -> putText(out, c, vector, i, true);
    }
  }

  private static void putInteger(ByteSink out, long value) {
    boolean safe = isSafe(value);
    if (!safe) {
      out.putByte('"');
    }
    out.putDecimal(value);
    if (!safe) {
      out.putByte('"');
    }
  }

  private void putText(ByteSink out, int c, Vector vector, int i, boolean quoted) {
    if (quoted) {
      out.putByte('"');
    }
    ValueText.put(out, schema.column(c).type(), vector, i);
    if (quoted) {
      out.putByte('"');
    }
  }

  private static boolean isSafe(long value) {
    return Math.abs(value) <= JsonCoercion.MAX_SAFE_INTEGER && value != Long.MIN_VALUE;
  }

  /** Update {@code i} of a block, as it goes out on the event bus. */
  public JsonObject object(UpdateBlock block, int i) {
    Map<String, @Nullable Object> members = new LinkedHashMap<>();
    String error = block.error(i);
    if (error != null) {
      members.put(Schema.ERROR, error);
    } else {
      for (int c = 0; c < schema.size(); c++) {
        members.put(schema.column(c).name(), value(block, c, i));
      }
    }
    if (fields.time()) {
      members.put(Schema.TIME, integer(block.times().get(i)));
    }
    if (fields.diff()) {
      members.put(Schema.DIFF, integer(block.diffs().get(i)));
    }
    return new JsonObject(members);
  }

  private @Nullable Object value(UpdateBlock block, int c, int i) {
    Object value = block.value(c, i);
    if (value == null) {
      return null;
    }
    return switch (kinds[c]) {
      case BOOL, INT32, STRING -> value;
      case INT64 -> integer((Long) value);
      case FLOAT64 -> Double.isFinite((Double) value) ? value : value.toString();
      case BYTES -> Base64.getUrlEncoder().withoutPadding().encodeToString((byte[]) value);
      case JSON -> parsed((String) value);
      case DECIMAL, DATE, TIMESTAMP -> text(block, c, i);
    };
  }

  private static Object integer(long value) {
    return isSafe(value) ? (Object) value : Long.toString(value);
  }

  private String text(UpdateBlock block, int c, int i) {
    ByteSink out = new ByteSink(48);
    ValueText.put(out, schema.column(c).type(), block.column(c), i);
    return new String(out.data(), 0, out.length(), StandardCharsets.US_ASCII);
  }

  private static @Nullable Object parsed(String json) {
    try (JsonParser in = JsonText.FACTORY.createParser(json)) {
      JsonToken first = in.nextToken();
      return parsed(in, first);
    } catch (IOException e) {
      throw new IllegalStateException("a block holds what is not JSON", e);
    }
  }

  private static @Nullable Object parsed(JsonParser in, JsonToken token) throws IOException {
    return switch (token) {
      case START_OBJECT -> {
        Map<String, @Nullable Object> members = new LinkedHashMap<>();
        for (String name = in.nextFieldName(); name != null; name = in.nextFieldName()) {
          members.put(name, parsed(in, in.nextToken()));
        }
        yield new JsonObject(members);
      }
      case START_ARRAY -> {
        List<@Nullable Object> elements = new ArrayList<>();
        for (JsonToken t = in.nextToken(); t != JsonToken.END_ARRAY; t = in.nextToken()) {
          elements.add(parsed(in, t));
        }
        yield new JsonArray(elements);
      }
      case VALUE_STRING -> in.getText();
      case VALUE_NUMBER_INT -> in.getNumberValue();
      case VALUE_NUMBER_FLOAT -> real(in);
      case VALUE_NULL -> null;
      default -> token == JsonToken.VALUE_TRUE;
    };
  }

  /** A double, as Vert.x would have it, unless that would lose digits. */
  private static Number real(JsonParser in) throws IOException {
    BigDecimal exact = in.getDecimalValue();
    double real = in.getDoubleValue();
    boolean same = Double.isFinite(real) && CanonicalJson.decimal(real).compareTo(exact) == 0;
    return same ? (Number) real : exact;
  }
}
