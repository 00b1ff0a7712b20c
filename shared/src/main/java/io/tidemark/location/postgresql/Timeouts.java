package io.tidemark.location.postgresql;

/**
 * How long each step may take. What is too late before a statement is sent surely did not happen;
 * after that nobody knows.
 *
 * @param connectMillis a new connection, TLS, the password and the checks of a session included
 * @param statementMillis a statement, by the server's watch, which then ends it
 * @param answerMillis a statement, by our watch, which then closes the connection; more than the
 *     server's, so that this ends only what the server cannot
 * @param waitMillis a call that waits for its turn
 */
record Timeouts(long connectMillis, long statementMillis, long answerMillis, long waitMillis) {

  static final Timeouts DEFAULTS = new Timeouts(5_000, 10_000, 12_000, 10_000);
}
