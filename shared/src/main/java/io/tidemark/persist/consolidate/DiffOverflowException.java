package io.tidemark.persist.consolidate;

/**
 * The diffs of one row add up to what 64 bits cannot hold. Whoever publishes the collection adds
 * the same row with huge diffs; the snapshot cannot be given, and no part of it is wrong silently.
 */
public final class DiffOverflowException extends ArithmeticException {

  private static final long serialVersionUID = 1;

  public DiffOverflowException(String message) {
    super(message);
  }
}
