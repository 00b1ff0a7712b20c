package io.tidemark.protocol;

import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;

/**
 * A message was refused. On the event bus it is a failed reply with the code's status and the text
 * {@code CODE: what happened, and what to do}.
 */
public final class RefusedException extends RuntimeException {

  private static final long serialVersionUID = 1;

  private final FailureCode code;

  public RefusedException(FailureCode code, String message) {
    super(message, null, false, false);
    this.code = code;
  }

  public FailureCode code() {
    return code;
  }

  /** The text of the failed reply. */
  public String replyText() {
    return code + ": " + getMessage();
  }

  /**
   * The refusal that a failure of a request stands for. No reply in time is an unknown outcome; no
   * handler at all is surely none.
   */
  public static RefusedException of(Throwable failure) {
    if (failure instanceof RefusedException refused) {
      return refused;
    }
    if (!(failure instanceof ReplyException reply)) {
      return new RefusedException(FailureCode.OUTCOME_UNKNOWN, String.valueOf(failure));
    }
    if (reply.failureType() == ReplyFailure.NO_HANDLERS) {
      return new RefusedException(
          FailureCode.UNAVAILABLE, "nobody listens there: " + reply.getMessage());
    }
    if (reply.failureType() == ReplyFailure.TIMEOUT) {
      return new RefusedException(FailureCode.OUTCOME_UNKNOWN, "no reply in time");
    }
    String text = String.valueOf(reply.getMessage());
    for (FailureCode code : FailureCode.values()) {
      if (text.startsWith(code + ": ")) {
        return new RefusedException(code, text.substring(code.name().length() + 2));
      }
    }
    return new RefusedException(FailureCode.OUTCOME_UNKNOWN, text);
  }
}
