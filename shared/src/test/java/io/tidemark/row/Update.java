package io.tidemark.row;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;

/**
 * One update as plain values that can be compared and printed; bytes are shown as hex text.
 *
 * @param row the values of the columns; all null for an error
 * @param error the text of an error carried as data, or null
 */
public record Update(List<Object> row, String error, long time, long diff) {

  /** All updates of a block, in order. */
  public static List<Update> listOf(UpdateBlock block) {
    List<Update> updates = new ArrayList<>(block.size());
    for (int i = 0; i < block.size(); i++) {
      updates.add(of(block, i));
    }
    return updates;
  }

  /** Fails unless the blocks hold the same updates in the same order; shows the first other one. */
  public static void assertSame(UpdateBlock expected, UpdateBlock actual) {
    assertEquals(expected.schema(), actual.schema());
    for (int i = 0; i < Math.min(expected.size(), actual.size()); i++) {
      assertEquals(of(expected, i), of(actual, i), "update " + i);
    }
    assertEquals(expected.size(), actual.size(), "how many updates");
  }

  public static Update of(UpdateBlock block, int i) {
    List<Object> row = new ArrayList<>();
    for (int c = 0; c < block.schema().size(); c++) {
      Object value = block.value(c, i);
      row.add(value instanceof byte[] bytes ? "0x" + HexFormat.of().formatHex(bytes) : value);
    }
    return new Update(
        Collections.unmodifiableList(row),
        block.error(i),
        block.times().get(i),
        block.diffs().get(i));
  }
}
