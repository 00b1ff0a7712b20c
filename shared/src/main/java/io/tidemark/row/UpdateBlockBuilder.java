package io.tidemark.row;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;

/**
 * Builds a block row by row: set the columns of a row in any order, then end it with {@link #row}
 * (or carry an error with {@link #error}). A column that was not set is null. A row that does not
 * fit is refused whole, and the builder stands as before it. Not thread-safe.
 *
 * <p>All setters throw {@link InvalidRowException} if the column is of another type or already set
 * in this row, {@link IndexOutOfBoundsException} if there is no such column.
 */
public final class UpdateBlockBuilder {

  /** The most updates that one block may hold. */
  public static final int MAX_UPDATES = 1 << 20;

  /** The most bytes that one value of a string, json or bytes column may take. */
  public static final int MAX_VALUE_BYTES = 16 << 20;

  /** The most bytes that one block may take: a row that begins past it is refused. */
  public static final int MAX_BYTES = 128 << 20;

  private static final BigInteger LOW_HALF = BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);

  private final Schema schema;
  private final VectorBuilder[] columns;
  private final VectorBuilder.OfLongs times;
  private final VectorBuilder.OfLongs diffs;
  private final VectorBuilder.OfBytes errors;
  private final long fixedRowBytes;
  private int size;
  private int errorCount;
  private long variableBytes;

  public UpdateBlockBuilder(Schema schema) {
    this(schema, 0);
  }

  /** A builder that expects {@code capacity} updates. */
  public UpdateBlockBuilder(Schema schema, int capacity) {
    this.schema = schema;
    this.columns = new VectorBuilder[schema.size()];
    long fixed = 16;
    for (int c = 0; c < columns.length; c++) {
      ColumnType.Storage storage = schema.column(c).type().kind().storage();
      columns[c] = VectorBuilder.of(storage, capacity);
      fixed +=
          switch (storage) {
            case BOOLEAN -> 1;
            case INT, BYTES -> 4;
            case LONG, DOUBLE -> 8;
            case DECIMAL -> 16;
          };
    }
    this.fixedRowBytes = fixed;
    this.times = new VectorBuilder.OfLongs(Math.max(capacity, 16));
    this.diffs = new VectorBuilder.OfLongs(Math.max(capacity, 16));
    this.errors = new VectorBuilder.OfBytes(16);
  }

  public Schema schema() {
    return schema;
  }

  /** How many updates have been ended. */
  public int size() {
    return size;
  }

  /** About how many bytes of memory the block will take. */
  public long bytes() {
    return size * fixedRowBytes + variableBytes;
  }

  @CanIgnoreReturnValue
  public UpdateBlockBuilder bool(int column, boolean value) {
    VectorBuilder.OfBooleans target = open(column, VectorBuilder.OfBooleans.class);
    target.add(value);
    return this;
  }

  @CanIgnoreReturnValue
  public UpdateBlockBuilder int32(int column, int value) {
    expect(column, ColumnType.Kind.INT32);
    open(column, VectorBuilder.OfInts.class).add(value);
    return this;
  }

  @CanIgnoreReturnValue
  public UpdateBlockBuilder int64(int column, long value) {
    expect(column, ColumnType.Kind.INT64);
    open(column, VectorBuilder.OfLongs.class).add(value);
    return this;
  }

  /**
   * Sets a {@code float64}. Every NaN becomes the one canonical NaN, so that a retraction meets it.
   */
  @CanIgnoreReturnValue
  public UpdateBlockBuilder float64(int column, double value) {
    open(column, VectorBuilder.OfDoubles.class).add(Double.isNaN(value) ? Double.NaN : value);
    return this;
  }

  /** Sets a {@code decimal}; more digits than the type holds are refused, never rounded. */
  @CanIgnoreReturnValue
  public UpdateBlockBuilder decimal(int column, BigDecimal value) {
    VectorBuilder.OfDecimals target = open(column, VectorBuilder.OfDecimals.class);
    BigInteger unscaled = unscaled(schema.column(column), value);
    target.add(unscaled.shiftRight(64).longValue(), unscaled.and(LOW_HALF).longValue());
    return this;
  }

  @CanIgnoreReturnValue
  public UpdateBlockBuilder string(int column, String value) {
    expect(column, ColumnType.Kind.STRING);
    return text(column, value);
  }

  /** Sets a {@code json} column to the one JSON value in {@code json}, in its canonical text. */
  @CanIgnoreReturnValue
  public UpdateBlockBuilder json(int column, String json) {
    expect(column, ColumnType.Kind.JSON);
    try {
      return text(column, JsonText.canonical(json));
    } catch (InvalidRowException e) {
      throw new InvalidRowException(quoted(column) + ": " + e.getMessage(), e);
    }
  }

  @CanIgnoreReturnValue
  public UpdateBlockBuilder bytes(int column, byte[] value) {
    expect(column, ColumnType.Kind.BYTES);
    VectorBuilder.OfBytes target = open(column, VectorBuilder.OfBytes.class);
    limit(column, value.length);
    target.add(value, 0, value.length);
    return this;
  }

  @CanIgnoreReturnValue
  public UpdateBlockBuilder date(int column, LocalDate value) {
    expect(column, ColumnType.Kind.DATE);
    long days = value.toEpochDay();
    if (days != (int) days) {
      throw new InvalidRowException(quoted(column) + ": the date is out of range");
    }
    open(column, VectorBuilder.OfInts.class).add((int) days);
    return this;
  }

  /** Sets a {@code timestamp}; what is finer than a microsecond is refused, never rounded. */
  @CanIgnoreReturnValue
  public UpdateBlockBuilder timestamp(int column, Instant value) {
    if (value.getNano() % 1000 != 0) {
      throw new InvalidRowException(
          quoted(column) + ": a timestamp has at most six digits after the second");
    }
    try {
      long micros = Math.multiplyExact(value.getEpochSecond(), 1_000_000L);
      return timestampMicros(column, Math.addExact(micros, value.getNano() / 1000));
    } catch (ArithmeticException e) {
      throw new InvalidRowException(quoted(column) + ": the timestamp is out of range", e);
    }
  }

  /** Sets a {@code timestamp} from microseconds since the epoch. */
  @CanIgnoreReturnValue
  public UpdateBlockBuilder timestampMicros(int column, long micros) {
    expect(column, ColumnType.Kind.TIMESTAMP);
    open(column, VectorBuilder.OfLongs.class).add(micros);
    return this;
  }

  /**
   * Ends the row.
   *
   * @param time when the row changes; 0 where the collection gives the times
   * @param diff how many times it appears (or, negative, disappears); not 0
   * @throws InvalidRowException if a column that must be set is not, or the diff or time is out of
   *     range; the row is then gone
   */
  public void row(long time, long diff) {
    try {
      checkEnd(time, diff);
      for (int c = 0; c < columns.length; c++) {
        if (columns[c].size == size) {
          if (!schema.column(c).nullable()) {
            throw new InvalidRowException(
                quoted(c) + " is missing: it is not nullable, so every row must give it");
          }
          columns[c].addNull();
        }
      }
      if (errorCount > 0) {
        errors.addNull();
      }
    } catch (InvalidRowException e) {
      cancel();
      throw e;
    }
    end(time, diff);
  }

  /** Ends an update that carries an error as data in the place of a row. No column may be set. */
  public void error(String text, long time, long diff) {
    try {
      checkEnd(time, diff);
      for (VectorBuilder column : columns) {
        if (column.size > size) {
          throw new InvalidRowException("an error carried as data has no columns");
        }
      }
      byte[] utf8 = Utf8.encode(text);
      if (utf8.length > MAX_VALUE_BYTES) {
        throw new InvalidRowException("an error's text is at most " + MAX_VALUE_BYTES + " bytes");
      }
      addError(utf8, 0, utf8.length);
    } catch (InvalidRowException e) {
      cancel();
      throw e;
    }
    end(time, diff);
  }

  private void addError(byte[] utf8, int from, int length) {
    for (VectorBuilder column : columns) {
      column.addNull();
    }
    while (errors.size < size) {
      errors.addNull();
    }
    errors.add(utf8, from, length);
    errorCount++;
    variableBytes += length + 4;
  }

  /** Takes back the columns that were set since the last row ended. */
  public void cancel() {
    for (VectorBuilder column : columns) {
      if (column.size > size) {
        if (column instanceof VectorBuilder.OfBytes bytes) {
          variableBytes -= bytes.lastLength();
        }
        column.truncate(size);
      }
    }
    errors.truncate(Math.min(errors.size, size));
  }

  /** Appends update {@code i} of a block of the same schema. */
  public void copy(UpdateBlock source, int i) {
    checkRoom();
    if (source.errors() != null && source.isError(i)) {
      Vector.Bytes texts = source.errors();
      addError(texts.data(), texts.offset(i), texts.length(i));
    } else {
      for (int c = 0; c < columns.length; c++) {
        Vector from = source.column(c);
        columns[c].addFrom(from, i);
        if (from instanceof Vector.Bytes bytes) {
          variableBytes += bytes.length(i);
        }
      }
      if (errorCount > 0) {
        errors.addNull();
      }
    }
    end(source.times().get(i), source.diffs().get(i));
  }

  /** The block of all ended updates. The builder must not be used any more. */
  public UpdateBlock build() {
    cancel();
    List<Vector> vectors = new ArrayList<>(columns.length);
    for (VectorBuilder column : columns) {
      vectors.add(column.build());
    }
    return new UpdateBlock(
        schema,
        vectors,
        times.buildCompact(),
        diffs.buildCompact(),
        errorCount == 0 ? null : errors.build());
  }

  private void end(long time, long diff) {
    times.add(time);
    diffs.add(diff);
    size++;
  }

  private void checkRoom() {
    if (size >= MAX_UPDATES) {
      throw new InvalidRowException("a message holds at most " + MAX_UPDATES + " rows");
    }
    if (bytes() > MAX_BYTES) {
      throw new InvalidRowException("a message holds at most " + MAX_BYTES + " bytes of rows");
    }
  }

  private void checkEnd(long time, long diff) {
    checkRoom();
    if (time < 0 || time == Long.MAX_VALUE) {
      throw new InvalidRowException(
          "'" + Schema.TIME + "' is " + time + ": give 0 to " + (Long.MAX_VALUE - 1));
    }
    if (diff == 0) {
      throw new InvalidRowException("'" + Schema.DIFF + "' is 0: leave the row out");
    }
  }

  private UpdateBlockBuilder text(int column, String value) {
    VectorBuilder.OfBytes target = open(column, VectorBuilder.OfBytes.class);
    if (value.length() > MAX_VALUE_BYTES / 3) {
      limit(column, Utf8.encode(value).length);
    }
    int before = target.dataBytes();
    target.add(value);
    variableBytes += target.dataBytes() - before;
    return this;
  }

  private void limit(int column, int length) {
    if (length > MAX_VALUE_BYTES) {
      throw new InvalidRowException(
          quoted(column) + ": a value is at most " + MAX_VALUE_BYTES + " bytes, not " + length);
    }
  }

  private void expect(int column, ColumnType.Kind kind) {
    if (schema.column(column).type().kind() != kind) {
      throw mismatch(column);
    }
  }

  private <B extends VectorBuilder> B open(int column, Class<B> expected) {
    VectorBuilder target = columns[column];
    if (!expected.isInstance(target)) {
      throw mismatch(column);
    }
    if (target.size > size) {
      throw new InvalidRowException(quoted(column) + " is given twice in one row");
    }
    return expected.cast(target);
  }

  private InvalidRowException mismatch(int column) {
    return new InvalidRowException(
        quoted(column) + " holds values of type " + schema.column(column).type());
  }

  private String quoted(int column) {
    return "column '" + schema.column(column).name() + "'";
  }

  private static BigInteger unscaled(Column column, BigDecimal value) {
    ColumnType type = column.type();
    // Bound the work before asking for the digits: 1e999999999 must not become a number in memory.
    BigDecimal stripped = value.stripTrailingZeros();
    long integerDigits = (long) stripped.precision() - stripped.scale();
    boolean zero = stripped.signum() == 0;
    if (!zero
        && (stripped.scale() > type.scale() || integerDigits > type.precision() - type.scale())) {
      throw new InvalidRowException(
          "column '" + column.name() + "': a number does not fit in " + type);
    }
    return zero ? BigInteger.ZERO : stripped.setScale(type.scale()).unscaledValue();
  }
}
