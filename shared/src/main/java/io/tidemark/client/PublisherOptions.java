package io.tidemark.client;

import java.nio.charset.StandardCharsets;

/**
 * How a publisher gathers rows into messages.
 *
 * @param producer names the producer: whoever publishes again under it learns what is committed
 * @param messageRows a message is sent once it has this many rows…
 * @param messageBytes …or takes this many bytes…
 * @param lingerMillis …or its first row has waited this long
 * @param session how the session behind it waits
 */
public record PublisherOptions(
    String producer,
    int messageRows,
    long messageBytes,
    long lingerMillis,
    SessionSettings session) {

  /** The longest name of a producer, in characters. */
  public static final int MAX_PRODUCER_LENGTH = 200;

  /** What {@link #isProducer} asks for, in words. */
  public static final String PRODUCER_RULE =
      "a producer's name has 1 to "
          + MAX_PRODUCER_LENGTH
          + " characters of Unicode and does not begin with '~'";

  public PublisherOptions {
    if (!isProducer(producer)) {
      throw new IllegalArgumentException(PRODUCER_RULE);
    }
    if (messageRows < 1 || messageBytes < 1 || lingerMillis < 0) {
      throw new IllegalArgumentException("a publisher's bound is below its floor");
    }
  }

  /** Messages of up to 4,096 rows or 256 KiB, sent after 1 ms at the latest. */
  public static PublisherOptions of(String producer) {
    return new PublisherOptions(producer, 4096, 256 << 10, 1, SessionSettings.DEFAULTS);
  }

  /** Whether a producer may have this name. */
  public static boolean isProducer(String name) {
    return !name.isEmpty()
        && name.length() <= MAX_PRODUCER_LENGTH
        && !name.startsWith("~")
        && isUnicode(name);
  }

  /** Whether a text has no half of a surrogate pair, which no encoding of it could carry. */
  public static boolean isUnicode(String text) {
    return StandardCharsets.UTF_8.newEncoder().canEncode(text);
  }
}
