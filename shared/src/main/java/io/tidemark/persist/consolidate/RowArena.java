package io.tidemark.persist.consolidate;

import java.util.Arrays;

/**
 * Records in the order of their arrival, in segments that never move. An address is {@code segment
 * << SHIFT | offset}; a record larger than a segment has one of its own.
 */
final class RowArena {

  /** Stands for "no memory left" in the place of an address. */
  static final long FULL = -1;

  private static final byte[] NO_BYTES = {};
  private static final int SHIFT = 20;
  private static final int OFFSET_MASK = (1 << SHIFT) - 1;

  /** Of an array: with it, a segment takes a power of two, which heap regions like. */
  private static final int ARRAY_HEADER_BYTES = 16;

  /**
   * Segments grow from this to at most {@code 1 << SHIFT}, so that small collections stay small.
   */
  private static final int MIN_SEGMENT_BYTES = 1 << 13;

  private final MemoryBudget memory;
  private final int maxSegmentBytes;
  private byte[][] segments = new byte[16][];
  private int[] ends = new int[16];
  private int count;
  private long records;
  private byte[] current = NO_BYTES;
  private int tail;
  private long base;

  RowArena(MemoryBudget memory) {
    this.memory = memory;
    // A segment half empty must not matter.
    long largest = Long.highestOneBit(memory.limitBytes() / 32);
    this.maxSegmentBytes = (int) Math.max(MIN_SEGMENT_BYTES, Math.min(largest, 1 << SHIFT));
  }

  /** Copies a record to the end and returns its address, or {@link #FULL}. */
  long append(byte[] source, int from, int length) {
    if (length > current.length - tail && !addSegment(length)) {
      return FULL;
    }
    System.arraycopy(source, from, current, tail, length);
    long address = base + tail;
    tail += length;
    records++;
    return address;
  }

  private boolean addSegment(int needed) {
    long usual = Math.min(maxSegmentBytes, (long) MIN_SEGMENT_BYTES << Math.min(count, SHIFT));
    int length = Math.max((int) usual - ARRAY_HEADER_BYTES, needed);
    if (!memory.reserve(length + ARRAY_HEADER_BYTES)) {
      return false;
    }
    if (count == segments.length) {
      segments = Arrays.copyOf(segments, 2 * count);
      ends = Arrays.copyOf(ends, 2 * count);
    }
    closeSegment();
    base = (long) count << SHIFT;
    current = new byte[length];
    segments[count++] = current;
    tail = 0;
    return true;
  }

  private void closeSegment() {
    if (count > 0) {
      ends[count - 1] = tail;
    }
  }

  /** The segment that holds an address. */
  byte[] segment(long address) {
    return segments[(int) (address >>> SHIFT)];
  }

  static int offset(long address) {
    return (int) address & OFFSET_MASK;
  }

  /** Walks over the records. Nothing may be appended meanwhile. */
  RecordCursor records() {
    closeSegment();
    return new RecordCursor(segments, ends, count, records);
  }

  /** Drops all records and gives their memory back. */
  void clear() {
    for (int s = 0; s < count; s++) {
      memory.release(segments[s].length + ARRAY_HEADER_BYTES);
    }
    Arrays.fill(segments, null);
    count = 0;
    records = 0;
    current = NO_BYTES;
    tail = 0;
  }
}
