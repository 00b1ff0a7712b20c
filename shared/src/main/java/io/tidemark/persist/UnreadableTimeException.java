package io.tidemark.persist;

/**
 * A collection cannot be read at a time: it is before {@code since}, or not complete yet. The text
 * says which times can be read.
 */
public final class UnreadableTimeException extends RuntimeException {

  private static final long serialVersionUID = 1;

  public UnreadableTimeException(String message) {
    super(message);
  }
}
