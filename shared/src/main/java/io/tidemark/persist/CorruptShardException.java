package io.tidemark.persist;

import org.jspecify.annotations.Nullable;

/**
 * What a store returned is not what was written to it, or misses. Nothing is guessed and nothing
 * skipped: the shard cannot be used until the object is restored.
 */
public final class CorruptShardException extends RuntimeException {

  private static final long serialVersionUID = 1;

  public CorruptShardException(String message) {
    super(message);
  }

  public CorruptShardException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
