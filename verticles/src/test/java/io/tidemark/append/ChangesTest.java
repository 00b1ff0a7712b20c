package io.tidemark.append;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.persist.Append;
import io.tidemark.persist.Part;
import io.tidemark.progress.Antichain;
import io.tidemark.progress.BatchDescription;
import io.tidemark.row.BlockCodec;
import io.tidemark.row.Column;
import io.tidemark.row.ColumnType;
import io.tidemark.row.Schema;
import io.tidemark.row.UpdateBlockBuilder;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ChangesTest {

  private static final Schema SCHEMA = Schema.of(Column.required("id", ColumnType.INT64));
  private static final BatchDescription RANGE =
      new BatchDescription(Antichain.of(5), Antichain.of(9));

  private static Append append(Antichain upper, Part... parts) {
    return new Append(Antichain.of(5), upper, List.of(parts), Map.of(), Map.of());
  }

  private static Part.Inline inline() {
    UpdateBlockBuilder block = new UpdateBlockBuilder(SCHEMA);
    block.int64(0, 3);
    block.row(7, -1);
    block.error("torn", 8, 1);
    return new Part.Inline(BlockCodec.encode(block.build()), 2, RANGE, null);
  }

  @Test
  void shouldTellTheUpdatesOfABatch() {
    JsonObject told = new Changes(SCHEMA, 1_000).batch(4, append(Antichain.of(9), inline()));
    assertEquals(4, told.getLong("epoch"));
    assertEquals(5, told.getLong("lower"));
    assertEquals(9, told.getLong("upper"));
    JsonArray updates = told.getJsonArray("updates");
    assertEquals(2, updates.size());
    assertEquals(3, updates.getJsonObject(0).getLong("id"));
    assertEquals(7, updates.getJsonObject(0).getLong("_time"));
    assertEquals(-1, updates.getJsonObject(0).getLong("_diff"));
    assertEquals("torn", updates.getJsonObject(1).getString("_error"));
  }

  @Test
  void shouldTellThatThereAreNoUpdates() {
    JsonObject told = new Changes(SCHEMA, 1_000).batch(4, append(Antichain.of(9)));
    assertEquals(new JsonArray(), told.getJsonArray("updates"));
  }

  @Test
  void shouldTellOnlyTheBoundsOfWhatIsTooMuch() {
    Part hollow = new Part.Hollow("key", 1, 1, 1, RANGE, null);
    Changes changes = new Changes(SCHEMA, 2L * inline().block().length);
    assertFalse(changes.batch(4, append(Antichain.of(9), hollow)).containsKey("updates"));
    assertTrue(
        changes.batch(4, append(Antichain.of(9), inline(), inline())).containsKey("updates"));
    assertFalse(
        changes
            .batch(4, append(Antichain.of(9), inline(), inline(), inline()))
            .containsKey("updates"));
  }

  @Test
  void shouldTellTheEndAsAnUpperThatIsNull() {
    JsonObject told = new Changes(SCHEMA, 1_000).batch(4, append(Antichain.empty()));
    assertTrue(told.containsKey("upper"));
    assertNull(told.getValue("upper"));
    assertEquals(
        new JsonObject().put("epoch", 2L).put("upper", 6L), Changes.upper(2, Antichain.of(6)));
  }
}
