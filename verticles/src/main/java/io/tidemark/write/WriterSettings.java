package io.tidemark.write;

import io.tidemark.client.SessionSettings;

/**
 * The bounds of one writer.
 *
 * @param maxMessageBytes the most bytes of rows in one message
 * @param creditBytes how many unanswered bytes one producer or source may have
 * @param maxProducers how many producers of one collection a writer knows at once
 * @param maxEarly how many messages that came before their turn are kept, for each producer…
 * @param gapMillis …and how long
 * @param repeatMillis how often mint is told again of what no description has followed
 * @param drainMillis how long a writer that stops waits for what it has taken
 * @param session how the rows wait that came without a producer
 */
public record WriterSettings(
    long maxMessageBytes,
    long creditBytes,
    int maxProducers,
    int maxEarly,
    long gapMillis,
    long repeatMillis,
    long drainMillis,
    SessionSettings session) {

  public static final WriterSettings DEFAULTS =
      new WriterSettings(
          1 << 20,
          8 << 20,
          10_000,
          256,
          1_000,
          200,
          8_000,
          new SessionSettings(16 << 20, 1 << 16, 5_000, 25_000, 5, 500));

  public WriterSettings {
    if (maxMessageBytes < 1 || creditBytes < maxMessageBytes) {
      throw new IllegalArgumentException("the credit must have room for the largest message");
    }
    if (maxProducers < 1 || maxEarly < 1 || gapMillis < 1 || repeatMillis < 1) {
      throw new IllegalArgumentException("a writer setting is below 1");
    }
  }
}
