package io.tidemark.client;

import io.tidemark.progress.Antichain;
import io.tidemark.protocol.ReadPosition;
import io.tidemark.row.JsonRowWriter;
import io.tidemark.row.RowFields;
import io.tidemark.row.UpdateBlock;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;

/**
 * Some updates of a collection, and how far it has been read with them. Who keeps the position
 * together with what it makes of the updates has each of them exactly once, also after a crash.
 *
 * @param updates may be empty; those of one time may come in several changes, in any order
 * @param position from where to go on after this
 */
public record Change(UpdateBlock updates, ReadPosition position) {

  /**
   * Every update before this has been given; all at once at the earliest when it moves. Empty when
   * the collection has ended.
   */
  public Antichain frontier() {
    return position.frontier();
  }

  /** The updates as JSON, each with its {@code _time} and {@code _diff}. */
  public List<JsonObject> rows() {
    JsonRowWriter writer = new JsonRowWriter(updates.schema(), RowFields.ALL);
    List<JsonObject> rows = new ArrayList<>();
    for (int i = 0; i < updates.size(); i++) {
      rows.add(writer.object(updates, i));
    }
    return rows;
  }
}
