package io.tidemark.progress;

/**
 * The range of times {@code [lower, upper)} that every writer writes and one append commits.
 *
 * @param lower the first time of the range
 * @param upper the first time past it; equal to {@code lower} for a range that holds no time
 */
public record BatchDescription(Antichain lower, Antichain upper) {

  public BatchDescription {
    if (!lower.lessEqual(upper)) {
      throw new IllegalArgumentException("lower " + lower + " is past upper " + upper);
    }
  }

  /** True iff the range holds no time. */
  public boolean isEmpty() {
    return lower.equals(upper);
  }

  /** True iff {@code time} lies in the range. */
  public boolean contains(long time) {
    return lower.lessEqual(time) && !upper.lessEqual(time);
  }

  /** {@code [{0}, {5})}. */
  @Override
  public String toString() {
    return "[" + lower + ", " + upper + ")";
  }
}
