package io.tidemark.sim;

import io.tidemark.row.Column;
import io.tidemark.row.ColumnType;
import io.tidemark.row.Schema;
import io.tidemark.row.UpdateBlock;
import io.tidemark.row.UpdateBlockBuilder;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * The rows of the simulation: who sent it, its number, and something of varying size that follows.
 */
final class Rows {

  static final Schema SCHEMA =
      Schema.of(
          Column.required("sender", ColumnType.STRING),
          Column.required("number", ColumnType.INT64),
          Column.nullable("filling", ColumnType.STRING));

  private Rows() {}

  static void set(UpdateBlockBuilder row, String sender, long number) {
    row.string(0, sender).int64(1, number);
    if (number % 3 != 0) {
      row.string(2, filling(number));
    }
    if (row.schema().size() > SCHEMA.size()) {
      row.string(SCHEMA.size(), added(number));
    }
  }

  /** What is in the first column that is added, for whoever knows of it. */
  private static String added(long number) {
    return "added " + number;
  }

  private static String filling(long number) {
    return "x".repeat((int) (number * 7 % 90));
  }

  /** Each row of the blocks at or before a time, with the sum of its diffs; errors too. */
  static Map<String, Long> upTo(Iterable<UpdateBlock> blocks, long time) {
    Map<String, Long> sums = new TreeMap<>();
    for (UpdateBlock block : blocks) {
      for (int i = 0; i < block.size(); i++) {
        if (block.times().get(i) <= time) {
          sums.merge(key(block, i), block.diffs().get(i), Long::sum);
        }
      }
    }
    sums.values().removeIf(sum -> sum == 0);
    return sums;
  }

  static String key(UpdateBlock block, int i) {
    if (block.isError(i)) {
      return "error " + block.error(i);
    }
    long number = (Long) block.value(1, i);
    Object expected = number % 3 == 0 ? null : filling(number);
    if (!Objects.equals(expected, block.value(2, i))) {
      throw new AssertionError("row " + number + " came back with another filling");
    }
    Object added = block.schema().size() > SCHEMA.size() ? block.value(SCHEMA.size(), i) : null;
    if (added != null && !added.equals(added(number))) {
      throw new AssertionError("row " + number + " came back with another added value");
    }
    return block.value(0, i) + " " + number;
  }
}
