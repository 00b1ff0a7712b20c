package io.tidemark.append;

/**
 * How the appender waits.
 *
 * @param tokenMillis how long a writer may be silent about a description before the epoch ends
 * @param maxPending how many descriptions may be waited for at once
 * @param restartFirstMillis how long to wait before the second start of an epoch in a row
 * @param restartCapMillis the longest such wait
 * @param unansweredMillis how long consensus may answer nothing before somebody else is to try
 * @param changesBytes up to how many inline bytes a batch is published with its updates
 */
public record AppendSettings(
    long tokenMillis,
    int maxPending,
    long restartFirstMillis,
    long restartCapMillis,
    long unansweredMillis,
    long changesBytes) {

  public static final AppendSettings DEFAULTS =
      new AppendSettings(10_000, 64, 20, 2_000, 8_000, 64 << 10);

  public AppendSettings {
    if (tokenMillis < 1 || maxPending < 1 || restartFirstMillis < 1 || unansweredMillis < 1) {
      throw new IllegalArgumentException("an append setting is below 1");
    }
  }
}
