package io.tidemark.write;

import io.tidemark.protocol.FailureCode;
import io.tidemark.protocol.Mode;
import io.tidemark.protocol.RefusedException;
import io.tidemark.protocol.Rows;
import io.tidemark.row.InvalidRowException;
import io.tidemark.row.JsonRowReader;
import io.tidemark.row.Schema;
import io.tidemark.row.UpdateBlock;
import io.tidemark.row.UpdateBlockBuilder;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/** Turns the body of a message into rows of one collection, or says why it cannot. */
final class RowDecoder {

  private final Schema schema;
  private final JsonRowReader reader;
  private final long maxBytes;

  RowDecoder(Schema schema, Mode mode, long maxBytes) {
    this.schema = schema;
    this.reader = mode == Mode.INGEST ? JsonRowReader.untimed(schema) : JsonRowReader.timed(schema);
    this.maxBytes = maxBytes;
  }

  Schema schema() {
    return schema;
  }

  /**
   * The rows of a body: a JSON object, an array of them, or a block as bytes.
   *
   * @throws RefusedException if it is none of these, does not fit the schema, or is too large
   * @throws InvalidRowException if it does not fit the schema, and may fit a newer one
   */
  UpdateBlock decode(@Nullable Object body) {
    try {
      if (body instanceof Rows rows) {
        return checked(sized(rows.bytes(), rows).decode(schema));
      }
      if (body instanceof Buffer buffer) {
        return decode(Rows.encoded(sized(buffer.length(), buffer).getBytes()));
      }
      return checked(json(body));
    } catch (InvalidRowException e) {
      if (e.mayFitNewerSchema()) {
        throw e;
      }
      throw new RefusedException(FailureCode.INVALID_ROW, String.valueOf(e.getMessage()));
    }
  }

  private UpdateBlock json(@Nullable Object body) {
    UpdateBlockBuilder builder = new UpdateBlockBuilder(schema);
    if (body instanceof JsonObject row) {
      reader.read(row, builder);
    } else if (body instanceof JsonArray rows) {
      int unused = reader.read(rows, builder);
    } else {
      throw new InvalidRowException(
          "send a row as a JSON object, rows as an array of them, or a block of updates as bytes");
    }
    return builder.build();
  }

  private UpdateBlock checked(UpdateBlock rows) {
    if (rows.isEmpty()) {
      throw new InvalidRowException("there is no row in the message");
    }
    return sized(rows.bytes(), rows);
  }

  private <T> T sized(long bytes, T value) {
    if (bytes > maxBytes) {
      throw new RefusedException(
          FailureCode.TOO_LARGE,
          "the rows of a message take "
              + bytes
              + " bytes, and at most "
              + maxBytes
              + " are taken: split the message");
    }
    return value;
  }
}
