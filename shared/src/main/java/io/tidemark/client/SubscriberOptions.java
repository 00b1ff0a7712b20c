package io.tidemark.client;

/**
 * How a subscriber reads.
 *
 * @param from where it begins: {@code snapshot}, {@code now}, a time, or the text of the position
 *     of an earlier {@link Change}
 * @param maxBlocks how many blocks it holds, or has under way, before the application takes one
 * @param answerMillis how long to wait for an answer; longer than a node holds a request back
 * @param giveUpMillis how long there may be no answer from any node before the subscriber fails
 * @param firstRetryMillis the delay before another node is asked
 * @param capRetryMillis the longest such delay
 */
public record SubscriberOptions(
    String from,
    int maxBlocks,
    long answerMillis,
    long giveUpMillis,
    long firstRetryMillis,
    long capRetryMillis) {

  /** As many as a node lets one reading have under way. */
  private static final int MAX_BLOCKS = 4;

  public SubscriberOptions {
    if (maxBlocks < 1 || maxBlocks > MAX_BLOCKS) {
      throw new IllegalArgumentException("a subscriber holds 1 to " + MAX_BLOCKS + " blocks");
    }
    if (answerMillis < 1 || giveUpMillis < 1 || firstRetryMillis < 1) {
      throw new IllegalArgumentException("a subscriber's bound is below 1");
    }
  }

  /** Up to 4 blocks, of 256 KiB each, about; gives up after two minutes without an answer. */
  public static SubscriberOptions from(String position) {
    return new SubscriberOptions(position, MAX_BLOCKS, 6_000, 120_000, 10, 1_000);
  }
}
