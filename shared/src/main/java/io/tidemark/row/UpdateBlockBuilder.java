package io.tidemark.row;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.tidemark.row.ColumnType.Kind;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Builds a block row by row: set the columns of a row in any order, then end it with {@link #row}
 * (or carry an error with {@link #error}). A column that was not set is null. Not thread-safe.
 *
 * <p>A row that does not fit is refused whole: whatever throws {@link InvalidRowException}, a
 * setter too, takes back the columns that the row had set, and the builder stands as before it.
 *
 * <p>All setters throw {@link InvalidRowException} if the column is of another type or already set
 * in this row, or the value is too large; {@link IndexOutOfBoundsException} if there is no such
 * column.
 */
public final class UpdateBlockBuilder {

  /** The most updates that one block may hold. */
  public static final int MAX_UPDATES = 1 << 20;

  /** The most bytes that one value of a string, json or bytes column may take. */
  public static final int MAX_VALUE_BYTES = 16 << 20;

  /** The most bytes that one block may take, as {@link #bytes} counts them. */
  public static final int MAX_BYTES = 128 << 20;

  /** In the place of a column: the text of an error. */
  private static final int ERROR = -1;

  private final Schema schema;
  private final Kind[] kinds;
  private final VectorBuilder[] columns;
  private final VectorBuilder.OfLongs times;
  private final VectorBuilder.OfLongs diffs;
  private final ErrorsBuilder errors = new ErrorsBuilder();
  private final long rowBytes;
  private int size;
  private long variableBytes;

  public UpdateBlockBuilder(Schema schema) {
    this(schema, 0);
  }

  /** A builder that expects {@code capacity} updates. */
  public UpdateBlockBuilder(Schema schema, int capacity) {
    this.schema = schema;
    this.kinds = new Kind[schema.size()];
    this.columns = new VectorBuilder[schema.size()];
    for (int c = 0; c < columns.length; c++) {
      kinds[c] = schema.column(c).type().kind();
      columns[c] = VectorBuilder.of(kinds[c].storage(), capacity);
    }
    this.rowBytes = schema.rowBytes();
    this.times = new VectorBuilder.OfLongs(Math.max(capacity, 16));
    this.diffs = new VectorBuilder.OfLongs(Math.max(capacity, 16));
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
    return size * rowBytes + variableBytes + errors.bytes();
  }

  @CanIgnoreReturnValue
  public UpdateBlockBuilder bool(int column, boolean value) {
    ((VectorBuilder.OfBooleans) open(column, Kind.BOOL)).add(value);
    return this;
  }

  @CanIgnoreReturnValue
  public UpdateBlockBuilder int32(int column, int value) {
    ((VectorBuilder.OfInts) open(column, Kind.INT32)).add(value);
    return this;
  }

  @CanIgnoreReturnValue
  public UpdateBlockBuilder int64(int column, long value) {
    ((VectorBuilder.OfLongs) open(column, Kind.INT64)).add(value);
    return this;
  }

  /**
   * Sets a {@code float64}. Equal numbers become one value, so that a retraction meets its row:
   * every NaN becomes the canonical NaN, and -0.0 becomes 0.0.
   */
  @CanIgnoreReturnValue
  public UpdateBlockBuilder float64(int column, double value) {
    ((VectorBuilder.OfDoubles) open(column, Kind.FLOAT64)).add(canonical(value));
    return this;
  }

  static double canonical(double value) {
    return Double.isNaN(value) ? Double.NaN : value + 0.0;
  }

  /** Sets a {@code decimal}; more digits than the type holds are refused, never rounded. */
  @CanIgnoreReturnValue
  public UpdateBlockBuilder decimal(int column, BigDecimal value) {
    VectorBuilder.OfDecimals target = (VectorBuilder.OfDecimals) open(column, Kind.DECIMAL);
    ColumnType type = schema.column(column).type();
    BigInteger unscaled = Decimal128.unscaled(value, type);
    if (unscaled == null) {
      throw refused(column, "a number does not fit in " + type);
    }
    target.add(Decimal128.high(unscaled), Decimal128.low(unscaled));
    return this;
  }

  @CanIgnoreReturnValue
  public UpdateBlockBuilder string(int column, String value) {
    VectorBuilder.OfBytes target = (VectorBuilder.OfBytes) open(column, Kind.STRING);
    if (Utf8.isAscii(value)) {
      admit(column, value.length());
      target.addAscii(value);
      return this;
    }
    return add(column, target, utf8(column, value));
  }

  /** As {@link #string(int, String)}, from part of an array. */
  void string(int column, char[] chars, int from, int length) {
    VectorBuilder.OfBytes target = (VectorBuilder.OfBytes) open(column, Kind.STRING);
    if (Utf8.isAscii(chars, from, length)) {
      admit(column, length);
      target.addAscii(chars, from, length);
    } else {
      add(column, target, utf8(column, new String(chars, from, length)));
    }
  }

  /**
   * Sets a {@code json} column to the one JSON value in {@code json}, in its canonical text. The
   * value null is no value: it leaves the column null.
   */
  @CanIgnoreReturnValue
  public UpdateBlockBuilder json(int column, String json) {
    CanonicalJson canonical = new CanonicalJson();
    byte[] utf8 = utf8(column, json);
    try {
      canonical.write(utf8, 0, utf8.length);
    } catch (InvalidRowException e) {
      throw refused(column, e.getMessage());
    }
    json(column, canonical);
    return this;
  }

  /** Sets a {@code json} column to the value that was written last. */
  void json(int column, CanonicalJson json) {
    VectorBuilder.OfBytes target = (VectorBuilder.OfBytes) open(column, Kind.JSON);
    ByteSink text = json.text();
    if (!json.isNull()) {
      admit(column, text.length());
      target.add(text.data(), 0, text.length());
    }
  }

  @CanIgnoreReturnValue
  public UpdateBlockBuilder bytes(int column, byte[] value) {
    return add(column, (VectorBuilder.OfBytes) open(column, Kind.BYTES), value);
  }

  @CanIgnoreReturnValue
  public UpdateBlockBuilder date(int column, LocalDate value) {
    return dateDays(column, value.toEpochDay());
  }

  /** Sets a {@code date} from days since 1970-01-01. */
  @CanIgnoreReturnValue
  public UpdateBlockBuilder dateDays(int column, long days) {
    VectorBuilder.OfInts target = (VectorBuilder.OfInts) open(column, Kind.DATE);
    if (days != (int) days) {
      throw refused(column, "the date is out of range");
    }
    target.add((int) days);
    return this;
  }

  /** Sets a {@code timestamp}; what is finer than a microsecond is refused, never rounded. */
  @CanIgnoreReturnValue
  public UpdateBlockBuilder timestamp(int column, Instant value) {
    try {
      return timestampMicros(column, IsoTime.micros(value));
    } catch (DateTimeException e) {
      throw refused(column, e.getMessage());
    }
  }

  /** Sets a {@code timestamp} from microseconds since the epoch. */
  @CanIgnoreReturnValue
  public UpdateBlockBuilder timestampMicros(int column, long micros) {
    ((VectorBuilder.OfLongs) open(column, Kind.TIMESTAMP)).add(micros);
    return this;
  }

  /**
   * Ends the row.
   *
   * @param time when the row changes; 0 where the collection gives the times
   * @param diff how many times it appears (or, negative, disappears); not 0
   * @throws InvalidRowException if a column that must be set is not, the diff or time is out of
   *     range, or the block is full; the row is then gone
   */
  public void row(long time, long diff) {
    checkEnd(time, diff);
    checkRoom(0);
    for (int c = 0; c < columns.length; c++) {
      if (columns[c].size == size) {
        if (!schema.column(c).nullable()) {
          cancel();
          throw InvalidRowException.ofOtherSchema(
              "column '"
                  + schema.column(c).name()
                  + "': has no value: it is not nullable, so every row must give it");
        }
        columns[c].addNull();
      }
    }
    errors.addRow();
    end(time, diff);
  }

  /**
   * Ends an update that carries an error as data in the place of a row.
   *
   * @throws InvalidRowException if a column is set, the text is too long or no text, the diff or
   *     time is out of range, or the block is full
   */
  public void error(String text, long time, long diff) {
    checkEnd(time, diff);
    for (VectorBuilder column : columns) {
      if (column.size > size) {
        throw refused("an error carried as data has no columns");
      }
    }
    byte[] utf8 = utf8(ERROR, text);
    checkLength(ERROR, utf8.length);
    checkRoom(ErrorsBuilder.ERROR_BYTES + utf8.length);
    addError(utf8, 0, utf8.length);
    end(time, diff);
  }

  private void addError(byte[] utf8, int from, int length) {
    for (VectorBuilder column : columns) {
      column.addNull();
    }
    errors.addError(size, utf8, from, length);
  }

  /** Takes back the columns that were set since the last row ended. */
  public void cancel() {
    truncate(size);
  }

  /**
   * Takes back every update from the {@code newSize}-th on, and the columns of the row that is not
   * ended.
   */
  public void truncate(int newSize) {
    Objects.checkIndex(newSize, size + 1);
    for (VectorBuilder column : columns) {
      if (column.size > newSize) {
        if (column instanceof VectorBuilder.OfBytes bytes) {
          variableBytes -= bytes.bytesFrom(newSize);
        }
        column.truncate(newSize);
      }
    }
    errors.truncate(newSize);
    times.truncate(newSize);
    diffs.truncate(newSize);
    size = newSize;
  }

  /**
   * Appends update {@code i} of a block of the same schema. A row that is not ended is taken back.
   *
   * @throws InvalidRowException if this block is full
   */
  public void copy(UpdateBlock source, int i) {
    if (!schema.equals(source.schema())) {
      throw new IllegalArgumentException("the block has other columns: " + source.schema());
    }
    cancel();
    Vector.Bytes texts = source.errors();
    if (texts != null && !texts.isNull(i)) {
      checkRoom(ErrorsBuilder.ERROR_BYTES + texts.length(i));
      addError(texts.data(), texts.offset(i), texts.length(i));
    } else {
      copyRow(source, i);
    }
    end(source.times().get(i), source.diffs().get(i));
  }

  private void copyRow(UpdateBlock source, int i) {
    long length = 0;
    for (int c = 0; c < columns.length; c++) {
      if (source.column(c) instanceof Vector.Bytes bytes && !bytes.isNull(i)) {
        length += bytes.length(i);
      }
    }
    checkRoom(length);
    for (int c = 0; c < columns.length; c++) {
      columns[c].addFrom(source.column(c), i);
    }
    variableBytes += length;
    errors.addRow();
  }

  /** Appends all updates of a block of the same schema. */
  public void copyAll(UpdateBlock source) {
    for (int i = 0; i < source.size(); i++) {
      copy(source, i);
    }
  }

  /** The block of all ended updates. The builder must not be used any more. */
  public UpdateBlock build() {
    cancel();
    List<Vector> vectors = new ArrayList<>(columns.length);
    for (VectorBuilder column : columns) {
      vectors.add(column.build());
    }
    return new UpdateBlock(
        schema, vectors, times.buildCompact(), diffs.buildCompact(), errors.build());
  }

  private void end(long time, long diff) {
    times.add(time);
    diffs.add(diff);
    size++;
  }

  /** Refuses the row if with it, and {@code more} bytes, the block would be too large. */
  private void checkRoom(long more) {
    if (size >= MAX_UPDATES) {
      throw refused("a message holds at most " + MAX_UPDATES + " rows");
    }
    if (bytes() + rowBytes + more > MAX_BYTES) {
      throw refused("a message holds at most " + MAX_BYTES + " bytes of rows");
    }
  }

  private void checkEnd(long time, long diff) {
    if (time < 0 || time == Long.MAX_VALUE) {
      throw refused("'" + Schema.TIME + "' is " + time + ": give 0 to " + (Long.MAX_VALUE - 1));
    }
    if (diff == 0) {
      throw refused("'" + Schema.DIFF + "' is 0: leave the row out");
    }
  }

  private VectorBuilder open(int column, Kind kind) {
    VectorBuilder target = columns[column];
    if (kinds[column] != kind) {
      throw refused(column, "holds values of type " + schema.column(column).type());
    }
    if (target.size > size) {
      throw refused(column, "is given twice in one row");
    }
    return target;
  }

  @CanIgnoreReturnValue
  private UpdateBlockBuilder add(int column, VectorBuilder.OfBytes target, byte[] value) {
    admit(column, value.length);
    target.add(value, 0, value.length);
    return this;
  }

  /** Counts {@code length} bytes of a value that is about to be added, or refuses it. */
  private void admit(int column, int length) {
    checkLength(column, length);
    checkRoom(length);
    variableBytes += length;
  }

  private void checkLength(int column, int length) {
    if (length > MAX_VALUE_BYTES) {
      throw refused(column, "a value is at most " + MAX_VALUE_BYTES + " bytes, not " + length);
    }
  }

  private byte[] utf8(int column, String value) {
    checkLength(column, value.length());
    try {
      return Utf8.encode(value);
    } catch (InvalidRowException e) {
      throw refused(column, e.getMessage());
    }
  }

  private InvalidRowException refused(int column, @Nullable String why) {
    String name = column == ERROR ? Schema.ERROR : schema.column(column).name();
    return refused((column == ERROR ? "'" : "column '") + name + "': " + why);
  }

  /** Takes back the row that is not ended; to be thrown. */
  private InvalidRowException refused(String why) {
    cancel();
    return new InvalidRowException(why);
  }
}
