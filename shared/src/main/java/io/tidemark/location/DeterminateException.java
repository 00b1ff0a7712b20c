package io.tidemark.location;

import org.jspecify.annotations.Nullable;

/** The call surely did not happen and never will. It is safe to try it again. */
public final class DeterminateException extends ExternalException {

  private static final long serialVersionUID = 1;

  public DeterminateException(String message) {
    super(message, null);
  }

  public DeterminateException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
