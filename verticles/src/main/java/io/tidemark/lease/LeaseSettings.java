package io.tidemark.lease;

/**
 * How leases are tried for.
 *
 * @param catalogMillis how often the list of collections is read, should nobody tell of a change
 * @param standBackMillis how long a lease is not tried for after somebody else was found to
 *     coordinate the collection; twice as long each time in a row…
 * @param standBackCapMillis …up to this
 * @param foreignMillis the same if that was a second cluster, which somebody has to stop…
 * @param foreignCapMillis …up to this
 * @param finalizer how dropped collections are seen to their end
 */
public record LeaseSettings(
    long catalogMillis,
    long standBackMillis,
    long standBackCapMillis,
    long foreignMillis,
    long foreignCapMillis,
    FinalizerSettings finalizer) {

  public static final LeaseSettings DEFAULTS =
      new LeaseSettings(5_000, 2_000, 30_000, 30_000, 600_000, FinalizerSettings.DEFAULTS);

  public LeaseSettings {
    if (catalogMillis < 1 || standBackMillis < 1 || foreignMillis < 1) {
      throw new IllegalArgumentException("a lease setting is below 1 ms");
    }
    if (standBackCapMillis < standBackMillis || foreignCapMillis < foreignMillis) {
      throw new IllegalArgumentException("the longest wait is below the first one");
    }
  }
}
