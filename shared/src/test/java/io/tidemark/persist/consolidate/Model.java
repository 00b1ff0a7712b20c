package io.tidemark.persist.consolidate;

import io.tidemark.row.Update;
import io.tidemark.row.UpdateBlock;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Consolidation in the simplest way: a map from rows and errors to sums without a limit. */
final class Model {

  private final Map<Row, BigInteger> sums = new LinkedHashMap<>();

  private record Row(List<Object> values, String error) {}

  void add(UpdateBlock block) {
    for (Update update : Update.listOf(block)) {
      sums.merge(
          new Row(update.row(), update.error()),
          BigInteger.valueOf(update.diff()),
          BigInteger::add);
    }
  }

  /** True iff some sum does not fit in 64 bits. */
  boolean overflows() {
    return sums.values().stream().anyMatch(sum -> sum.bitLength() > 63);
  }

  /** What is left, in the order of first appearance. */
  List<Update> updates(long time) {
    List<Update> updates = new ArrayList<>();
    sums.forEach(
        (row, sum) -> {
          if (sum.signum() != 0) {
            updates.add(new Update(row.values(), row.error(), time, sum.longValueExact()));
          }
        });
    return updates;
  }
}
