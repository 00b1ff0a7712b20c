package io.tidemark.persist.consolidate;

import java.util.Arrays;

/**
 * A hash table of records: one per distinct key, with the sum of its diffs. Open addressing with
 * linear probing over slots of 64 bits:
 *
 * <pre>
 *   bits 32 to 63   high half of the hash; its top bits are also the slot's place
 *   bits 0 to 31    address of the record in units of 8 bytes, plus 1; the slot is 0 if empty
 * </pre>
 *
 * The slot alone tells almost always whether the key is another one, and the table grows without a
 * look at the records: slots move to about a multiple of their place, in order.
 */
final class RowTable {

  private static final int MIN_SLOTS = 1 << 10;
  private static final int MAX_SLOTS = 1 << 30;
  private static final long[] NO_SLOTS = {};
  private static final long HIGH_HALF = -1L << 32;

  private final MemoryBudget memory;
  private final RowHash hash;
  private final int orderedBits;
  private final RowLayout layout;
  private final RowArena arena;
  private final long[] hashes = new long[RowChunk.MAX_ROWS];
  private final long[] first = new long[RowChunk.MAX_ROWS];
  private int level;
  private long[] slots = NO_SLOTS;
  private int shift;
  private int count;

  /** An empty table of level 0, which keeps its records in memory of the same budget. */
  RowTable(MemoryBudget memory, RowHash hash, RowLayout layout) {
    this(memory, hash, layout, 0);
  }

  /**
   * An empty table whose records can be {@link #sorted}.
   *
   * @param orderedBits how many bits of a hash choose the partition: on each level the next ones,
   *     from the top, so that partitions follow each other in the order of the hashes; 0 if the
   *     order does not matter, and the hashes of the levels are to be independent
   */
  RowTable(MemoryBudget memory, RowHash hash, RowLayout layout, int orderedBits) {
    this.memory = memory;
    this.hash = hash;
    this.orderedBits = orderedBits;
    this.layout = layout;
    this.arena = new RowArena(memory);
  }

  /** The bytes of working memory, apart from the slots. */
  static long bytes() {
    return 16L * RowChunk.MAX_ROWS;
  }

  boolean isEmpty() {
    return count == 0;
  }

  int level() {
    return level;
  }

  private long hashOf(byte[] data, int from, int to) {
    return orderedBits == 0
        ? hash.hash(data, from, to, level)
        : Long.rotateLeft(hash.hash(data, from, to, 0), level * orderedBits);
  }

  /** The hash of a record by which rows are ordered, whatever the level. */
  long orderOf(byte[] data, int at) {
    int end = at + RowLayout.recordBytes(data, at);
    return hash.hash(data, at + RowLayout.KEY, end, 0);
  }

  /** To which of so many partitions, a power of two, a record spills. */
  int partitionOf(byte[] data, int at, int partitions) {
    int end = at + RowLayout.recordBytes(data, at);
    long hashed = hashOf(data, at + RowLayout.KEY, end);
    return orderedBits == 0
        ? (int) hashed & (partitions - 1)
        : (int) (hashed >>> (Long.SIZE - orderedBits));
  }

  /**
   * Adds the records of a chunk, from record {@code from} on, and returns how many of the chunk are
   * in the table now: fewer than all if the memory is full.
   */
  int add(RowChunk chunk, int from) {
    int rows = chunk.rows();
    byte[] data = chunk.data();
    int[] starts = chunk.starts();
    for (int i = from; i < rows; i++) {
      hashes[i] = hashOf(data, starts[i] + RowLayout.KEY, starts[i + 1]);
    }
    if (!hasRoom(rows - from)) {
      return from;
    }
    touch(from, rows);
    for (int i = from; i < rows; i++) {
      if (!add(data, starts[i], starts[i + 1], hashes[i])) {
        return i;
      }
    }
    return rows;
  }

  /**
   * Reads the slots that the rows will probe, then the records behind them: many loads that wait
   * for memory together, instead of one after the other later. Storing what they find keeps them
   * from being optimized away.
   */
  private void touch(int from, int to) {
    long[] table = slots;
    for (int i = from; i < to; i++) {
      first[i] = table[(int) (hashes[i] >>> shift)];
    }
    for (int i = from; i < to; i++) {
      long slot = first[i];
      if (slot != 0 && ((slot ^ hashes[i]) & HIGH_HALF) == 0) {
        long address = address(slot);
        first[i] = Words.longAt(arena.segment(address), RowArena.offset(address));
      }
    }
  }

  private boolean add(byte[] data, int from, int to, long hashed) {
    long[] table = slots;
    int mask = table.length - 1;
    int index = (int) (hashed >>> shift);
    for (long slot = table[index]; slot != 0; slot = table[index]) {
      if (((slot ^ hashed) & HIGH_HALF) == 0 && addIfSame(address(slot), data, from, to)) {
        return true;
      }
      index = (index + 1) & mask;
    }
    long address = arena.append(data, from, to - from);
    if (address == RowArena.FULL) {
      return false;
    }
    table[index] = (hashed & HIGH_HALF) | ((address >>> 3) + 1);
    count++;
    return true;
  }

  static long address(long slot) {
    return ((slot & ~HIGH_HALF) - 1) << 3;
  }

  /** Adds the sum of a record to the one at {@code address}, if they have the same key. */
  private boolean addIfSame(long address, byte[] data, int from, int to) {
    byte[] segment = arena.segment(address);
    int at = RowArena.offset(address);
    int length = to - from;
    if (Words.intAt(segment, at + RowLayout.KEY_LENGTH)
            != Words.intAt(data, from + RowLayout.KEY_LENGTH)
        || !Arrays.equals(
            segment, at + RowLayout.KEY, at + length, data, from + RowLayout.KEY, to)) {
      return false;
    }
    long low = Words.longAt(segment, at + RowLayout.SUM_LOW);
    long sum = low + Words.longAt(data, from + RowLayout.SUM_LOW);
    int carry = Long.compareUnsigned(sum, low) < 0 ? 1 : 0;
    long high =
        (long) Words.intAt(segment, at + RowLayout.SUM_HIGH)
            + Words.intAt(data, from + RowLayout.SUM_HIGH)
            + carry;
    if (high != (int) high) {
      throw new DiffOverflowException(
          "the diffs of " + layout.describe(segment, at) + " add up to more than 95 bits hold");
    }
    Words.putLong(segment, at + RowLayout.SUM_LOW, sum);
    Words.putInt(segment, at + RowLayout.SUM_HIGH, (int) high);
    return true;
  }

  /** Makes sure that {@code more} rows leave two slots of five empty. */
  private boolean hasRoom(int more) {
    while ((count + (long) more) * 5 > slots.length * 3L) {
      if (!growBy(4, memory.limitBytes() / 8) && !growBy(2, memory.limitBytes())) {
        return false;
      }
    }
    return true;
  }

  /** Moves to slots that are {@code factor} times as many and take at most {@code maxBytes}. */
  private boolean growBy(int factor, long maxBytes) {
    long length = Math.max(MIN_SLOTS, (long) factor * slots.length);
    if (length > MAX_SLOTS || 8 * length > maxBytes || !memory.reserve(8 * length)) {
      return false;
    }
    long[] old = slots;
    slots = new long[(int) length];
    shift = 64 - Long.numberOfTrailingZeros(length);
    int mask = slots.length - 1;
    for (long slot : old) {
      if (slot != 0) {
        int index = (int) (slot >>> shift);
        while (slots[index] != 0) {
          index = (index + 1) & mask;
        }
        slots[index] = slot;
      }
    }
    memory.release(8L * old.length);
    return true;
  }

  /** Walks over the records, in the order of their first appearance. */
  RecordCursor records() {
    return arena.records();
  }

  /**
   * Walks over the records in the order of their hashes, as unsigned numbers, and of their bytes
   * where these are equal. None can be added from then on.
   */
  RecordCursor sorted() {
    int kept = 0;
    for (long slot : slots) {
      if (slot != 0) {
        slots[kept++] = slot ^ Long.MIN_VALUE;
      }
    }
    Arrays.sort(slots, 0, kept);
    for (int i = 0; i < kept; i++) {
      slots[i] ^= Long.MIN_VALUE;
    }
    sortEqual(kept);
    return new SortedCursor(arena, slots, kept);
  }

  /** A slot has but half of the hash: what is the same in it is put in order by the rest. */
  private void sortEqual(int kept) {
    int from = 0;
    while (from < kept) {
      int to = from + 1;
      while (to < kept && ((slots[to] ^ slots[from]) & HIGH_HALF) == 0) {
        to++;
      }
      if (to - from > 1) {
        long[] sorted =
            Arrays.stream(slots, from, to)
                .boxed()
                .sorted(this::compare)
                .mapToLong(Long::longValue)
                .toArray();
        System.arraycopy(sorted, 0, slots, from, to - from);
      }
      from = to;
    }
  }

  private int compare(long slot, long other) {
    byte[] data = arena.segment(address(slot));
    int at = RowArena.offset(address(slot));
    byte[] otherData = arena.segment(address(other));
    int otherAt = RowArena.offset(address(other));
    int hashes = Long.compareUnsigned(orderOf(data, at), orderOf(otherData, otherAt));
    if (hashes != 0) {
      return hashes;
    }
    return Arrays.compareUnsigned(
        data,
        at + RowLayout.KEY,
        at + RowLayout.recordBytes(data, at),
        otherData,
        otherAt + RowLayout.KEY,
        otherAt + RowLayout.recordBytes(otherData, otherAt));
  }

  /** Gives back the slots: records can be walked over still, but none can be added. */
  void dropSlots() {
    memory.release(8L * slots.length);
    slots = NO_SLOTS;
  }

  /**
   * Forgets all rows, gives their memory back, and places new ones by the hashes of a level. Takes
   * no memory itself, so it works where there is none left.
   */
  void reset(int newLevel) {
    dropSlots();
    arena.clear();
    count = 0;
    level = newLevel;
  }
}
