package io.tidemark.read;

import io.tidemark.protocol.Bus.Delivery;
import io.tidemark.protocol.Messages.Block;
import io.tidemark.protocol.Rows;
import io.tidemark.row.JsonRowWriter;
import io.tidemark.row.RowFields;
import io.tidemark.row.Schema;
import io.tidemark.row.UpdateBlock;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/** Blocks as JSON, for whoever reads without our library. */
final class JsonBlocks {

  private final Schema schema;
  private final JsonRowWriter writer;

  JsonBlocks(Schema schema) {
    this.schema = schema;
    this.writer = new JsonRowWriter(schema, RowFields.ALL);
  }

  /** Answers with {@code {"number": 1, "updates": […], "position": "17"}}. */
  void reply(Delivery delivery, Block block) {
    JsonArray updates = new JsonArray();
    Rows rows = block.updates();
    if (rows != null) {
      UpdateBlock decoded = rows.decode(schema);
      for (int i = 0; i < decoded.size(); i++) {
        updates.add(writer.object(decoded, i));
      }
    }
    delivery.reply(
        new JsonObject()
            .put("number", block.number())
            .put("updates", updates)
            .put("position", block.position()));
  }
}
