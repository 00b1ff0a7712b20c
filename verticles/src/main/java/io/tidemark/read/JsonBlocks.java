package io.tidemark.read;

import io.tidemark.protocol.Bus.Delivery;
import io.tidemark.protocol.Messages.Block;
import io.tidemark.protocol.Rows;
import io.tidemark.row.JsonRowWriter;
import io.tidemark.row.RowFields;
import io.tidemark.row.Schema;
import io.tidemark.row.SchemaJson;
import io.tidemark.row.UpdateBlock;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/** Blocks as JSON, for whoever reads without our library. */
final class JsonBlocks {

  private final Schema told;
  private Schema schema;
  private JsonRowWriter writer;

  /** Blocks of these columns, which the reader was told, until others come. */
  JsonBlocks(Schema told) {
    this.told = told;
    this.schema = told;
    this.writer = new JsonRowWriter(schema, RowFields.ALL);
  }

  /**
   * Answers with {@code {"number": 1, "updates": […], "position": "17"}}, and {@code "columns"} if
   * these are not the ones that were told.
   */
  void reply(Delivery delivery, Block block) {
    JsonArray updates = new JsonArray();
    Schema of = block.schema() == null ? told : block.schema();
    Rows rows = block.updates();
    if (rows != null) {
      UpdateBlock decoded = rows.decode(of);
      JsonRowWriter words = writer(of);
      for (int i = 0; i < decoded.size(); i++) {
        updates.add(words.object(decoded, i));
      }
    }
    JsonObject reply =
        new JsonObject()
            .put("number", block.number())
            .put("updates", updates)
            .put("position", block.position());
    delivery.reply(block.schema() == null ? reply : reply.put("columns", SchemaJson.toJson(of)));
  }

  private JsonRowWriter writer(Schema of) {
    if (!of.equals(schema)) {
      schema = of;
      writer = new JsonRowWriter(of, RowFields.ALL);
    }
    return writer;
  }
}
