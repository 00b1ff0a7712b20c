package io.tidemark.persist.part;

import org.jspecify.annotations.Nullable;

/**
 * The bytes of a part are not what was written: damaged, cut short, of another part, or of a newer
 * version. The text says what did not match. Trying again with the same bytes does not help.
 */
public final class CorruptPartException extends RuntimeException {

  private static final long serialVersionUID = 1;

  public CorruptPartException(String message) {
    super(message);
  }

  public CorruptPartException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
