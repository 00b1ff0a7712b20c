package io.tidemark.persist.consolidate;

import io.tidemark.row.UpdateBlock;
import io.tidemark.row.Vector;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Packs the updates of a block into records, a chunk at a time and in it column by column. */
final class RowPacker {

  private final RowLayout layout;
  private final int[] keyLengths = new int[RowChunk.MAX_ROWS];

  /** Where the next variable value of each record goes. */
  private final int[] ends = new int[RowChunk.MAX_ROWS];

  RowPacker(RowLayout layout) {
    this.layout = layout;
  }

  /** The bytes of working memory. */
  static long bytes() {
    return 8L * RowChunk.MAX_ROWS;
  }

  /** The bytes of the record of one update. May be more than an array can hold. */
  long recordBytes(UpdateBlock block, int i) {
    long length = (long) layout.variable() - RowLayout.KEY;
    for (int c = 0; c < block.schema().size(); c++) {
      if (block.column(c) instanceof Vector.Bytes values && !values.isNull(i)) {
        length += values.length(i);
      }
    }
    Vector.Bytes errors = block.errors();
    if (errors != null && !errors.isNull(i)) {
      length += errors.length(i);
    }
    return RowLayout.KEY + ((length + 7) & -8L);
  }

  /**
   * Fills the chunk with the updates of the block from {@code from} on, as many as it can hold, and
   * returns how many. It is 0 if not even the first one fits.
   */
  int pack(UpdateBlock block, int from, RowChunk chunk) {
    int rows = measure(block, from, chunk);
    chunk.rows(rows);
    byte[] data = chunk.data();
    int[] starts = chunk.starts();
    for (int i = 0; i < rows; i++) {
      Words.putLong(data, starts[i + 1] - 8, 0); // the padding, until values are laid over it
      ends[i] = starts[i] + layout.variable();
    }
    for (int c = 0; c < block.schema().size(); c++) {
      packColumn(block.column(c), from, chunk, layout.offset(c));
    }
    packErrors(block.errors(), from, chunk);
    packNulls(block, from, chunk);
    packHeaders(block.diffs(), from, chunk);
    return rows;
  }

  private int measure(UpdateBlock block, int from, RowChunk chunk) {
    int limit = Math.min(block.size() - from, expectedRows(block, chunk));
    Arrays.fill(keyLengths, 0, limit, layout.variable() - RowLayout.KEY);
    for (int c = 0; c < block.schema().size(); c++) {
      if (block.column(c) instanceof Vector.Bytes values) {
        addLengths(values, from, limit);
      }
    }
    addLengths(block.errors(), from, limit);
    int[] starts = chunk.starts();
    int end = 0;
    int rows = 0;
    while (rows < limit) {
      int next = end + RowLayout.recordBytes(keyLengths[rows]);
      if (next > chunk.capacityBytes() || next < end) {
        break;
      }
      starts[rows++] = end;
      end = next;
    }
    starts[rows] = end;
    return rows;
  }

  /** About as many rows as fit, so that no more are measured: most rows of a block are alike. */
  private int expectedRows(UpdateBlock block, RowChunk chunk) {
    long average = layout.variable() + block.bytes() / Math.max(1, block.size());
    return (int) Math.min(RowChunk.MAX_ROWS, 2 * (chunk.capacityBytes() / average) + 1);
  }

  private void addLengths(Vector.@Nullable Bytes values, int from, int rows) {
    if (values == null) {
      return;
    }
    boolean nulls = values.hasNulls();
    for (int i = 0; i < rows; i++) {
      if (!nulls || !values.isNull(from + i)) {
        // Past any chunk's capacity it does not matter by how much.
        long length = (long) keyLengths[i] + values.length(from + i);
        keyLengths[i] = (int) Math.min(length, Integer.MAX_VALUE / 2);
      }
    }
  }

  private void packColumn(Vector vector, int from, RowChunk chunk, int offset) {
    switch (vector.storage()) {
      case BOOLEAN -> packBooleans((Vector.Booleans) vector, from, chunk, offset);
      case INT -> packInts((Vector.Ints) vector, from, chunk, offset);
      case LONG -> packLongs((Vector.Longs) vector, from, chunk, offset);
      case DOUBLE -> packDoubles((Vector.Doubles) vector, from, chunk, offset);
      case DECIMAL -> packDecimals((Vector.Decimals) vector, from, chunk, offset);
      case BYTES -> packBytes((Vector.Bytes) vector, from, chunk, offset);
    }
  }

  private static void packBooleans(Vector.Booleans values, int from, RowChunk chunk, int offset) {
    byte[] data = chunk.data();
    int[] starts = chunk.starts();
    for (int i = 0; i < chunk.rows(); i++) {
      boolean value = values.get(from + i) && !values.isNull(from + i);
      data[starts[i] + offset] = (byte) (value ? 1 : 0);
    }
  }

  private static void packInts(Vector.Ints values, int from, RowChunk chunk, int offset) {
    byte[] data = chunk.data();
    int[] starts = chunk.starts();
    boolean nulls = values.hasNulls();
    for (int i = 0; i < chunk.rows(); i++) {
      int value = nulls && values.isNull(from + i) ? 0 : values.get(from + i);
      Words.putInt(data, starts[i] + offset, value);
    }
  }

  private static void packLongs(Vector.Longs values, int from, RowChunk chunk, int offset) {
    byte[] data = chunk.data();
    int[] starts = chunk.starts();
    boolean nulls = values.hasNulls();
    for (int i = 0; i < chunk.rows(); i++) {
      long value = nulls && values.isNull(from + i) ? 0 : values.get(from + i);
      Words.putLong(data, starts[i] + offset, value);
    }
  }

  /** By their bits, every NaN as the same one and -0.0 as 0.0, as blocks are built. */
  private static void packDoubles(Vector.Doubles values, int from, RowChunk chunk, int offset) {
    byte[] data = chunk.data();
    int[] starts = chunk.starts();
    boolean nulls = values.hasNulls();
    for (int i = 0; i < chunk.rows(); i++) {
      double value = nulls && values.isNull(from + i) ? 0 : values.get(from + i);
      Words.putLong(data, starts[i] + offset, Double.doubleToLongBits(value + 0.0));
    }
  }

  private static void packDecimals(Vector.Decimals values, int from, RowChunk chunk, int offset) {
    byte[] data = chunk.data();
    int[] starts = chunk.starts();
    for (int i = 0; i < chunk.rows(); i++) {
      boolean isNull = values.isNull(from + i);
      Words.putLong(data, starts[i] + offset, isNull ? 0 : values.high(from + i));
      Words.putLong(data, starts[i] + offset + 8, isNull ? 0 : values.low(from + i));
    }
  }

  private void packBytes(Vector.Bytes values, int from, RowChunk chunk, int offset) {
    byte[] source = values.data();
    byte[] data = chunk.data();
    int[] starts = chunk.starts();
    boolean nulls = values.hasNulls();
    for (int i = 0; i < chunk.rows(); i++) {
      int length = nulls && values.isNull(from + i) ? 0 : values.length(from + i);
      System.arraycopy(source, values.offset(from + i), data, ends[i], length);
      Words.putInt(data, starts[i] + offset, length);
      ends[i] += length;
    }
  }

  private void packErrors(Vector.@Nullable Bytes errors, int from, RowChunk chunk) {
    if (errors == null) {
      return;
    }
    for (int i = 0; i < chunk.rows(); i++) {
      if (!errors.isNull(from + i)) {
        int length = errors.length(from + i);
        System.arraycopy(errors.data(), errors.offset(from + i), chunk.data(), ends[i], length);
      }
    }
  }

  private void packNulls(UpdateBlock block, int from, RowChunk chunk) {
    for (int w = 0; w < layout.nullWords(); w++) {
      int offset = layout.nulls() + 4 * w;
      for (int i = 0; i < chunk.rows(); i++) {
        Words.putInt(chunk.data(), chunk.starts()[i] + offset, 0);
      }
    }
    for (int c = 0; c < block.schema().size(); c++) {
      if (block.column(c).hasNulls()) {
        markWhere(block.column(c), true, from, chunk, c);
      }
    }
    if (block.errors() != null) {
      markWhere(block.errors(), false, from, chunk, layout.errorBit());
    }
  }

  /** Sets a null bit in the records of the values that are null, or that are not. */
  private void markWhere(Vector vector, boolean isNull, int from, RowChunk chunk, int bit) {
    byte[] data = chunk.data();
    int offset = layout.nulls() + 4 * (bit >> 5);
    for (int i = 0; i < chunk.rows(); i++) {
      if (vector.isNull(from + i) == isNull) {
        int at = chunk.starts()[i] + offset;
        Words.putInt(data, at, Words.intAt(data, at) | 1 << bit);
      }
    }
  }

  private void packHeaders(Vector.Longs diffs, int from, RowChunk chunk) {
    byte[] data = chunk.data();
    int[] starts = chunk.starts();
    for (int i = 0; i < chunk.rows(); i++) {
      long diff = diffs.get(from + i);
      Words.putInt(data, starts[i] + RowLayout.KEY_LENGTH, keyLengths[i]);
      Words.putInt(data, starts[i] + RowLayout.SUM_HIGH, (int) (diff >> 63));
      Words.putLong(data, starts[i] + RowLayout.SUM_LOW, diff);
    }
  }
}
