package io.tidemark.mint;

/**
 * When descriptions are minted, and how writers are looked after.
 *
 * @param maxInFlight how many may be open at once
 * @param lingerMillis in ingest mode, how long rows wait for company before a description is minted
 * @param bulkBytes from how many held bytes on a load counts as bulk…
 * @param bulkIntervalMillis …and then is described at most once in so long, so that parts are worth
 *     an object each
 * @param heartbeatMillis in ingest mode, how often the upper moves when there are no rows
 * @param republishMillis how often open descriptions are published again
 * @param answerMillis how long a writer may take to answer an invitation, or whether it is there
 * @param graceMillis once one writer has answered an invitation, how long the others are waited for
 *     before the epoch begins without them; and how long one that is not listed may take to show
 *     that it lives
 * @param rosterMillis how often it is checked that everybody on the roster is still there
 * @param settleMillis how long writers come and go before the epoch is changed for them, once for
 *     all
 * @param drainMillis how long a planned change waits until what was described is committed
 */
public record MintSettings(
    int maxInFlight,
    long lingerMillis,
    long bulkBytes,
    long bulkIntervalMillis,
    long heartbeatMillis,
    long republishMillis,
    long answerMillis,
    long graceMillis,
    long rosterMillis,
    long settleMillis,
    long drainMillis) {

  public static final MintSettings DEFAULTS =
      new MintSettings(4, 0, 32 << 10, 25, 10_000, 200, 1_000, 300, 1_000, 250, 5_000);

  public MintSettings {
    if (maxInFlight < 1 || lingerMillis < 0 || bulkIntervalMillis < 0 || bulkBytes < 1) {
      throw new IllegalArgumentException("a mint setting is below its floor");
    }
    if (heartbeatMillis < 1 || republishMillis < 1 || answerMillis < 1 || rosterMillis < 1) {
      throw new IllegalArgumentException("a mint interval is below 1 ms");
    }
    if (graceMillis < 1 || settleMillis < 1 || drainMillis < 1) {
      throw new IllegalArgumentException("a time for writers is below 1 ms");
    }
  }
}
