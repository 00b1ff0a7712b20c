package io.tidemark.row;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** Column types, columns and schemas. */
class SchemaTest {

  @Test
  void shouldReadBackTheTextOfEveryType() {
    for (Column column : RandomBlocks.everyType().columns()) {
      assertEquals(column.type(), ColumnType.parse(column.type().toString()));
    }
    assertEquals(ColumnType.decimal(18, 2), ColumnType.parse("decimal( 18 , 2 )"));
  }

  @Test
  void shouldRefuseTextThatNamesNoType() {
    for (String text :
        List.of("", "int", "INT64", "decimal", "decimal(1)", "decimal(1,2,3)", "decimal(-1,0)")) {
      InvalidRowException e =
          assertThrows(InvalidRowException.class, () -> ColumnType.parse(text), text);
      assertTrue(e.getMessage().contains("'" + text + "'"), e.getMessage());
    }
  }

  @Test
  void shouldBoundDecimals() {
    for (String text : List.of("decimal(0,0)", "decimal(39,0)", "decimal(5,6)", "decimal(999,1)")) {
      assertThrows(InvalidRowException.class, () -> ColumnType.parse(text), text);
    }
    assertThrows(
        InvalidRowException.class, () -> new ColumnType(ColumnType.Kind.INT64, 5, 0).toString());
  }

  @Test
  void shouldBoundTheNamesOfColumns() {
    String longest = "a" + "_".repeat(62);
    assertEquals(longest, Column.nullable(longest, ColumnType.BOOL).name());
    for (String name : List.of("", "_a", "1a", "a-b", "a b", "ä", "a\n", longest + "x")) {
      assertThrows(
          InvalidRowException.class, () -> Column.nullable(name, ColumnType.BOOL).name(), name);
    }
  }

  @Test
  void shouldBoundTheNumberOfColumns() {
    List<Column> columns = new ArrayList<>();
    assertThrows(InvalidRowException.class, () -> new Schema(columns).size());
    for (int c = 0; c < Schema.MAX_COLUMNS; c++) {
      columns.add(Column.nullable("c" + c, ColumnType.BOOL));
    }
    assertEquals(Schema.MAX_COLUMNS, new Schema(columns).size());
    columns.add(Column.nullable("more", ColumnType.BOOL));
    assertThrows(InvalidRowException.class, () -> new Schema(columns).size());
  }

  @Test
  void shouldRefuseNamesThatDifferOnlyInCase() {
    assertThrows(
        InvalidRowException.class,
        () ->
            Schema.of(
                    Column.nullable("Id", ColumnType.BOOL), Column.nullable("iD", ColumnType.INT64))
                .size());
  }

  @Test
  void shouldFindColumnsByTheirExactName() {
    Schema schema =
        Schema.of(Column.required("id", ColumnType.INT64), Column.nullable("n", ColumnType.STRING));
    assertEquals(OptionalInt.of(1), schema.indexOf("n"));
    assertEquals(OptionalInt.empty(), schema.indexOf("ID"));
    assertEquals("(id int64 not null, n string)", schema.toString());
  }

  @Test
  void shouldBeEqualByColumnsInOrder() {
    Column a = Column.required("a", ColumnType.INT64);
    Column b = Column.required("b", ColumnType.INT64);
    assertEquals(Schema.of(a, b), Schema.of(a, b));
    assertEquals(Schema.of(a, b).hashCode(), Schema.of(a, b).hashCode());
    assertNotEquals(Schema.of(a, b), Schema.of(b, a));
    assertNotEquals(Schema.of(a), Schema.of(Column.nullable("a", ColumnType.INT64)));
  }
}
