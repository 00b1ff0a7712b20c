package io.tidemark.row;

import org.jspecify.annotations.Nullable;

/** The error texts of a block that is being built. Takes no memory before there is an error. */
final class ErrorsBuilder {

  /** What an error takes besides its text. */
  static final int ERROR_BYTES = 4;

  private final VectorBuilder.OfBytes texts = new VectorBuilder.OfBytes(16);

  /** How many of the texts are not null. While it is 0, the texts may be fewer than the updates. */
  private int count;

  /** About how many bytes of memory the errors take. */
  long bytes() {
    return texts.bytesFrom(0) + (long) count * ERROR_BYTES;
  }

  /** Takes note of an update that is a row. */
  void addRow() {
    if (count > 0) {
      texts.addNull();
    }
  }

  /** Adds the error that update {@code i}, the next one, carries. */
  void addError(int i, byte[] utf8, int from, int length) {
    while (texts.size < i) {
      texts.addNull();
    }
    texts.add(utf8, from, length);
    count++;
  }

  void truncate(int newSize) {
    if (texts.size > newSize) {
      for (int i = newSize; i < texts.size; i++) {
        count -= texts.isNull(i) ? 0 : 1;
      }
      texts.truncate(newSize);
    }
  }

  /** The texts, or null if every update is a row. */
  Vector.@Nullable Bytes build() {
    return count == 0 ? null : texts.build();
  }
}
