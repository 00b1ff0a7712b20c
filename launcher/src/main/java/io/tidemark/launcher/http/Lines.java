package io.tidemark.launcher.http;

import io.tidemark.protocol.FailureCode;
import io.tidemark.protocol.RefusedException;
import io.vertx.core.buffer.Buffer;

/**
 * The lines of a body that comes in chunks. Blank lines are left out, but counted. Holds at most
 * one line that is not complete, and the chunk that was added last.
 */
final class Lines {

  private final int maxLineBytes;
  private byte[] data = new byte[16 << 10];
  private int from;
  private int to;
  private int lineEnd;
  private boolean found;
  private boolean ended;
  private long number;

  Lines(int maxLineBytes) {
    this.maxLineBytes = maxLineBytes;
  }

  /** Adds what follows. */
  void add(Buffer chunk) {
    int held = to - from;
    if (to + chunk.length() > data.length) {
      byte[] room =
          held + chunk.length() <= data.length
              ? data
              : new byte[Math.max(2 * data.length, held + chunk.length())];
      System.arraycopy(data, from, room, 0, held);
      data = room;
      lineEnd -= from;
      from = 0;
      to = held;
    }
    chunk.getBytes(data, to);
    to += chunk.length();
  }

  /** Nothing follows: the last line needs no line end. */
  void end() {
    ended = true;
  }

  /**
   * Whether there is a whole line now. It stays the same one until it is taken.
   *
   * @throws RefusedException with {@link FailureCode#TOO_LARGE} if it is too long
   */
  boolean hasNext() {
    while (!found && findEnd()) {
      number++;
      if (isBlank()) {
        from = Math.min(lineEnd + 1, to);
        lineEnd = from;
      } else {
        found = true;
      }
    }
    if (length() > maxLineBytes) {
      throw new RefusedException(
          FailureCode.TOO_LARGE,
          "line "
              + (found ? number : number + 1)
              + " has more than "
              + maxLineBytes
              + " bytes: send smaller rows");
    }
    return found;
  }

  private boolean findEnd() {
    while (lineEnd < to) {
      if (data[lineEnd] == '\n') {
        return true;
      }
      lineEnd++;
    }
    return ended && from < to;
  }

  private boolean isBlank() {
    for (int i = from; i < lineEnd; i++) {
      if (data[i] != ' ' && data[i] != '\t' && data[i] != '\r') {
        return false;
      }
    }
    return true;
  }

  /** The bytes in which the line is, from {@link #from} on. */
  byte[] data() {
    return data;
  }

  int from() {
    return from;
  }

  /** The bytes of the line, or of what there is of it. */
  int length() {
    return lineEnd - from;
  }

  /** Which line it is, counted from 1. */
  long number() {
    return number;
  }

  /** Goes on to the next line. */
  void take() {
    found = false;
    from = Math.min(lineEnd + 1, to);
    lineEnd = from;
  }
}
