package io.tidemark.pipeline;

import io.tidemark.row.Schema;
import io.tidemark.row.UpdateBlock;
import io.tidemark.row.UpdateBlockBuilder;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/** A collection of orders: an id, and who ordered, which may be unknown. */
final class Orders {

  private Orders() {}

  /** What the admin address is sent to make one in ingest mode. */
  static JsonObject ingest(String name) {
    return new JsonObject().put("name", name).put("columns", columns());
  }

  /** What the admin address is sent to make one in source mode. */
  static JsonObject source(String name, int partitions) {
    return ingest(name).put("mode", "source").put("partitions", partitions);
  }

  static JsonArray columns() {
    return new JsonArray()
        .add(new JsonObject().put("name", "id").put("type", "int64").put("nullable", false))
        .add(new JsonObject().put("name", "who").put("type", "string"));
  }

  static JsonObject row(long id, String who) {
    return new JsonObject().put("id", id).put("who", who);
  }

  /** What a snapshot gives for a row. */
  static List<Object> values(long id, String who) {
    return Arrays.asList(id, who);
  }

  static Consumer<UpdateBlockBuilder> binary(long id, String who) {
    return row -> {
      row.int64(0, id);
      if (who != null) {
        row.string(1, who);
      }
    };
  }

  /** A block with one order at each of some times. */
  static UpdateBlock at(Schema schema, String who, long... times) {
    UpdateBlockBuilder block = new UpdateBlockBuilder(schema);
    for (long time : times) {
      binary(time, who).accept(block);
      block.row(time, 1);
    }
    return block.build();
  }
}
