package io.tidemark.persist.part;

import io.tidemark.row.Column;
import io.tidemark.row.UpdateBlock;
import io.tidemark.row.Vector;
import org.jspecify.annotations.Nullable;

/**
 * What holds of every block in a part, whoever made it. Checked when one is written as when one is
 * read, so that what was written can be read.
 */
final class BlockRules {

  private BlockRules() {}

  /** What is wrong with the block, or null. */
  static @Nullable String violation(UpdateBlock block) {
    Vector.Longs times = block.times();
    for (int i = 0; i < (times.isConstant() ? Math.min(1, times.size()) : times.size()); i++) {
      if (times.get(i) < 0 || times.get(i) == Long.MAX_VALUE) {
        return "an update at time " + times.get(i);
      }
    }
    Vector.Longs diffs = block.diffs();
    for (int i = 0; i < (diffs.isConstant() ? Math.min(1, diffs.size()) : diffs.size()); i++) {
      if (diffs.get(i) == 0) {
        return "an update of diff 0";
      }
    }
    for (int c = 0; c < block.schema().size(); c++) {
      String violation = violation(block.schema().column(c), block.column(c), block.errors());
      if (violation != null) {
        return violation;
      }
    }
    return null;
  }

  /** A null is right where the column is nullable, and needed where the update is an error. */
  private static @Nullable String violation(
      Column column, Vector vector, Vector.@Nullable Bytes errors) {
    if (errors == null && (column.nullable() || !vector.hasNulls())) {
      return null;
    }
    for (int i = 0; i < vector.size(); i++) {
      boolean error = errors != null && !errors.isNull(i);
      if (error && !vector.isNull(i)) {
        return "an error with a value in column '" + column.name() + "'";
      }
      if (!error && vector.isNull(i) && !column.nullable()) {
        return "a row without column '" + column.name() + "', which is not nullable";
      }
    }
    return null;
  }
}
