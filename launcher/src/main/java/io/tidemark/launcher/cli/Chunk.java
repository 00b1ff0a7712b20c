package io.tidemark.launcher.cli;

import java.util.List;

/**
 * Some whole lines of a stream.
 *
 * @param bytes holds them
 * @param from where they begin
 * @param to where they end
 * @param firstLine which line of the stream is the first, counted from 1
 */
@SuppressWarnings("ArrayRecordComponent") // carried, never compared
record Chunk(byte[] bytes, int from, int to, long firstLine) {

  int length() {
    return to - from;
  }

  /** How many rows it has: lines that are not blank. */
  long rows() {
    long rows = 0;
    for (int at = from; at < to; at = lineEnd(at)) {
      rows += isBlank(at) ? 0 : 1;
    }
    return rows;
  }

  /** The lines after the first {@code rows} rows. */
  Chunk after(long rows) {
    int at = from;
    long line = firstLine;
    for (long left = rows; left > 0 && at < to; line++) {
      left -= isBlank(at) ? 0 : 1;
      at = lineEnd(at);
    }
    return new Chunk(bytes, at, to, line);
  }

  /** The same lines in two; in one if there is only one. */
  List<Chunk> halves() {
    int at = from;
    long line = firstLine;
    while (at < to && (at == from || at - from < length() / 2)) {
      at = lineEnd(at);
      line++;
    }
    return at == to && line > firstLine + 1
        ? beforeLast(line)
        : at == to ? List.of(this) : List.of(until(at), new Chunk(bytes, at, to, line));
  }

  /** The last line is more than half of it. */
  private List<Chunk> beforeLast(long lineAfter) {
    int last = to - 1;
    while (last > from && bytes[last - 1] != '\n') {
      last--;
    }
    return List.of(until(last), new Chunk(bytes, last, to, lineAfter - 1));
  }

  private Chunk until(int end) {
    return new Chunk(bytes, from, end, firstLine);
  }

  /** Where the line after the one at {@code at} begins. */
  private int lineEnd(int at) {
    int end = at;
    while (end < to && bytes[end] != '\n') {
      end++;
    }
    return Math.min(end + 1, to);
  }

  private boolean isBlank(int at) {
    for (int i = at; i < to && bytes[i] != '\n'; i++) {
      if (bytes[i] != ' ' && bytes[i] != '\t' && bytes[i] != '\r') {
        return false;
      }
    }
    return true;
  }
}
