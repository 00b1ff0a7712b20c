package io.tidemark.environment;

/**
 * The steps of a collection's pipeline between which a crash makes a difference. The names are
 * stable: tests ask for them.
 */
public enum CrashPoint {
  /** Lease: it is taken, and nothing was done with it. */
  M1,
  /** Mint: it has heard of the epoch and its upper; nobody is invited and nothing is minted. */
  M2,
  /** Mint: descriptions are decided, and nobody was told. */
  M3,
  /** Mint: the descriptions are on their way; some writers may have them, and some not. */
  M4,
  /** Mint: it hears that a description is committed, of which every writer was told then. */
  M5,
  /** Lease: the work was given up in order, and the lease is not released yet. */
  M6,
  /** Write: rows were taken, and are about to be staged. */
  W1,
  /** Write: rows pass the bound of what stays in memory, and begin to be streamed into a part. */
  W2,
  /** Write: the upload of a part has begun, and is not answered. */
  W3,
  /** Write: a part is durable, and the batch that it belongs to is not finished. */
  W4,
  /** Write: a batch is finished, and the appender does not know. */
  W5,
  /** Write: the token of a batch was sent. */
  W6,
  /** Write: a description has come once more. */
  W7,
  /** Append: a token has come, and others of its description are missing. */
  A1,
  /** Append: all tokens of a description are in, and nothing was asked of consensus. */
  A2,
  /** Append: the compare-and-set is on its way, and not answered. */
  A3,
  /** Append: consensus has committed it, and its answer was not looked at. */
  A4,
  /** Append: it is known to be committed, and no writer was told. */
  A5,
  /** Append: the writers were told. */
  A6,
  /** Append: it surely was not committed, and its parts are about to be deleted. */
  A7,
  /**
   * Append: a rollup, a merge of inline parts or a compaction is stored and not in the state yet.
   */
  A8;

  /** Says that this step was reached. */
  public void reached(Environment environment) {
    environment.failpoints().reached(name());
  }
}
