package io.tidemark.persist;

/**
 * A call that breaks a rule of the shard whatever the shard holds: a mistake of the caller, never
 * to be tried again as it is.
 */
public final class InvalidUsageException extends RuntimeException {

  private static final long serialVersionUID = 1;

  private final Rule rule;

  public InvalidUsageException(Rule rule, String message) {
    super(message);
    this.rule = rule;
  }

  /** Which rule was broken. */
  public Rule rule() {
    return rule;
  }

  /** The rules of the shard that a caller can break. */
  public enum Rule {
    /** The upper of a range lies before its lower. */
    BOUNDS,
    /** Updates for a range that holds no time. */
    EMPTY_TIME_INTERVAL,
    /** A part reaches outside the range that it is appended for. */
    BATCH_BOUNDS,
    /** An update lies before the lower of its batch. */
    UPDATE_NOT_BEYOND_LOWER,
    /** An update lies at or past the upper of its batch. */
    UPDATE_BEYOND_UPPER,
    /** A part that another shard's writer uploaded. */
    BATCH_NOT_FROM_THIS_SHARD,
    /** A time rewrite that would move updates back, or out of their batch. */
    REWRITE,
    /** A producer's sequence that does not follow on its committed one. */
    SEQUENCE,
    /** The changes of one command take more bytes than consensus takes for a version. */
    VERSION_TOO_LARGE,
    /** More critical sinces than a shard may have. */
    TOO_MANY_SINCES,
    /** Finalizing a shard that can still be written or read. */
    FINALIZATION
  }
}
