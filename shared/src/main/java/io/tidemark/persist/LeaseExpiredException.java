package io.tidemark.persist;

/**
 * A reader was not heard of for longer than its lease, and what it was to read may be gone. Nothing
 * that it has returned is wrong; what it had not returned yet, it never will. A new reader can be
 * opened; the text says from where it can go on.
 */
public final class LeaseExpiredException extends RuntimeException {

  private static final long serialVersionUID = 1;

  public LeaseExpiredException(String message) {
    super(message);
  }
}
