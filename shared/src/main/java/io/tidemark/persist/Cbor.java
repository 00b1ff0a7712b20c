package io.tidemark.persist;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.KeyDeserializer;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.dataformat.cbor.databind.CBORMapper;
import io.tidemark.progress.Antichain;
import io.tidemark.progress.BatchDescription;
import io.tidemark.row.Column;
import io.tidemark.row.ColumnType;
import io.tidemark.row.Schema;
import java.io.IOException;
import java.util.List;

/**
 * Values of this library as CBOR, for the state of shards and for messages: maps with the names of
 * the records' components. A frontier is its time, the empty one null; a range is {@code [lower,
 * upper]}; a column type is its text. Names that a reader does not know are skipped.
 */
public final class Cbor {

  private static final CBORMapper MAPPER =
      CBORMapper.builder()
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .addModule(module())
          .build();

  private Cbor() {}

  /** The one mapper. Not to be configured any further. */
  public static CBORMapper mapper() {
    return MAPPER;
  }

  private static SimpleModule module() {
    return new SimpleModule("tidemark")
        .addSerializer(Antichain.class, new AntichainWriter())
        .addDeserializer(Antichain.class, new AntichainReader())
        .addSerializer(BatchDescription.class, new RangeWriter())
        .addDeserializer(BatchDescription.class, new RangeReader())
        .addSerializer(Column.class, new ColumnWriter())
        .addDeserializer(Column.class, new ColumnReader())
        .addSerializer(Schema.class, new SchemaWriter())
        .addDeserializer(Schema.class, new SchemaReader())
        .addKeyDeserializer(
            ReaderId.class,
            new KeyDeserializer() {
              @Override
              public Object deserializeKey(String key, DeserializationContext context) {
                return new ReaderId(key);
              }
            })
        .addKeyDeserializer(
            WriterId.class,
            new KeyDeserializer() {
              @Override
              public Object deserializeKey(String key, DeserializationContext context) {
                return new WriterId(key);
              }
            });
  }

  private static void write(JsonGenerator out, Antichain frontier) throws IOException {
    if (frontier.isEmpty()) {
      out.writeNull();
    } else {
      out.writeNumber(frontier.time());
    }
  }

  private static Antichain frontier(JsonParser in) throws IOException {
    return in.currentToken() == JsonToken.VALUE_NULL
        ? Antichain.empty()
        : Antichain.of(in.getLongValue());
  }

  private static final class AntichainWriter extends JsonSerializer<Antichain> {
    @Override
    public void serialize(Antichain value, JsonGenerator out, SerializerProvider provider)
        throws IOException {
      write(out, value);
    }
  }

  private static final class AntichainReader extends JsonDeserializer<Antichain> {
    @Override
    public Antichain deserialize(JsonParser in, DeserializationContext context) throws IOException {
      return frontier(in);
    }

    @Override
    public Antichain getNullValue(DeserializationContext context) {
      return Antichain.empty();
    }
  }

  private static final class RangeWriter extends JsonSerializer<BatchDescription> {
    @Override
    public void serialize(BatchDescription value, JsonGenerator out, SerializerProvider provider)
        throws IOException {
      out.writeStartArray(value, 2);
      write(out, value.lower());
      write(out, value.upper());
      out.writeEndArray();
    }
  }

  private static final class RangeReader extends JsonDeserializer<BatchDescription> {
    @Override
    public BatchDescription deserialize(JsonParser in, DeserializationContext context)
        throws IOException {
      Antichain[] bounds = context.readValue(in, Antichain[].class);
      if (bounds.length != 2) {
        throw context.weirdNativeValueException(bounds, BatchDescription.class);
      }
      return new BatchDescription(bounds[0], bounds[1]);
    }
  }

  /** A column as it is stored. */
  private record StoredColumn(String name, String type, boolean nullable) {}

  private static final class ColumnWriter extends JsonSerializer<Column> {
    @Override
    public void serialize(Column value, JsonGenerator out, SerializerProvider provider)
        throws IOException {
      provider.defaultSerializeValue(
          new StoredColumn(value.name(), value.type().toString(), value.nullable()), out);
    }
  }

  private static final class ColumnReader extends JsonDeserializer<Column> {
    @Override
    public Column deserialize(JsonParser in, DeserializationContext context) throws IOException {
      StoredColumn stored = context.readValue(in, StoredColumn.class);
      return new Column(stored.name(), ColumnType.parse(stored.type()), stored.nullable());
    }
  }

  private static final class SchemaWriter extends JsonSerializer<Schema> {
    @Override
    public void serialize(Schema value, JsonGenerator out, SerializerProvider provider)
        throws IOException {
      out.writeStartArray(value, value.size());
      for (Column column : value.columns()) {
        provider.defaultSerializeValue(column, out);
      }
      out.writeEndArray();
    }
  }

  private static final class SchemaReader extends JsonDeserializer<Schema> {
    @Override
    public Schema deserialize(JsonParser in, DeserializationContext context) throws IOException {
      return new Schema(List.of(context.readValue(in, Column[].class)));
    }
  }
}
