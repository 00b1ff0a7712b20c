package io.tidemark.location;

import org.jspecify.annotations.Nullable;

/**
 * The call may have happened, or may still happen. Only what is idempotent may be tried again, and
 * nothing that the call may have made visible may be deleted.
 */
public final class IndeterminateException extends ExternalException {

  private static final long serialVersionUID = 1;

  public IndeterminateException(String message) {
    super(message, null);
  }

  public IndeterminateException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
