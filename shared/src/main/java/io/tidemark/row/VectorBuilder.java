package io.tidemark.row;

import io.tidemark.row.ColumnType.Storage;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A growing vector. Values are appended in order; {@link #truncate} takes back the last ones, so
 * that a row that turns out to be bad leaves nothing behind.
 */
abstract sealed class VectorBuilder {

  private static final int MIN_CAPACITY = 16;

  int size;
  private long @Nullable [] nulls;

  static VectorBuilder of(Storage storage, int capacity) {
    int room = Math.max(capacity, MIN_CAPACITY);
    return switch (storage) {
      case BOOLEAN -> new OfBooleans(room);
      case INT -> new OfInts(room);
      case LONG -> new OfLongs(room);
      case DOUBLE -> new OfDoubles(room);
      case DECIMAL -> new OfDecimals(room);
      case BYTES -> new OfBytes(room);
    };
  }

  /** Appends a null. */
  final void addNull() {
    addPlaceholder();
    int at = size - 1;
    if (nulls == null) {
      nulls = new long[words(Math.max(size, MIN_CAPACITY))];
    } else if (words(size) > nulls.length) {
      nulls = Arrays.copyOf(nulls, Math.max(words(size), grown(nulls.length)));
    }
    nulls[at >> 6] |= 1L << at;
  }

  /** Appends value {@code i} of {@code source}, a vector of the same storage. */
  final void addFrom(Vector source, int i) {
    if (source.isNull(i)) {
      addNull();
    } else {
      addValueFrom(source, i);
    }
  }

  final boolean isNull(int i) {
    return nulls != null && i < nulls.length << 6 && (nulls[i >> 6] & (1L << i)) != 0;
  }

  final void truncate(int newSize) {
    if (nulls != null) {
      for (int i = newSize; i < Math.min(size, nulls.length << 6); i++) {
        nulls[i >> 6] &= ~(1L << i);
      }
    }
    size = newSize;
  }

  /** The null bits, of exactly as many words as the vector needs; null if there is no null. */
  final long @Nullable [] builtNulls() {
    if (nulls == null) {
      return null;
    }
    long any = 0;
    for (long word : nulls) {
      any |= word;
    }
    return any == 0 ? null : Arrays.copyOf(nulls, words(size));
  }

  static int words(int size) {
    return (size + 63) >> 6;
  }

  static int grown(int capacity) {
    return Math.addExact(capacity, capacity);
  }

  abstract void addPlaceholder();

  abstract void addValueFrom(Vector source, int i);

  abstract Vector build();

  /**
   * Whether an array is to be cut before a block keeps it: a message of one row would else hold on
   * to the room for thousands, and what waits for an answer is many messages.
   */
  private static boolean isWide(int used, int length) {
    return used < length / 2;
  }

  static final class OfBooleans extends VectorBuilder {
    private boolean[] values;

    OfBooleans(int capacity) {
      values = new boolean[capacity];
    }

    void add(boolean value) {
      if (size == values.length) {
        values = Arrays.copyOf(values, grown(size));
      }
      values[size++] = value;
    }

    @Override
    void addPlaceholder() {
      add(false);
    }

    @Override
    void addValueFrom(Vector source, int i) {
      add(((Vector.Booleans) source).get(i));
    }

    @Override
    Vector build() {
      return new Vector.Booleans(
          size, isWide(size, values.length) ? Arrays.copyOf(values, size) : values, builtNulls());
    }
  }

  static final class OfInts extends VectorBuilder {
    private int[] values;

    OfInts(int capacity) {
      values = new int[capacity];
    }

    void add(int value) {
      if (size == values.length) {
        values = Arrays.copyOf(values, grown(size));
      }
      values[size++] = value;
    }

    @Override
    void addPlaceholder() {
      add(0);
    }

    @Override
    void addValueFrom(Vector source, int i) {
      add(((Vector.Ints) source).get(i));
    }

    @Override
    Vector build() {
      return new Vector.Ints(
          size, isWide(size, values.length) ? Arrays.copyOf(values, size) : values, builtNulls());
    }
  }

  static final class OfLongs extends VectorBuilder {
    private long[] values;

    /** Where the first value stands that is not the same as all before it; too far if none is. */
    private int firstOther = Integer.MAX_VALUE;

    OfLongs(int capacity) {
      values = new long[capacity];
    }

    void add(long value) {
      if (size == values.length) {
        values = Arrays.copyOf(values, grown(size));
      }
      if (firstOther >= size) {
        firstOther = size > 0 && value != values[0] ? size : Integer.MAX_VALUE;
      }
      values[size++] = value;
    }

    @Override
    void addPlaceholder() {
      add(0);
    }

    @Override
    void addValueFrom(Vector source, int i) {
      add(((Vector.Longs) source).get(i));
    }

    @Override
    Vector.Longs build() {
      return new Vector.Longs(
          size, isWide(size, values.length) ? Arrays.copyOf(values, size) : values, builtNulls());
    }

    /** As {@link #build}, but a run of one value takes the memory of one. */
    Vector.Longs buildCompact() {
      return firstOther >= size ? Vector.Longs.constant(size, size == 0 ? 0 : values[0]) : build();
    }
  }

  static final class OfDoubles extends VectorBuilder {
    private double[] values;

    OfDoubles(int capacity) {
      values = new double[capacity];
    }

    void add(double value) {
      if (size == values.length) {
        values = Arrays.copyOf(values, grown(size));
      }
      values[size++] = value;
    }

    @Override
    void addPlaceholder() {
      add(0);
    }

    @Override
    void addValueFrom(Vector source, int i) {
      add(((Vector.Doubles) source).get(i));
    }

    @Override
    Vector build() {
      return new Vector.Doubles(
          size, isWide(size, values.length) ? Arrays.copyOf(values, size) : values, builtNulls());
    }
  }

  static final class OfDecimals extends VectorBuilder {
    private long[] halves;

    OfDecimals(int capacity) {
      halves = new long[2 * capacity];
    }

    void add(long high, long low) {
      if (2 * size == halves.length) {
        halves = Arrays.copyOf(halves, grown(2 * size));
      }
      halves[2 * size] = high;
      halves[2 * size + 1] = low;
      size++;
    }

    @Override
    void addPlaceholder() {
      add(0, 0);
    }

    @Override
    void addValueFrom(Vector source, int i) {
      Vector.Decimals decimals = (Vector.Decimals) source;
      add(decimals.high(i), decimals.low(i));
    }

    @Override
    Vector build() {
      return new Vector.Decimals(
          size,
          isWide(2 * size, halves.length) ? Arrays.copyOf(halves, 2 * size) : halves,
          builtNulls());
    }
  }

  static final class OfBytes extends VectorBuilder {
    private byte[] data;
    private int[] offsets;

    OfBytes(int capacity) {
      data = new byte[Math.multiplyExact(capacity, 8)];
      offsets = new int[capacity + 1];
    }

    void add(byte[] source, int from, int length) {
      int end = reserve(length);
      System.arraycopy(source, from, data, end - length, length);
    }

    /** Appends a text that is all ASCII, without a byte array in between. */
    @SuppressWarnings("deprecation") // getBytes(int, int, byte[], int) is exact for ASCII, and fast
    void addAscii(String text) {
      int length = text.length();
      int end = reserve(length);
      text.getBytes(0, length, data, end - length);
    }

    /** As {@link #addAscii(String)}, from part of an array. */
    void addAscii(char[] chars, int from, int length) {
      int at = reserve(length) - length;
      for (int i = 0; i < length; i++) {
        data[at + i] = (byte) chars[from + i];
      }
    }

    /** Makes room for one more value of this length and returns where it ends. */
    private int reserve(int length) {
      if (size + 1 == offsets.length) {
        offsets = Arrays.copyOf(offsets, grown(offsets.length));
      }
      int end = Math.addExact(offsets[size], length);
      if (end > data.length) {
        data = Arrays.copyOf(data, Math.max(end, grown(data.length)));
      }
      offsets[++size] = end;
      return end;
    }

    @Override
    void addPlaceholder() {
      add(data, 0, 0);
    }

    @Override
    void addValueFrom(Vector source, int i) {
      Vector.Bytes bytes = (Vector.Bytes) source;
      add(bytes.data(), bytes.offset(i), bytes.length(i));
    }

    @Override
    Vector.Bytes build() {
      int used = offsets[size];
      return new Vector.Bytes(
          size,
          isWide(used, data.length) ? Arrays.copyOf(data, used) : data,
          isWide(size + 1, offsets.length) ? Arrays.copyOf(offsets, size + 1) : offsets,
          builtNulls());
    }

    /** How many bytes the values from {@code from} on take. */
    int bytesFrom(int from) {
      return offsets[size] - offsets[from];
    }
  }
}
