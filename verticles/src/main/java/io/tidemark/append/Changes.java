package io.tidemark.append;

import io.tidemark.persist.Append;
import io.tidemark.persist.Part;
import io.tidemark.progress.Antichain;
import io.tidemark.row.BlockCodec;
import io.tidemark.row.JsonRowWriter;
import io.tidemark.row.RowFields;
import io.tidemark.row.Schema;
import io.tidemark.row.UpdateBlock;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/** What the world is told of a committed batch. */
final class Changes {

  private final Schema schema;
  private final JsonRowWriter rows;
  private final long maxBytes;

  /**
   * @param maxBytes up to how many inline bytes a batch is told with its updates
   */
  Changes(Schema schema, long maxBytes) {
    this.schema = schema;
    this.rows = new JsonRowWriter(schema, RowFields.ALL);
    this.maxBytes = maxBytes;
  }

  /** {@code {"epoch": 1, "upper": 17}}; the upper is null once the collection has ended. */
  static JsonObject upper(long epoch, Antichain upper) {
    return new JsonObject().put("epoch", epoch).put("upper", time(upper));
  }

  /** {@code {"epoch": 1, "lower": 12, "upper": 17}}. */
  static JsonObject bounds(long epoch, Append append) {
    return upper(epoch, append.upper()).put("lower", time(append.lower()));
  }

  /**
   * {@code {"epoch": 1, "lower": 12, "upper": 17, "updates": […]}}; without the updates if they are
   * too many to be told.
   */
  JsonObject batch(long epoch, Append append) {
    JsonObject message = bounds(epoch, append);
    long bytes = 0;
    for (Part part : append.parts()) {
      if (!(part instanceof Part.Inline inline)) {
        return message;
      }
      bytes += inline.block().length;
    }
    return bytes > maxBytes ? message : message.put("updates", updates(append));
  }

  private JsonArray updates(Append append) {
    JsonArray updates = new JsonArray();
    for (Part part : append.parts()) {
      UpdateBlock block = BlockCodec.decode(schema, ((Part.Inline) part).block());
      for (int i = 0; i < block.size(); i++) {
        updates.add(rows.object(block, i));
      }
    }
    return updates;
  }

  private static @Nullable Long time(Antichain frontier) {
    return frontier.isEmpty() ? null : Long.valueOf(frontier.time());
  }
}
