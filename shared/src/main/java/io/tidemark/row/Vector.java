package io.tidemark.row;

import io.tidemark.row.ColumnType.Storage;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The values of one column of a block, in a primitive array. Immutable by agreement: whoever builds
 * one gives up its arrays, and nobody writes to them any more. An array may be longer than the
 * vector.
 *
 * <p>The value at a null position is unspecified (0 or no bytes).
 */
public abstract sealed class Vector {

  private final int size;
  private final long @Nullable [] nulls;

  private Vector(int size, long @Nullable [] nulls) {
    this.size = size;
    this.nulls = nulls;
  }

  /** A vector of {@code size} nulls. */
  public static Vector nulls(Storage storage, int size) {
    VectorBuilder nulls = VectorBuilder.of(storage, size);
    for (int i = 0; i < size; i++) {
      nulls.addNull();
    }
    return nulls.build();
  }

  public final int size() {
    return size;
  }

  /** True iff some position may be null. */
  public final boolean hasNulls() {
    return nulls != null;
  }

  public final boolean isNull(int i) {
    return nulls != null && (nulls[i >> 6] & (1L << i)) != 0;
  }

  /** The null positions as a bit set, least bit first; null if there is none. */
  final long @Nullable [] nulls() {
    return nulls;
  }

  public abstract Storage storage();

  /** About how many bytes of memory the values take. */
  public abstract long bytes();

  final long nullBytes() {
    return nulls == null ? 0 : (size + 7) / 8;
  }

  /** Bits of {@code boolean}. */
  public static final class Booleans extends Vector {
    private final boolean[] values;

    public Booleans(int size, boolean[] values, long @Nullable [] nulls) {
      super(size, nulls);
      this.values = values;
    }

    public boolean get(int i) {
      return values[i];
    }

    @Override
    public Storage storage() {
      return Storage.BOOLEAN;
    }

    @Override
    public long bytes() {
      return size() + nullBytes();
    }
  }

  /** {@code int32} and {@code date}. */
  public static final class Ints extends Vector {
    private final int[] values;

    public Ints(int size, int[] values, long @Nullable [] nulls) {
      super(size, nulls);
      this.values = values;
    }

    public int get(int i) {
      return values[i];
    }

    @Override
    public Storage storage() {
      return Storage.INT;
    }

    @Override
    public long bytes() {
      return 4L * size() + nullBytes();
    }
  }

  /** {@code int64}, {@code timestamp}, and the times and diffs of updates. */
  public static final class Longs extends Vector {
    private final long[] values;
    private final boolean constant;

    public Longs(int size, long[] values, long @Nullable [] nulls) {
      super(size, nulls);
      this.values = values;
      this.constant = false;
    }

    private Longs(int size, long value) {
      super(size, null);
      this.values = new long[] {value};
      this.constant = true;
    }

    /** {@code value}, {@code size} times over, in the memory of one. */
    public static Longs constant(int size, long value) {
      return new Longs(size, value);
    }

    /** True iff this was made by {@link #constant}. */
    public boolean isConstant() {
      return constant;
    }

    public long get(int i) {
      return constant ? values[0] : values[i];
    }

    @Override
    public Storage storage() {
      return Storage.LONG;
    }

    @Override
    public long bytes() {
      return constant ? 8 : 8L * size() + nullBytes();
    }
  }

  /** {@code float64}. */
  public static final class Doubles extends Vector {
    private final double[] values;

    public Doubles(int size, double[] values, long @Nullable [] nulls) {
      super(size, nulls);
      this.values = values;
    }

    public double get(int i) {
      return values[i];
    }

    @Override
    public Storage storage() {
      return Storage.DOUBLE;
    }

    @Override
    public long bytes() {
      return 8L * size() + nullBytes();
    }
  }

  /** {@code decimal}: the signed 128-bit unscaled values, as their high and low halves. */
  public static final class Decimals extends Vector {
    private final long[] halves;

    /** {@code halves[2i]} is the high half of value {@code i}, {@code halves[2i+1]} the low one. */
    public Decimals(int size, long[] halves, long @Nullable [] nulls) {
      super(size, nulls);
      this.halves = halves;
    }

    public long high(int i) {
      return halves[2 * i];
    }

    public long low(int i) {
      return halves[2 * i + 1];
    }

    @Override
    public Storage storage() {
      return Storage.DECIMAL;
    }

    @Override
    public long bytes() {
      return 16L * size() + nullBytes();
    }
  }

  /** {@code string}, {@code json} and {@code bytes}: all values end to end in one array. */
  public static final class Bytes extends Vector {
    private final byte[] data;
    private final int[] offsets;

    /** Value {@code i} is {@code data[offsets[i] .. offsets[i + 1])}. */
    public Bytes(int size, byte[] data, int[] offsets, long @Nullable [] nulls) {
      super(size, nulls);
      this.data = data;
      this.offsets = offsets;
    }

    /** The array that holds all the values. Not to be written. */
    public byte[] data() {
      return data;
    }

    public int offset(int i) {
      return offsets[i];
    }

    public int length(int i) {
      return offsets[i + 1] - offsets[i];
    }

    /** A copy of value {@code i}. */
    public byte[] get(int i) {
      return Arrays.copyOfRange(data, offsets[i], offsets[i + 1]);
    }

    @Override
    public Storage storage() {
      return Storage.BYTES;
    }

    @Override
    public long bytes() {
      return 4L * size() + offsets[size()] - offsets[0] + nullBytes();
    }
  }
}
