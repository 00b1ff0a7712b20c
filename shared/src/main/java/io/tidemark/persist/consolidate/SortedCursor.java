package io.tidemark.persist.consolidate;

/** Walks over the records of an arena one by one, in the order of their addresses in an array. */
final class SortedCursor extends RecordCursor {

  private final RowArena arena;
  private final long[] slots;
  private final int count;
  private int next;

  /** A cursor over the records of the first {@code count} slots, see {@link RowTable}. */
  SortedCursor(RowArena arena, long[] slots, int count) {
    super(new byte[0][], new int[0], 0, count);
    this.arena = arena;
    this.slots = slots;
    this.count = count;
  }

  @Override
  boolean hasNext() {
    return next < count;
  }

  @Override
  byte[] segment() {
    return arena.segment(RowTable.address(slots[next]));
  }

  @Override
  int offset() {
    return RowArena.offset(RowTable.address(slots[next]));
  }

  @Override
  int end() {
    return offset() + RowLayout.recordBytes(segment(), offset());
  }

  @Override
  void advance(int newOffset, int records) {
    next += records;
    super.advance(newOffset, records);
  }
}
