package io.tidemark.location.postgresql;

import io.tidemark.location.DeterminateException;
import io.tidemark.location.ExternalException;
import io.tidemark.location.IndeterminateException;
import io.vertx.pgclient.PgException;
import java.util.List;
import java.util.concurrent.TimeoutException;

/**
 * What a failure says about a statement that was sent, each of which is a transaction of its own.
 * Texts of errors are never looked at: they are translated, and change.
 */
final class SqlState {

  /**
   * Classes and codes of errors which the server reports only for a transaction that it has rolled
   * back. An error while it commits is a panic, which ends the connection instead.
   */
  private static final List<String> ROLLED_BACK =
      List.of(
          "0A", // a feature that it has not
          "22", // data that does not fit
          "23", // a constraint
          "25", // a transaction that is read-only
          "28", // the password: while connecting
          "3D", // no such database
          "3F", // no such schema
          "40001", // serialization
          "40002", // a constraint
          "40P01", // a deadlock
          "42", // no such table, or no right to it
          "53", // out of disk, memory or connections
          "54", // a limit of the server
          "55", // a lock that is not to be had, an object that is not ready
          "57014", // cancelled: the statement's time is up, which is not watched while it commits
          "57P03", // it starts up or shuts down: while connecting
          "57P04"); // the database is gone

  /** What ends a statement and says nothing against its connection. */
  private static final List<String> SESSION_STAYS =
      List.of("22", "23", "40001", "40002", "40P01", "53100", "53200", "54", "55P03", "57014");

  private SqlState() {}

  /** True if a statement that failed so surely did not commit, and never will. */
  static boolean surelyDidNotHappen(Throwable failure) {
    return matches(failure, ROLLED_BACK);
  }

  /** True if the connection may be used again after this failure. */
  static boolean leavesSessionUsable(Throwable failure) {
    return matches(failure, SESSION_STAYS);
  }

  /** The failure of a statement that was sent, as the callers of a store know it. */
  static ExternalException ofStatement(PostgresLocation location, Throwable failure) {
    if (surelyDidNotHappen(failure)) {
      return new DeterminateException(location + " refused: " + reason(failure), failure);
    }
    return new IndeterminateException(
        "a statement to " + location + " failed, it may have happened: " + reason(failure),
        failure);
  }

  /** In one line, for people. */
  static String reason(Throwable failure) {
    if (failure instanceof PgException pg) {
      return line(pg.getErrorMessage()) + " (SQLSTATE " + pg.getSqlState() + ")";
    }
    if (failure instanceof TimeoutException) {
      return "no answer in time";
    }
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    String text = line(failure.getMessage() == null ? failure.toString() : failure.getMessage());
    return root == failure ? text : text + ": " + line(String.valueOf(root.getMessage()));
  }

  private static String line(String text) {
    return text.replaceAll("\\s*\\R\\s*", " ");
  }

  private static boolean matches(Throwable failure, List<String> states) {
    String state = failure instanceof PgException pg ? pg.getSqlState() : null;
    return state != null && states.stream().anyMatch(state::startsWith);
  }
}
