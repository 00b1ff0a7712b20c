package io.tidemark.persist.consolidate;

/** A consolidation cannot go on in the memory that it was given. The text says how much it had. */
public final class MemoryTooSmallException extends RuntimeException {

  private static final long serialVersionUID = 1;

  public MemoryTooSmallException(String message) {
    super(message);
  }
}
