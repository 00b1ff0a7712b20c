package io.tidemark.persist.part;

import io.tidemark.row.ColumnType;
import io.tidemark.row.Vector;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.apache.parquet.column.values.ValuesReader;
import org.jspecify.annotations.Nullable;

/** Gathers the values that parquet-java decodes into one vector after another. */
abstract class ValueDecoder {

  static ValueDecoder of(ColumnType type) {
    return switch (type.kind().storage()) {
      case BOOLEAN -> new Booleans();
      case INT -> new Ints();
      case LONG -> new Longs();
      case DOUBLE -> new Doubles();
      case DECIMAL -> new Decimals();
      case BYTES -> new Bytes();
    };
  }

  /** Begins a vector of {@code size} values. */
  abstract void begin(int size);

  /** Sets the values from index {@code from} to {@code to} that are not null to the next ones. */
  abstract void read(ValuesReader in, int from, int to, long @Nullable [] nulls);

  /** The vector, all of whose values have been read. */
  abstract Vector build(int size, long @Nullable [] nulls);

  private static boolean isNull(long @Nullable [] nulls, int i) {
    return nulls != null && (nulls[i >> 6] & (1L << i)) != 0;
  }

  private static final class Booleans extends ValueDecoder {
    private boolean[] values = {};

    @Override
    void begin(int size) {
      values = new boolean[size];
    }

    @Override
    void read(ValuesReader in, int from, int to, long @Nullable [] nulls) {
      for (int i = from; i < to; i++) {
        if (!isNull(nulls, i)) {
          values[i] = in.readBoolean();
        }
      }
    }

    @Override
    Vector build(int size, long @Nullable [] nulls) {
      return new Vector.Booleans(size, values, nulls);
    }
  }

  private static final class Ints extends ValueDecoder {
    private int[] values = {};

    @Override
    void begin(int size) {
      values = new int[size];
    }

    @Override
    void read(ValuesReader in, int from, int to, long @Nullable [] nulls) {
      for (int i = from; i < to; i++) {
        if (!isNull(nulls, i)) {
          values[i] = in.readInteger();
        }
      }
    }

    @Override
    Vector build(int size, long @Nullable [] nulls) {
      return new Vector.Ints(size, values, nulls);
    }
  }

  private static final class Longs extends ValueDecoder {
    private long[] values = {};

    @Override
    void begin(int size) {
      values = new long[size];
    }

    @Override
    void read(ValuesReader in, int from, int to, long @Nullable [] nulls) {
      for (int i = from; i < to; i++) {
        if (!isNull(nulls, i)) {
          values[i] = in.readLong();
        }
      }
    }

    @Override
    Vector build(int size, long @Nullable [] nulls) {
      return new Vector.Longs(size, values, nulls);
    }
  }

  private static final class Doubles extends ValueDecoder {
    private double[] values = {};

    @Override
    void begin(int size) {
      values = new double[size];
    }

    @Override
    void read(ValuesReader in, int from, int to, long @Nullable [] nulls) {
      for (int i = from; i < to; i++) {
        if (!isNull(nulls, i)) {
          values[i] = in.readDouble();
        }
      }
    }

    @Override
    Vector build(int size, long @Nullable [] nulls) {
      return new Vector.Doubles(size, values, nulls);
    }
  }

  private static final class Decimals extends ValueDecoder {
    private long[] halves = {};

    @Override
    void begin(int size) {
      halves = new long[2 * size];
    }

    @Override
    void read(ValuesReader in, int from, int to, long @Nullable [] nulls) {
      for (int i = from; i < to; i++) {
        if (!isNull(nulls, i)) {
          ByteBuffer value = in.readBytes().toByteBuffer();
          halves[2 * i] = value.getLong();
          halves[2 * i + 1] = value.getLong();
        }
      }
    }

    @Override
    Vector build(int size, long @Nullable [] nulls) {
      return new Vector.Decimals(size, halves, nulls);
    }
  }

  private static final class Bytes extends ValueDecoder {
    private byte[] data = {};
    private int[] offsets = {};

    @Override
    void begin(int size) {
      data = new byte[data.length];
      offsets = new int[size + 1];
    }

    @Override
    void read(ValuesReader in, int from, int to, long @Nullable [] nulls) {
      PlainBytesReader values = (PlainBytesReader) in;
      int at = offsets[from];
      for (int i = from; i < to; i++) {
        if (!isNull(nulls, i)) {
          int length = values.nextLength();
          int end = Math.addExact(at, length);
          if (end > data.length) {
            data = Arrays.copyOf(data, Math.max(end, 2 * data.length));
          }
          values.nextBytes(data, at, length);
          at = end;
        }
        offsets[i + 1] = at;
      }
    }

    @Override
    Vector build(int size, long @Nullable [] nulls) {
      return new Vector.Bytes(size, data, offsets, nulls);
    }
  }
}
