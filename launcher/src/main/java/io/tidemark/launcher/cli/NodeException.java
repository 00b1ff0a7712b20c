package io.tidemark.launcher.cli;

import io.tidemark.protocol.FailureCode;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/** The node refused a request, or its answer did not come. */
final class NodeException extends CommandException {

  private static final long serialVersionUID = 1;

  private final Outcome outcome;
  private final @Nullable FailureCode code;

  /** What is known of a request that did not succeed. */
  enum Outcome {
    /** It was not done, and would not be if it were sent again. */
    REFUSED,
    /** It was not done, but may be later. */
    NOT_NOW,
    /** It may have been done or not. */
    UNKNOWN
  }

  private NodeException(Outcome outcome, @Nullable FailureCode code, String message) {
    super(outcome == Outcome.REFUSED ? ExitCode.FAILURE : ExitCode.UNAVAILABLE, message);
    this.outcome = outcome;
    this.code = code;
  }

  /** No connection came about. */
  static NodeException unreachable(String url) {
    return new NodeException(
        Outcome.NOT_NOW,
        null,
        "no node answers at " + url + ": start one, or say where it is with --url");
  }

  /** The connection broke, or nothing came over it. */
  static NodeException broken(String url, String why) {
    return new NodeException(Outcome.UNKNOWN, null, "the connection to " + url + " broke: " + why);
  }

  /** The two could not agree on whom to trust: nothing was sent. */
  static NodeException untrusted(String url, String why) {
    return new NodeException(
        Outcome.REFUSED,
        null,
        "no trust between this command and "
            + url
            + " ("
            + why
            + "): --ca-file names whom to trust, --cert-file and --key-file who this is");
  }

  /** The node answered that it does not do it. */
  static NodeException refused(int status, JsonObject reply) {
    FailureCode code = code(reply.getString("code", ""));
    String text = reply.getString("message", "the node answered with status " + status);
    return new NodeException(outcome(status, code), code, text);
  }

  private static @Nullable FailureCode code(String name) {
    for (FailureCode code : FailureCode.values()) {
      if (code.name().equals(name)) {
        return code;
      }
    }
    return null;
  }

  private static Outcome outcome(int status, @Nullable FailureCode code) {
    if (code == null) {
      return status >= 500 ? Outcome.UNKNOWN : Outcome.REFUSED;
    }
    return switch (code) {
      case UNAVAILABLE, OVERLOADED -> Outcome.NOT_NOW;
      // This message was not taken; but it may be the second of its kind, after a first that was.
      case OUTCOME_UNKNOWN, STALE_EPOCH, FENCED, SEQUENCE_GAP -> Outcome.UNKNOWN;
      case INVALID_ROW, UNKNOWN_COLLECTION, COLLECTION_EXISTS, SEALED, TOO_LARGE -> Outcome.REFUSED;
    };
  }

  Outcome outcome() {
    return outcome;
  }

  /** Why the node refused it; null if it did not say. */
  @Nullable FailureCode code() {
    return code;
  }
}
