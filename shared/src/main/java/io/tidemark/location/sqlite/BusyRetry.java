package io.tidemark.location.sqlite;

import io.tidemark.environment.Clock;
import io.tidemark.environment.Entropy;
import io.tidemark.location.DeterminateException;
import java.sql.SQLException;
import java.util.concurrent.locks.LockSupport;

/**
 * Waits for other processes that use the database, by trying again after short random pauses:
 * SQLite's own busy handler sleeps in steps of up to 100 ms and is unfair.
 */
final class BusyRetry {

  /** How long another process may be in the way. A commit takes milliseconds. */
  static final long DEADLINE_MILLIS = 5_000;

  private static final long MIN_PAUSE_NANOS = 200_000;
  private static final long MAX_PAUSE_NANOS = 900_000;

  private final Clock clock;
  private final Entropy entropy;

  BusyRetry(Clock clock, Entropy entropy) {
    this.clock = clock;
    this.entropy = entropy;
  }

  /** Something done in the database, which has no effect if it finds the database busy. */
  interface Attempt<T> {
    T run() throws SQLException;
  }

  /** The same, without a result. */
  interface Action {
    void run() throws SQLException;
  }

  /** As {@link #call}. */
  void run(Action action) throws SQLException {
    var unused =
        call(
            () -> {
              action.run();
              return true;
            });
  }

  /**
   * Runs {@code attempt} until it does not find the database busy. Blocks.
   *
   * @throws DeterminateException if another process held the database until the deadline
   */
  <T> T call(Attempt<T> attempt) throws SQLException {
    long deadlineMillis = clock.monotonicMillis() + DEADLINE_MILLIS;
    while (true) {
      try {
        return attempt.run();
      } catch (SQLException e) {
        if (!ResultCode.isBusy(e)) {
          throw e;
        }
        if (clock.monotonicMillis() >= deadlineMillis) {
          throw new DeterminateException(
              "another process has held the consensus database for "
                  + DEADLINE_MILLIS
                  + " ms: end its transaction, or stop it",
              e);
        }
      }
      pause();
    }
  }

  private void pause() {
    long spread = (long) (entropy.nextUnit() * (MAX_PAUSE_NANOS - MIN_PAUSE_NANOS));
    LockSupport.parkNanos(MIN_PAUSE_NANOS + spread);
  }
}
