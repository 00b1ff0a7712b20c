package io.tidemark.persist.consolidate;

import io.tidemark.row.ColumnType.Storage;
import io.tidemark.row.Vector;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A column of the block that is being unpacked: takes its values out of records. */
abstract sealed class ColumnTarget {

  /** Where, from the start of a record, the column is. */
  final int offset;

  private long @Nullable [] nulls;

  private ColumnTarget(int offset) {
    this.offset = offset;
  }

  static ColumnTarget of(Storage storage, int offset, int capacity) {
    return switch (storage) {
      case BOOLEAN -> new OfBooleans(offset, capacity);
      case INT -> new OfInts(offset, capacity);
      case LONG -> new OfLongs(offset, capacity);
      case DOUBLE -> new OfDoubles(offset, capacity);
      case DECIMAL -> new OfDecimals(offset, capacity);
      case BYTES -> new OfBytes(offset, capacity);
    };
  }

  /** Makes row {@code i} null. */
  final void setNull(int i, int capacity) {
    if (nulls == null) {
      nulls = new long[(capacity + 63) >> 6];
    }
    nulls[i >> 6] |= 1L << i;
  }

  /** The null bits of a vector of this size. */
  final long @Nullable [] nulls(int size) {
    return nulls == null ? null : Arrays.copyOf(nulls, (size + 63) >> 6);
  }

  /** Changes the capacity, keeping the values that fit. */
  final void resize(int capacity) {
    if (nulls != null) {
      nulls = Arrays.copyOf(nulls, (capacity + 63) >> 6);
    }
    resizeValues(capacity);
  }

  abstract void resizeValues(int capacity);

  /** Takes the values of the records into the rows from {@code row} on. */
  abstract void fill(RecordBatch records, int row);

  abstract Vector build(int size);

  private static final class OfBooleans extends ColumnTarget {
    private boolean[] values;

    OfBooleans(int offset, int capacity) {
      super(offset);
      values = new boolean[capacity];
    }

    @Override
    void resizeValues(int capacity) {
      values = Arrays.copyOf(values, capacity);
    }

    @Override
    void fill(RecordBatch records, int row) {
      byte[] data = records.data();
      int[] starts = records.starts();
      for (int i = 0; i < records.count(); i++) {
        values[row + i] = data[starts[i] + offset] != 0;
      }
    }

    @Override
    Vector build(int size) {
      return new Vector.Booleans(size, values, nulls(size));
    }
  }

  private static final class OfInts extends ColumnTarget {
    private int[] values;

    OfInts(int offset, int capacity) {
      super(offset);
      values = new int[capacity];
    }

    @Override
    void resizeValues(int capacity) {
      values = Arrays.copyOf(values, capacity);
    }

    @Override
    void fill(RecordBatch records, int row) {
      byte[] data = records.data();
      int[] starts = records.starts();
      for (int i = 0; i < records.count(); i++) {
        values[row + i] = Words.intAt(data, starts[i] + offset);
      }
    }

    @Override
    Vector build(int size) {
      return new Vector.Ints(size, values, nulls(size));
    }
  }

  private static final class OfLongs extends ColumnTarget {
    private long[] values;

    OfLongs(int offset, int capacity) {
      super(offset);
      values = new long[capacity];
    }

    @Override
    void resizeValues(int capacity) {
      values = Arrays.copyOf(values, capacity);
    }

    @Override
    void fill(RecordBatch records, int row) {
      byte[] data = records.data();
      int[] starts = records.starts();
      for (int i = 0; i < records.count(); i++) {
        values[row + i] = Words.longAt(data, starts[i] + offset);
      }
    }

    @Override
    Vector build(int size) {
      return new Vector.Longs(size, values, nulls(size));
    }
  }

  private static final class OfDoubles extends ColumnTarget {
    private double[] values;

    OfDoubles(int offset, int capacity) {
      super(offset);
      values = new double[capacity];
    }

    @Override
    void resizeValues(int capacity) {
      values = Arrays.copyOf(values, capacity);
    }

    @Override
    void fill(RecordBatch records, int row) {
      byte[] data = records.data();
      int[] starts = records.starts();
      for (int i = 0; i < records.count(); i++) {
        values[row + i] = Double.longBitsToDouble(Words.longAt(data, starts[i] + offset));
      }
    }

    @Override
    Vector build(int size) {
      return new Vector.Doubles(size, values, nulls(size));
    }
  }

  private static final class OfDecimals extends ColumnTarget {
    private long[] halves;

    OfDecimals(int offset, int capacity) {
      super(offset);
      halves = new long[2 * capacity];
    }

    @Override
    void resizeValues(int capacity) {
      halves = Arrays.copyOf(halves, 2 * capacity);
    }

    @Override
    void fill(RecordBatch records, int row) {
      byte[] data = records.data();
      int[] starts = records.starts();
      for (int i = 0; i < records.count(); i++) {
        halves[2 * (row + i)] = Words.longAt(data, starts[i] + offset);
        halves[2 * (row + i) + 1] = Words.longAt(data, starts[i] + offset + 8);
      }
    }

    @Override
    Vector build(int size) {
      return new Vector.Decimals(size, halves, nulls(size));
    }
  }

  static final class OfBytes extends ColumnTarget {
    private static final int EXPECTED_VALUE_BYTES = 16;
    private static final int MAX_EXPECTED_BYTES = 1 << 20;
    private static final int MAX_ARRAY_BYTES = Integer.MAX_VALUE - 8;

    private byte[] bytes;
    private int[] offsets;

    OfBytes(int offset, int capacity) {
      super(offset);
      bytes = new byte[Math.min(capacity * EXPECTED_VALUE_BYTES, MAX_EXPECTED_BYTES)];
      offsets = new int[capacity + 1];
    }

    @Override
    void resizeValues(int capacity) {
      offsets = Arrays.copyOf(offsets, capacity + 1);
    }

    @Override
    void fill(RecordBatch records, int row) {
      byte[] data = records.data();
      int[] starts = records.starts();
      int[] ends = records.ends();
      long total = offsets[row];
      for (int i = 0; i < records.count(); i++) {
        total += Words.intAt(data, starts[i] + offset);
      }
      reserve(total);
      byte[] target = bytes;
      int end = offsets[row];
      for (int i = 0; i < records.count(); i++) {
        int length = Words.intAt(data, starts[i] + offset);
        System.arraycopy(data, ends[i], target, end, length);
        ends[i] += length;
        end += length;
        offsets[row + i + 1] = end;
      }
    }

    /** Sets row {@code i}, the first one that is not set yet. */
    void set(int i, byte[] data, int from, int length) {
      reserve((long) offsets[i] + length);
      System.arraycopy(data, from, bytes, offsets[i], length);
      offsets[i + 1] = offsets[i] + length;
    }

    private void reserve(long needed) {
      if (needed > bytes.length) {
        long doubled = Math.max(needed, 2L * bytes.length);
        int capacity = (int) Math.min(doubled, MAX_ARRAY_BYTES);
        bytes = Arrays.copyOf(bytes, Math.max(capacity, Math.toIntExact(needed)));
      }
    }

    @Override
    Vector.Bytes build(int size) {
      int used = offsets[size];
      boolean wasteful = bytes.length - used > used / 4;
      byte[] data = wasteful ? Arrays.copyOf(bytes, used) : bytes;
      return new Vector.Bytes(size, data, offsets, nulls(size));
    }
  }
}
