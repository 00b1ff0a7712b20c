package io.tidemark.row;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.Seeds;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class EvolutionTest {

  private static final Column ID = Column.required("id", ColumnType.INT64);
  private static final Column NAME = Column.required("name", ColumnType.STRING);
  private static final Column NOTE = Column.nullable("note", ColumnType.STRING);
  private static final Schema FIRST = Schema.of(ID, NAME);

  @Test
  void shouldAddNullableColumnsAndWiden() {
    Schema second = FIRST.altered(List.of(NOTE), List.of("name"));

    assertEquals(Schema.of(ID, Column.nullable("name", ColumnType.STRING), NOTE), second);
    assertEquals(new Evolution(List.of(NOTE), List.of("name")), Evolution.between(FIRST, second));
    assertEquals(second, Evolution.between(FIRST, second).applyTo(FIRST));
    assertTrue(second.extendsFrom(FIRST));
    assertFalse(FIRST.extendsFrom(second));
  }

  @Test
  void shouldBeAsGoodTwiceAsOnce() {
    Schema second = FIRST.altered(List.of(NOTE), List.of("name"));

    assertEquals(second, second.altered(List.of(NOTE), List.of("name")));
    assertRefused("nothing changes", () -> Evolution.between(second, second));
    Evolution both = Evolution.between(FIRST, second);
    assertRefused("nothing changes", () -> both.applyTo(second));
    Schema inPart = FIRST.altered(List.of(NOTE), List.of());
    assertRefused("in part already", () -> both.applyTo(inPart));
  }

  @Test
  void shouldSayWhyNot() {
    assertRefused("'name' cannot be taken away", () -> Evolution.between(FIRST, Schema.of(ID)));
    assertRefused(
        "'name' cannot become 'note'", () -> Evolution.between(FIRST, Schema.of(ID, NOTE)));
    assertRefused("'id' cannot become 'name'", () -> Evolution.between(FIRST, Schema.of(NAME, ID)));
    Column date = Column.required("name", ColumnType.DATE);
    assertRefused(
        "string and cannot become date", () -> Evolution.between(FIRST, Schema.of(ID, date)));
    Column more = Column.required("more", ColumnType.BOOL);
    assertRefused("'more' has to be nullable", () -> FIRST.altered(List.of(more), List.of()));
    assertRefused("no column 'nome'", () -> FIRST.altered(List.of(), List.of("nome")));
    Column other = Column.nullable("name", ColumnType.DATE);
    assertRefused("'name' is there already", () -> FIRST.altered(List.of(other), List.of()));
    Column sameButForCase = Column.nullable("Name", ColumnType.DATE);
    assertRefused("two columns are named", () -> FIRST.altered(List.of(sameButForCase), List.of()));
    Schema wider = FIRST.altered(List.of(), List.of("id"));
    assertRefused("has to stay so", () -> Evolution.between(wider, FIRST));
  }

  private static void assertRefused(String why, Supplier<?> what) {
    InvalidRowException refused = assertThrows(InvalidRowException.class, what::get);
    assertTrue(refused.getMessage().contains(why), refused.getMessage());
    assertFalse(refused.mayFitNewerSchema());
  }

  @Test
  void shouldReadEveryBlockUnderEveryLaterSchema() {
    Seeds.forEach(100, EvolutionTest::readsUnderLaterSchemas);
  }

  private static void readsUnderLaterSchemas(long seed) {
    RandomBlocks random = new RandomBlocks(seed);
    UpdateBlock block = random.block();
    Schema later = random.evolved(random.evolved(block.schema()));
    UpdateBlock under = block.under(later);

    assertEquals(later, under.schema());
    for (int c = 0; c < later.size(); c++) {
      for (int i = 0; i < block.size(); i++) {
        Object value = under.value(c, i);
        if (c >= block.schema().size()) {
          assertNull(value);
        } else if (value instanceof byte[] bytes) {
          assertArrayEquals((byte[]) block.value(c, i), bytes);
        } else {
          assertEquals(block.value(c, i), value);
        }
      }
    }
    Update.assertSame(block, under.under(block.schema()));
    // What was sent or stored by who knew no better reads the same.
    byte[] sent = BlockCodec.encode(block);
    Update.assertSame(under, BlockCodec.decode(later, sent));
    byte[] newer = BlockCodec.encode(under);
    if (later.size() > block.schema().size()) {
      InvalidRowException refused =
          assertThrows(
              InvalidRowException.class, () -> BlockCodec.decode(block.schema(), newer).size());
      assertTrue(refused.mayFitNewerSchema());
    }
  }

  @Test
  void shouldLoseNothingUnderAnOlderSchema() {
    Schema second = FIRST.altered(List.of(NOTE), List.of("name"));
    UpdateBlockBuilder noted = new UpdateBlockBuilder(second);
    noted.int64(0, 1).string(1, "a").string(2, "kept");
    noted.row(0, 1);
    UpdateBlockBuilder nameless = new UpdateBlockBuilder(second);
    nameless.int64(0, 1);
    nameless.row(0, 1);

    UpdateBlock first = noted.build();
    UpdateBlock other = nameless.build();

    assertThrows(IllegalArgumentException.class, () -> first.under(FIRST).size());
    assertThrows(IllegalArgumentException.class, () -> other.under(FIRST).size());
    assertThrows(IllegalArgumentException.class, () -> other.under(Schema.of(NOTE)).size());
  }

  @Test
  void shouldTellARowThatMayFitLaterFromOneThatNeverDoes() {
    Schema nullable = FIRST.altered(List.of(NOTE), List.of());
    JsonObject noted = new JsonObject().put("id", 1).put("name", "a").put("note", "b");
    JsonObject nameless = new JsonObject().put("id", 1);
    JsonObject wrong = new JsonObject().put("id", "x").put("name", "a");

    assertTrue(refusal(FIRST, noted).mayFitNewerSchema());
    assertTrue(refusal(nullable, nameless).mayFitNewerSchema());
    assertFalse(refusal(FIRST, wrong).mayFitNewerSchema());
  }

  private static InvalidRowException refusal(Schema schema, JsonObject row) {
    JsonRowReader reader = JsonRowReader.untimed(schema);
    UpdateBlockBuilder builder = new UpdateBlockBuilder(schema);
    return assertThrows(
        InvalidRowException.class, () -> reader.read(new JsonArray().add(row), builder));
  }
}
