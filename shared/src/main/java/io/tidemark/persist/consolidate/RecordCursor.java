package io.tidemark.persist.consolidate;

/** Walks over the records of an arena, in the order of their arrival unless a subclass says. */
class RecordCursor {

  private final byte[][] segments;
  private final int[] ends;
  private final int count;
  private long remaining;
  private int index;
  private int offset;

  /**
   * A cursor over {@code count} segments that hold {@code records} in all; those of segment i end
   * at {@code ends[i]}.
   */
  RecordCursor(byte[][] segments, int[] ends, int count, long records) {
    this.segments = segments;
    this.ends = ends;
    this.count = count;
    this.remaining = records;
  }

  /** True iff there is a record left; {@link #segment} then holds it at {@link #offset}. */
  boolean hasNext() {
    while (index < count && offset == ends[index]) {
      index++;
      offset = 0;
    }
    return index < count;
  }

  byte[] segment() {
    return segments[index];
  }

  int offset() {
    return offset;
  }

  /** Where the records of the segment end. */
  int end() {
    return ends[index];
  }

  /** How many records are left. */
  long remaining() {
    return remaining;
  }

  /** Moves on by {@code records} records, to {@code newOffset} of the segment. */
  void advance(int newOffset, int records) {
    offset = newOffset;
    remaining -= records;
  }
}
