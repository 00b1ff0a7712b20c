package io.tidemark.launcher.http;

import io.tidemark.protocol.FailureCode;
import io.tidemark.protocol.RefusedException;
import io.tidemark.row.InvalidRowException;
import io.tidemark.row.JsonRowReader;
import io.tidemark.row.Schema;
import io.tidemark.row.UpdateBlock;
import io.tidemark.row.UpdateBlockBuilder;

/** Makes rows of the lines of a body, one row to a line, and gathers them into a block. */
final class RowParser {

  private final Schema schema;
  private final Lines lines;
  private final JsonRowReader reader;
  private UpdateBlockBuilder rows;

  RowParser(Schema schema, int maxLineBytes) {
    this.schema = schema;
    this.lines = new Lines(maxLineBytes);
    this.reader = JsonRowReader.untimed(schema);
    this.rows = new UpdateBlockBuilder(schema);
  }

  Lines lines() {
    return lines;
  }

  /**
   * Adds the next line's row; there must be one.
   *
   * @throws RefusedException if it does not fit; the text names the line
   */
  void parse() {
    int before = rows.size();
    try {
      int count = reader.read(lines.data(), lines.from(), lines.length(), rows);
      if (count != 1) {
        rows.truncate(before);
        throw invalid("there are " + count + " rows: give each its own line");
      }
    } catch (InvalidRowException e) {
      Throwable reason = e.getCause() instanceof InvalidRowException inner ? inner : e;
      throw invalid(String.valueOf(reason.getMessage()));
    }
    lines.take();
  }

  private RefusedException invalid(String text) {
    return new RefusedException(FailureCode.INVALID_ROW, "line " + lines.number() + ": " + text);
  }

  /** How many rows have been gathered. */
  int size() {
    return rows.size();
  }

  /** About how many bytes they take. */
  long bytes() {
    return rows.bytes();
  }

  /** What was gathered; then begins anew. */
  UpdateBlock take() {
    UpdateBlock block = rows.build();
    rows = new UpdateBlockBuilder(schema);
    return block;
  }

  /** Forgets what was gathered. */
  void drop() {
    rows.truncate(0);
  }
}
