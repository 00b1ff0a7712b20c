package io.tidemark.persist.consolidate;

/**
 * A place among rows in the order of their hashes. That order is a matter of the rows alone, so the
 * place is the same wherever the rows come from, and however they were stored.
 *
 * @param hash of a row; the order is that of unsigned numbers
 * @param count which row of that hash it is, from 1, in the order of their bytes
 */
public record RowOffset(long hash, int count) implements Comparable<RowOffset> {

  /** The place before all rows. */
  public static final RowOffset START = new RowOffset(0, 0);

  @Override
  public int compareTo(RowOffset other) {
    int hashes = Long.compareUnsigned(hash, other.hash);
    return hashes == 0 ? Integer.compare(count, other.count) : hashes;
  }
}
