package io.tidemark.lease;

import io.tidemark.environment.Backoff;
import io.tidemark.environment.Environment;
import io.tidemark.environment.Timers;
import java.util.HashMap;
import java.util.Map;

/**
 * The collections whose lease is not tried for, for a while, since somebody else was found to
 * coordinate them. Each time in a row the while is longer, and longer by far if the other is a
 * second cluster: two that believe in their leases must not end each other's epochs for ever.
 */
final class StandBacks {

  private final Environment environment;
  private final LeaseSettings settings;
  private final Map<String, StandBack> standBacks = new HashMap<>();

  StandBacks(Environment environment, LeaseSettings settings) {
    this.environment = environment;
    this.settings = settings;
  }

  /** How it went with one collection. */
  private final class StandBack {
    private final Backoff ordinary =
        new Backoff(
            environment.entropy(), settings.standBackMillis(), settings.standBackCapMillis());
    private final Backoff foreign =
        new Backoff(environment.entropy(), settings.foreignMillis(), settings.foreignCapMillis());
    private long lastMillis;
    private boolean standing;
    private Timers.Timer timer = () -> {};
  }

  /** Whether the lease of a collection is not to be tried for now. */
  boolean holds(String collection) {
    StandBack known = standBacks.get(collection);
    return known != null && known.standing;
  }

  /**
   * Begins to stand back.
   *
   * @param isForeign whether the other one is a second cluster
   * @param over is run when the lease may be tried for again
   * @return how long that is, in milliseconds
   */
  long begin(String collection, boolean isForeign, Runnable over) {
    StandBack each = standBacks.computeIfAbsent(collection, name -> new StandBack());
    long now = environment.clock().monotonicMillis();
    if (now - each.lastMillis > 2 * settings.standBackCapMillis()) {
      each.ordinary.reset();
    }
    if (now - each.lastMillis > 2 * settings.foreignCapMillis()) {
      each.foreign.reset();
    }
    each.lastMillis = now;
    long millis = (isForeign ? each.foreign : each.ordinary).nextMillis();
    stand(each, millis, over);
    return millis;
  }

  /**
   * Stands back for the shortest while, always the same: nobody else is known to coordinate, but
   * somebody else may be better placed.
   *
   * @return how long that is, in milliseconds
   */
  long beginBriefly(String collection, Runnable over) {
    StandBack each = standBacks.computeIfAbsent(collection, name -> new StandBack());
    stand(each, settings.standBackMillis(), over);
    return settings.standBackMillis();
  }

  private void stand(StandBack each, long millis, Runnable over) {
    each.standing = true;
    each.timer.cancel();
    each.timer =
        environment
            .timers()
            .after(
                millis,
                () -> {
                  each.standing = false;
                  over.run();
                });
  }

  /** There is no such collection any more; the next of that name is nobody's yet. */
  void forget(String collection) {
    StandBack gone = standBacks.remove(collection);
    if (gone != null) {
      gone.timer.cancel();
    }
  }

  /** Nothing is run any more. */
  void stop() {
    standBacks.values().forEach(each -> each.timer.cancel());
  }
}
