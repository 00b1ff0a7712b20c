package io.tidemark.write;

import io.tidemark.protocol.Counts;
import io.tidemark.row.UpdateBlock;

/** Counts updates by kind. */
final class Counting {

  private Counting() {}

  static Counts of(UpdateBlock rows) {
    if (rows.errors() == null && rows.diffs().isConstant() && !rows.isEmpty()) {
      long all = Math.abs(rows.diffs().get(0)) * rows.size();
      return rows.diffs().get(0) > 0
          ? new Counts(all, 0, 0, 0, rows.size())
          : new Counts(0, all, 0, 0, rows.size());
    }
    long[] byKind = new long[4];
    for (int i = 0; i < rows.size(); i++) {
      long diff = rows.diffs().get(i);
      int kind = (rows.isError(i) ? 2 : 0) + (diff > 0 ? 0 : 1);
      byKind[kind] += Math.abs(diff);
    }
    return new Counts(byKind[0], byKind[1], byKind[2], byKind[3], rows.size());
  }
}
