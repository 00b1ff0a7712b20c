package io.tidemark.persist.consolidate;

import io.tidemark.row.UpdateBlock;
import io.tidemark.row.Vector;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Unpacks records into blocks, a batch at a time and in it column by column. */
final class RowUnpacker {

  private final RowLayout layout;
  private final long time;
  private final int maxRows;
  private final long maxBytes;
  private final RecordBatch batch;
  private final List<ColumnTarget> columns = new ArrayList<>();
  private ColumnTarget.@Nullable OfBytes errors;
  private long[] diffs = {};
  private int size;
  private long bytes;

  /** Blocks end with the row that reaches {@code maxRows} or {@code maxBytes}. */
  RowUnpacker(RowLayout layout, long time, int maxRows, long maxBytes) {
    this.layout = layout;
    this.time = time;
    this.maxRows = maxRows;
    this.maxBytes = maxBytes;
    this.batch = new RecordBatch(layout);
  }

  boolean isFull() {
    return size == maxRows || bytes >= maxBytes;
  }

  boolean isEmpty() {
    return size == 0;
  }

  /**
   * Takes the records that do not sum to 0, until the block is full or there is none left.
   *
   * @throws DiffOverflowException if a sum does not fit in 64 bits
   */
  void take(RecordCursor cursor) {
    while (!isFull() && cursor.hasNext()) {
      takeSome(cursor);
    }
  }

  /** As {@link #take}, of records that lie in one array; there must be one, and room for it. */
  void takeSome(RecordCursor cursor) {
    reserve((int) Math.min(maxRows, size + Math.max(1L, cursor.remaining())));
    select(cursor);
    unpack();
  }

  private void reserve(int rows) {
    if (columns.isEmpty()) {
      int capacity = Math.max(rows, Math.min(maxRows, RecordBatch.MAX_RECORDS));
      for (int c = 0; c < layout.schema().size(); c++) {
        columns.add(ColumnTarget.of(layout.storage(c), layout.offset(c), capacity));
      }
      diffs = new long[capacity];
    } else if (rows > diffs.length) {
      resize((int) Math.min(maxRows, Math.max(rows, 2L * diffs.length)));
    }
  }

  private void resize(int capacity) {
    for (ColumnTarget column : columns) {
      column.resize(capacity);
    }
    if (errors != null) {
      errors.resize(capacity);
    }
    diffs = Arrays.copyOf(diffs, capacity);
  }

  private void select(RecordCursor cursor) {
    byte[] data = cursor.segment();
    int end = cursor.end();
    int at = cursor.offset();
    int limit = Math.min(RecordBatch.MAX_RECORDS, diffs.length - size);
    int passed = 0;
    batch.reset(data);
    while (batch.count() < limit && at < end && bytes < maxBytes) {
      int next = at + RowLayout.recordBytes(data, at);
      if (!RowLayout.sumIsZero(data, at)) {
        diffs[size + batch.count()] = sum(data, at);
        batch.add(at);
        bytes += next - at;
      }
      at = next;
      passed++;
    }
    cursor.advance(at, passed);
  }

  private long sum(byte[] data, int at) {
    long low = Words.longAt(data, at + RowLayout.SUM_LOW);
    if (Words.intAt(data, at + RowLayout.SUM_HIGH) != low >> 63) {
      throw new DiffOverflowException(
          "the diffs of "
              + layout.describe(data, at)
              + " add up to "
              + RowLayout.sum(data, at)
              + ", which does not fit in 64 bits: look for a producer that publishes wrong diffs,"
              + " and retract what it added");
    }
    return low;
  }

  private void unpack() {
    for (ColumnTarget column : columns) {
      column.fill(batch, size);
    }
    boolean hasNulls = batch.hasNulls();
    if (hasNulls) {
      unpackNulls();
    }
    if (hasNulls || errors != null) {
      unpackErrors();
    }
    size += batch.count();
  }

  private void unpackNulls() {
    for (int c = 0; c < columns.size(); c++) {
      for (int i = 0; i < batch.count(); i++) {
        if (batch.isNull(i, c)) {
          columns.get(c).setNull(size + i, diffs.length);
        }
      }
    }
  }

  private void unpackErrors() {
    for (int i = 0; i < batch.count(); i++) {
      if (batch.isError(i)) {
        ColumnTarget.OfBytes texts = errors == null ? firstError(size + i) : errors;
        texts.set(size + i, batch.data(), batch.ends()[i], batch.variableBytes(i));
      } else if (errors != null) {
        noError(errors, size + i);
      }
    }
  }

  private ColumnTarget.OfBytes firstError(int row) {
    ColumnTarget.OfBytes texts = new ColumnTarget.OfBytes(0, diffs.length);
    for (int i = 0; i < row; i++) {
      noError(texts, i);
    }
    errors = texts;
    return texts;
  }

  private void noError(ColumnTarget.OfBytes texts, int row) {
    texts.set(row, batch.data(), 0, 0);
    texts.setNull(row, diffs.length);
  }

  /** The block of what was taken. The next one begins. */
  UpdateBlock build() {
    if (diffs.length - size > size / 4) {
      resize(size);
    }
    List<Vector> vectors = new ArrayList<>(columns.size());
    for (ColumnTarget column : columns) {
      vectors.add(column.build(size));
    }
    UpdateBlock block =
        new UpdateBlock(
            layout.schema(),
            vectors,
            Vector.Longs.constant(size, time),
            sums(),
            errors == null ? null : errors.build(size));
    columns.clear();
    errors = null;
    diffs = new long[0];
    size = 0;
    bytes = 0;
    return block;
  }

  private Vector.Longs sums() {
    for (int i = 1; i < size; i++) {
      if (diffs[i] != diffs[0]) {
        return new Vector.Longs(size, diffs, null);
      }
    }
    return Vector.Longs.constant(size, diffs[0]);
  }
}
