package io.tidemark.row;

import java.util.Iterator;
import java.util.NoSuchElementException;

/** Writes updates as text, one line each. Used by one thread at a time. */
public abstract sealed class RowWriter permits JsonRowWriter, CsvRowWriter {

  final Schema schema;
  final RowFields fields;
  private final ByteSink out = new ByteSink(1024);

  RowWriter(Schema schema, RowFields fields) {
    this.schema = schema;
    this.fields = fields;
  }

  /** What stands before the first update, as UTF-8; may be empty. */
  public abstract byte[] header();

  /**
   * All updates of a block as UTF-8, in pieces that end with a line: each is as small as it can be
   * with at least {@code targetBytes}, but the last may be smaller. A piece is only made when it is
   * asked for, so what cannot be sent yet takes no memory.
   */
  public final Iterator<byte[]> chunks(UpdateBlock block, int targetBytes) {
    if (!schema.equals(block.schema())) {
      throw new IllegalArgumentException("the block has other columns: " + block.schema());
    }
    return new Iterator<>() {
      private int next;

      @Override
      public boolean hasNext() {
        return next < block.size();
      }

      @Override
      public byte[] next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        out.clear();
        do {
          put(out, block, next++);
        } while (hasNext() && out.length() < targetBytes);
        return out.toArray();
      }
    };
  }

  /** Writes one update with its line end. */
  abstract void put(ByteSink out, UpdateBlock block, int i);
}
