package io.tidemark.bench;

import java.util.Arrays;

/** Numbers that were measured, in the order in which they were. */
final class Samples {

  private double[] values = new double[64];
  private int size;

  void add(double value) {
    if (size == values.length) {
      values = Arrays.copyOf(values, 2 * size);
    }
    values[size++] = value;
  }

  int size() {
    return size;
  }

  double median() {
    return percentile(0.5);
  }

  /** The smallest value that at least this share of them does not exceed. */
  double percentile(double share) {
    return percentileOf(0, size, share);
  }

  /** The median of those from index {@code from} to {@code to}. */
  double medianOf(int from, int to) {
    return percentileOf(from, to, 0.5);
  }

  private double percentileOf(int from, int to, double share) {
    double[] sorted = Arrays.copyOfRange(values, from, to);
    Arrays.sort(sorted);
    return sorted[Math.max(0, (int) Math.ceil(share * sorted.length) - 1)];
  }
}
