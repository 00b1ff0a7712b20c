package io.tidemark.client;

/**
 * How a producer's session waits.
 *
 * @param maxUnansweredBytes how many bytes of rows may be unanswered; the session takes no more
 * @param maxUnansweredMessages how many messages may be unanswered
 * @param answerMillis how long to wait for an answer before asking again
 * @param giveUpMillis how long a message may stay unanswered before it fails
 * @param firstRetryMillis the delay before opening a second time
 * @param capRetryMillis the longest such delay
 */
public record SessionSettings(
    long maxUnansweredBytes,
    int maxUnansweredMessages,
    long answerMillis,
    long giveUpMillis,
    long firstRetryMillis,
    long capRetryMillis) {

  public static final SessionSettings DEFAULTS =
      new SessionSettings(8 << 20, 4096, 5_000, 120_000, 10, 1_000);

  public SessionSettings {
    if (maxUnansweredBytes < 1 || maxUnansweredMessages < 1 || answerMillis < 1) {
      throw new IllegalArgumentException("a session's bound is below 1");
    }
  }
}
