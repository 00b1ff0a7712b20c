package io.tidemark.location;

import org.jspecify.annotations.Nullable;

/** A call of a store that failed. Its class says whether the call may have happened. */
public abstract sealed class ExternalException extends RuntimeException
    permits DeterminateException, IndeterminateException {

  private static final long serialVersionUID = 1;

  ExternalException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
