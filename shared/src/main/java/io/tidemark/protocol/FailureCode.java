package io.tidemark.protocol;

/** Why a message was refused. The names and statuses are stable: clients rely on them. */
public enum FailureCode {
  /** The row does not fit the schema, or the message is malformed. Mend it. */
  INVALID_ROW(400),
  /** There is no collection of that name. */
  UNKNOWN_COLLECTION(404),
  /** The producer's message does not follow its last one. The text says which is expected. */
  SEQUENCE_GAP(409),
  /** There is a collection of that name already. */
  COLLECTION_EXISTS(409),
  /** The collection has ended: nothing more can be written. */
  SEALED(410),
  /** The message belongs to an earlier epoch of the pipeline. Open again, and send it again. */
  STALE_EPOCH(412),
  /** Somebody else has taken this role over: a newer session of the producer or partition. */
  FENCED(412),
  /** The message is larger than the limit, which the text says. Split it. */
  TOO_LARGE(413),
  /** Too much is waiting already. Send it again later. */
  OVERLOADED(429),
  /** Something that is needed is not there; the text says what. It was not stored. */
  UNAVAILABLE(503),
  /** It may have been stored or not. Send it again with the same producer and sequence. */
  OUTCOME_UNKNOWN(504);

  private final int status;

  FailureCode(int status) {
    this.status = status;
  }

  /** The number of a reply's failure, and the HTTP status. */
  public int status() {
    return status;
  }

  /** Whether the same message may be accepted later without any change. */
  public boolean isTransient() {
    return switch (this) {
      case STALE_EPOCH, OVERLOADED, UNAVAILABLE, OUTCOME_UNKNOWN -> true;
      default -> false;
    };
  }
}
