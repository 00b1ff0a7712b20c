package io.tidemark.persist.part;

import java.nio.ByteBuffer;

/**
 * Walks run-length encoded levels or indexes before parquet-java decodes them: it trusts the
 * lengths of the runs.
 *
 * <pre>
 *   run := varint (count &lt;&lt; 1), the value in whole bytes
 *        | varint (groups &lt;&lt; 1 | 1), groups of 8 values, bit by bit
 * </pre>
 */
final class RunLengths {

  /** What {@link #common} returns where there is no one value. */
  static final int VARIOUS = -1;

  /** No encoder packs more values than a page has that is not all of one value. */
  private static final int MAX_PACKED_GROUPS = ColumnChunkWriter.MAX_PAGE_VALUES / 8;

  private static final int MAX_VARINT_BITS = 31;

  private RunLengths() {}

  /**
   * The value that all of {@code count} values have, or {@link #VARIOUS}.
   *
   * @throws CorruptPartException if {@code in} does not hold as many
   */
  static int common(ByteBuffer in, int bitWidth, int count) {
    check(bitWidth < Integer.SIZE, "values of " + bitWidth + " bits");
    long left = count;
    int common = VARIOUS;
    boolean first = true;
    while (left > 0) {
      int header = varint(in);
      int length = header >>> 1;
      boolean packed = (header & 1) == 1;
      check(length > 0 && (!packed || length <= MAX_PACKED_GROUPS), "a run of length " + length);
      int bytes = packed ? length * bitWidth : (bitWidth + 7) / 8;
      check(bytes <= in.remaining(), "a run that is cut short");
      int value = packed ? VARIOUS : value(in, bytes);
      common = first || value == common ? value : VARIOUS;
      first = false;
      in.position(in.position() + (packed ? bytes : 0));
      left -= packed ? 8L * length : length;
    }
    return common;
  }

  private static int value(ByteBuffer in, int bytes) {
    int value = 0;
    for (int i = 0; i < bytes; i++) {
      value |= (in.get() & 0xff) << (8 * i);
    }
    return value;
  }

  private static int varint(ByteBuffer in) {
    int value = 0;
    for (int shift = 0; shift < MAX_VARINT_BITS; shift += 7) {
      check(in.hasRemaining(), "fewer values than its header says");
      byte next = in.get();
      value |= (next & 0x7f) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw new CorruptPartException("a page has a run of no length");
  }

  private static void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new CorruptPartException("a page has " + otherwise);
    }
  }
}
