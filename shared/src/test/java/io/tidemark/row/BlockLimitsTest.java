package io.tidemark.row;

import static io.tidemark.row.UpdateBlockBuilder.MAX_BYTES;
import static io.tidemark.row.UpdateBlockBuilder.MAX_UPDATES;
import static io.tidemark.row.UpdateBlockBuilder.MAX_VALUE_BYTES;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** The bounds of blocks, each reached and then passed by one. */
class BlockLimitsTest {

  @Test
  void shouldHoldSoManyUpdatesAndNotOneMore() {
    UpdateBlockBuilder builder =
        new UpdateBlockBuilder(Schema.of(Column.nullable("b", ColumnType.BOOL)), MAX_UPDATES);
    for (int i = 0; i < MAX_UPDATES; i++) {
      builder.row(0, 1);
    }
    assertRefused("rows", () -> builder.bool(0, true).row(0, 1));
    assertRefused("rows", () -> builder.error("x", 0, 1));
    assertEquals(MAX_UPDATES, builder.size());
    UpdateBlock block = builder.build();
    assertEquals(MAX_UPDATES, block.size());
    assertEquals(MAX_UPDATES, decode(block).size());

    UpdateBlockBuilder full = new UpdateBlockBuilder(block.schema(), MAX_UPDATES);
    for (int i = 0; i < MAX_UPDATES; i++) {
      full.copy(block, i);
    }
    assertRefused("rows", () -> full.copy(block, 0));
  }

  private static UpdateBlock decode(UpdateBlock block) {
    return BlockCodec.decode(block.schema(), BlockCodec.encode(block));
  }

  @Test
  void shouldHoldValuesOfSoManyBytesAndNotOneMore() {
    Schema schema =
        Schema.of(
            Column.nullable("s", ColumnType.STRING),
            Column.nullable("b", ColumnType.BYTES),
            Column.nullable("j", ColumnType.JSON));
    UpdateBlockBuilder builder = new UpdateBlockBuilder(schema);
    String most = "x".repeat(MAX_VALUE_BYTES);
    builder.string(0, most).bytes(1, new byte[MAX_VALUE_BYTES]);
    builder.json(2, '"' + most.substring(2) + '"').row(0, 1);
    builder.string(0, "é".repeat(MAX_VALUE_BYTES / 2)).row(0, 1);
    builder.error(most, 0, 1);
    builder.truncate(0);
    assertRefused("column 's'", () -> builder.string(0, most + "x"));
    assertRefused("column 's'", () -> builder.string(0, "é".repeat(MAX_VALUE_BYTES / 2) + "x"));
    assertRefused("column 'b'", () -> builder.bytes(1, new byte[MAX_VALUE_BYTES + 1]));
    assertRefused("column 'j'", () -> builder.json(2, '"' + most.substring(1) + '"'));
    assertRefused("'_error': a value is at most", () -> builder.error(most + "x", 0, 1));
    assertEquals(0, builder.bytes());
  }

  @Test
  void shouldBoundAJsonValueThatGrowsWhenItIsMadeCanonical() {
    UpdateBlockBuilder builder =
        new UpdateBlockBuilder(Schema.of(Column.required("j", ColumnType.JSON)));
    String short38 = "1e37,".repeat(MAX_VALUE_BYTES / 5 - 10);
    assertRefused(
        "column 'j': a JSON value is at most", () -> builder.json(0, "[" + short38 + "1]"));
  }

  @Test
  void shouldHoldSoManyBytesAndNotOneMore() {
    Schema schema = Schema.of(Column.required("b", ColumnType.BYTES));
    long rowBytes = schema.rowBytes();
    UpdateBlockBuilder builder = new UpdateBlockBuilder(schema);
    byte[] large = new byte[MAX_VALUE_BYTES];
    for (int i = 0; i < MAX_BYTES / MAX_VALUE_BYTES - 1; i++) {
      builder.bytes(0, large).row(0, 1);
    }
    int room = (int) (MAX_BYTES - builder.bytes() - rowBytes);
    assertRefused("bytes", () -> builder.bytes(0, new byte[room + 1]));
    assertRefused("bytes", () -> builder.error("x".repeat(room), 0, 1));
    builder.bytes(0, new byte[room]).row(0, 1);
    assertEquals(MAX_BYTES, builder.bytes());
    assertRefused("bytes", () -> builder.bytes(0, new byte[0]));
    assertRefused("bytes", () -> builder.error("", 0, 1));
    assertEquals(MAX_BYTES, builder.bytes());
  }

  @Test
  void shouldBoundTheBytesOfOneRowBeforeItEnds() {
    Column[] columns = new Column[9];
    for (int c = 0; c < columns.length; c++) {
      columns[c] = Column.required("c" + c, ColumnType.BYTES);
    }
    UpdateBlockBuilder builder = new UpdateBlockBuilder(Schema.of(columns));
    byte[] large = new byte[MAX_VALUE_BYTES];
    for (int c = 0; c < 7; c++) {
      builder.bytes(c, large);
    }
    assertRefused("bytes", () -> builder.bytes(7, large));
    assertEquals(0, builder.bytes());
  }

  @Test
  void shouldNotDecodeMoreBytesThanABlockMayHold() {
    int updates = 9;
    ByteBuffer body =
        ByteBuffer.allocate(updates * (MAX_VALUE_BYTES + 8)).order(ByteOrder.LITTLE_ENDIAN);
    body.put((byte) updates).put((byte) 1);
    body.put((byte) 1).putLong(0).put((byte) 1).putLong(1).put((byte) 0).put((byte) 0);
    for (int i = 0; i < updates; i++) {
      body.put(new byte[] {(byte) 0x80, (byte) 0x80, (byte) 0x80, 8});
    }
    body.rewind();
    Schema schema = Schema.of(Column.required("b", ColumnType.BYTES));
    assertRefused("bytes", () -> new BlockDecoder(schema, body).block().size());
  }

  @Test
  void shouldNotDecodeMoreUpdatesThanABlockMayHold() {
    ByteBuffer tooMany = ByteBuffer.wrap(new byte[] {(byte) 0x81, (byte) 0x80, (byte) 0x40, 1});
    Schema schema = Schema.of(Column.required("b", ColumnType.BOOL));
    assertRefused("rows", () -> new BlockDecoder(schema, tooMany).block().size());
  }

  private static void assertRefused(String why, Executable action) {
    InvalidRowException e = assertThrows(InvalidRowException.class, action);
    assertTrue(e.getMessage().contains(why), e.getMessage());
  }
}
