package io.tidemark.persist;

/**
 * The numbers {@code [lower, upper)} that batches got when they were pushed, from 0 without a gap.
 * A merged batch has the numbers of all that went into it.
 */
record IdRange(long lower, long upper) {

  IdRange {
    if (lower < 0 || lower >= upper) {
      throw new IllegalArgumentException("[" + lower + ", " + upper + ") numbers no batch");
    }
  }

  /** True iff every number of {@code other} is one of these. */
  boolean contains(IdRange other) {
    return lower <= other.lower && other.upper <= upper;
  }

  /** True iff some number is in both. */
  boolean overlaps(IdRange other) {
    return lower < other.upper && other.lower < upper;
  }

  /** {@code 3-5}, or {@code 3} for a single number. */
  @Override
  public String toString() {
    return upper == lower + 1 ? "" + lower : lower + "-" + (upper - 1);
  }
}
