package io.tidemark.row;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Some updates of one collection, column by column. Immutable, so it may be handed between threads
 * and over the local event bus without a copy.
 *
 * <p>An update is a row <em>or</em> an error carried as data. In an error's row every column is
 * null.
 */
public final class UpdateBlock {

  private final Schema schema;
  private final int size;
  private final List<Vector> columns;
  private final Vector.Longs times;
  private final Vector.Longs diffs;
  private final Vector.@Nullable Bytes errors;
  private final long bytes;

  /**
   * A block of these vectors, all of one size, with the storage of the schema's columns in order.
   *
   * @param errors the error texts, null where the update is a row; null if all of them are rows
   */
  public UpdateBlock(
      Schema schema,
      List<Vector> columns,
      Vector.Longs times,
      Vector.Longs diffs,
      Vector.@Nullable Bytes errors) {
    this.schema = schema;
    this.size = times.size();
    this.columns = List.copyOf(columns);
    this.times = times;
    this.diffs = diffs;
    this.errors = errors;
    check(this.columns.size() == schema.size(), "as many vectors as columns");
    check(diffs.size() == size, "as many diffs as times");
    check(errors == null || errors.size() == size, "as many errors as times");
    long sum = times.bytes() + diffs.bytes() + (errors == null ? 0 : errors.bytes());
    for (int c = 0; c < schema.size(); c++) {
      Vector vector = this.columns.get(c);
      check(vector.size() == size, "vectors of one size");
      check(
          vector.storage() == schema.column(c).type().kind().storage(), "the storage of the type");
      sum += vector.bytes();
    }
    this.bytes = sum;
  }

  private static void check(boolean holds, String what) {
    if (!holds) {
      throw new IllegalArgumentException("a block needs " + what);
    }
  }

  public Schema schema() {
    return schema;
  }

  /** How many updates the block holds. */
  public int size() {
    return size;
  }

  public boolean isEmpty() {
    return size == 0;
  }

  /** About how many bytes of memory the block takes. */
  public long bytes() {
    return bytes;
  }

  public Vector column(int index) {
    return columns.get(index);
  }

  public Vector.Longs times() {
    return times;
  }

  public Vector.Longs diffs() {
    return diffs;
  }

  /** The error texts, null where the update is a row; null if every update is a row. */
  public Vector.@Nullable Bytes errors() {
    return errors;
  }

  public boolean isError(int i) {
    return errors != null && !errors.isNull(i);
  }

  /** The text of the error that update {@code i} carries, or null if it is a row. */
  public @Nullable String error(int i) {
    return errors == null || errors.isNull(i)
        ? null
        : new String(errors.get(i), StandardCharsets.UTF_8);
  }

  /**
   * The value of a column in update {@code i}, as the Java type that fits: {@link Boolean}, {@link
   * Integer}, {@link Long}, {@link Double}, {@link BigDecimal} (of the scale of the type), {@link
   * String} (for {@code json} its canonical text), {@code byte[]}, {@link LocalDate} or {@link
   * Instant}. Null if it is null, or the update carries an error.
   */
  public @Nullable Object value(int column, int i) {
    Vector vector = columns.get(column);
    if (vector.isNull(i)) {
      return null;
    }
    ColumnType type = schema.column(column).type();
    return switch (type.kind()) {
      case BOOL -> ((Vector.Booleans) vector).get(i);
      case INT32 -> ((Vector.Ints) vector).get(i);
      case INT64 -> ((Vector.Longs) vector).get(i);
      case FLOAT64 -> ((Vector.Doubles) vector).get(i);
      case DECIMAL -> {
        Vector.Decimals decimals = (Vector.Decimals) vector;
        yield new BigDecimal(Decimal128.unscaled(decimals.high(i), decimals.low(i)), type.scale());
      }
      case STRING, JSON -> new String(((Vector.Bytes) vector).get(i), StandardCharsets.UTF_8);
      case BYTES -> ((Vector.Bytes) vector).get(i);
      case DATE -> LocalDate.ofEpochDay(((Vector.Ints) vector).get(i));
      case TIMESTAMP -> IsoTime.instant(((Vector.Longs) vector).get(i));
    };
  }

  /** The least time; {@link Long#MAX_VALUE} for an empty block. */
  public long minTime() {
    long min = Long.MAX_VALUE;
    for (int i = 0; i < (times.isConstant() ? Math.min(1, size) : size); i++) {
      min = Math.min(min, times.get(i));
    }
    return min;
  }

  /** The greatest time; -1 for an empty block. */
  public long maxTime() {
    long max = -1;
    for (int i = 0; i < (times.isConstant() ? Math.min(1, size) : size); i++) {
      max = Math.max(max, times.get(i));
    }
    return max;
  }

  /** The same updates, all at {@code time}. */
  public UpdateBlock at(long time) {
    return withTimes(Vector.Longs.constant(size, time));
  }

  /** The same updates, each no earlier than {@code time}. */
  public UpdateBlock noEarlierThan(long time) {
    if (times.isConstant()) {
      return size > 0 && times.get(0) < time ? at(time) : this;
    }
    long[] advanced = new long[size];
    for (int i = 0; i < size; i++) {
      advanced[i] = Math.max(times.get(i), time);
    }
    return withTimes(new Vector.Longs(size, advanced, null));
  }

  /**
   * The same updates under a newer schema of the collection, in which they have no value in the
   * columns that were added; or under an older one, if they have none in those that it lacks.
   *
   * @throws IllegalArgumentException if neither schema has evolved from the other, or a value would
   *     be lost
   */
  public UpdateBlock under(Schema other) {
    if (schema.equals(other)) {
      return this;
    }
    if (!other.extendsFrom(schema)) {
      checkFits(other);
    }
    List<Vector> vectors =
        new ArrayList<>(columns.subList(0, Math.min(schema.size(), other.size())));
    for (int c = schema.size(); c < other.size(); c++) {
      vectors.add(Vector.nulls(other.column(c).type().kind().storage(), size));
    }
    return new UpdateBlock(other, vectors, times, diffs, errors);
  }

  private void checkFits(Schema older) {
    if (!schema.extendsFrom(older)) {
      throw new IllegalArgumentException("a block of " + schema + " is none of " + older);
    }
    for (int c = 0; c < schema.size(); c++) {
      boolean lacks = c >= older.size();
      for (int i = 0; (lacks || !older.column(c).nullable()) && i < size; i++) {
        if (!isError(i) && columns.get(c).isNull(i) != lacks) {
          throw new IllegalArgumentException(
              "column '" + schema.column(c).name() + "' of a row fits no schema of " + older);
        }
      }
    }
  }

  private UpdateBlock withTimes(Vector.Longs newTimes) {
    return new UpdateBlock(schema, columns, newTimes, diffs, errors);
  }

  /** The updates whose index {@code keep} accepts; this very block if it accepts all of them. */
  public UpdateBlock select(IntPredicate keep) {
    int kept = 0;
    for (int i = 0; i < size; i++) {
      kept += keep.test(i) ? 1 : 0;
    }
    if (kept == size) {
      return this;
    }
    UpdateBlockBuilder builder = new UpdateBlockBuilder(schema, kept);
    for (int i = 0; i < size; i++) {
      if (keep.test(i)) {
        builder.copy(this, i);
      }
    }
    return builder.build();
  }
}
