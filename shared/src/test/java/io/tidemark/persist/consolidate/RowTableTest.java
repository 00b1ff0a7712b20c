package io.tidemark.persist.consolidate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The table on its own: sums near its limit, and the memory that it takes and gives back. */
class RowTableTest {

  private final MemoryBudget memory = new MemoryBudget(1 << 20);
  private final RowLayout layout = new RowLayout(Blocks.SCHEMA);
  private final RowPacker packer = new RowPacker(layout);
  private final RowChunk chunk = new RowChunk(1 << 16);
  private final RowTable table = new RowTable(memory, new RowHash.Multiplied(), layout);

  private void pack(long diff) {
    assertEquals(1, packer.pack(Blocks.row(1, diff), 0, chunk));
  }

  private BigInteger sum() {
    RecordCursor cursor = table.records();
    assertTrue(cursor.hasNext());
    return RowLayout.sum(cursor.segment(), cursor.offset());
  }

  @Test
  void shouldSumExactlyUpTo95BitsAndRefuseMore() {
    BigInteger expected = BigInteger.ZERO;
    for (long diff : new long[] {Long.MAX_VALUE, Long.MAX_VALUE, -1, Long.MIN_VALUE, 1, -7}) {
      pack(diff);
      assertEquals(1, table.add(chunk, 0));
      expected = expected.add(BigInteger.valueOf(diff));
      assertEquals(expected, sum());
    }
    pack(1);
    Words.putInt(chunk.data(), RowLayout.SUM_HIGH, Integer.MAX_VALUE);
    assertEquals(1, table.add(chunk, 0));
    assertEquals(
        expected.add(BigInteger.ONE).add(BigInteger.valueOf(Integer.MAX_VALUE).shiftLeft(64)),
        sum());
    DiffOverflowException e =
        assertThrows(DiffOverflowException.class, () -> assertEquals(0, table.add(chunk, 0)));
    assertTrue(e.getMessage().contains("'id' = 1"), e.getMessage());
  }

  @Test
  void shouldStopWhenTheMemoryIsFullAndGoOnOnceItIsEmpty() {
    int added = 0;
    boolean full = false;
    while (!full) {
      int packed = packer.pack(Blocks.rows(IntStream.range(added, added + 500), 1), 0, chunk);
      int now = table.add(chunk, 0);
      added += now;
      full = now < packed;
    }
    assertTrue(added > 5000, "rows in a mebibyte: " + added);
    assertTrue(memory.usedBytes() <= memory.limitBytes());
    table.reset(1);
    assertEquals(0, memory.usedBytes());
    assertEquals(1, table.level());
    assertTrue(table.isEmpty());
    assertEquals(chunk.rows(), table.add(chunk, 0));
  }
}
