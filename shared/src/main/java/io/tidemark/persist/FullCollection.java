package io.tidemark.persist;

import io.tidemark.environment.Environment;
import io.tidemark.environment.Loop;
import io.tidemark.progress.Antichain;
import io.vertx.core.Future;
import io.vertx.core.Promise;

/**
 * Collects all of the past that nobody holds, whether it is due or not: with a rollup of now, so
 * that every older version can go, and a sweep.
 */
final class FullCollection {

  /** How often it looks whether something was appended. */
  private static final long WAIT_MILLIS = 50;

  private final Machine machine;
  private final RollUp rollUp;
  private final GarbageCollection collection;
  private final Sweep sweep;
  private final Environment environment;

  FullCollection(
      Machine machine,
      RollUp rollUp,
      GarbageCollection collection,
      Sweep sweep,
      Environment environment) {
    this.machine = machine;
    this.rollUp = rollUp;
    this.collection = collection;
    this.sweep = sweep;
    this.environment = environment;
  }

  /**
   * Does it. What the last append named may be named again by the next one, so nothing is collected
   * before that has come.
   *
   * @param waitMillis how long to wait for it; then what can go without it goes
   */
  Future<Collected> run(long waitMillis) {
    return machine
        .refresh()
        .compose(done -> machine.apply(new ExpireReaders()))
        .compose(done -> rollUp.run(() -> {}))
        .compose(done -> awaitAppend(waitMillis))
        .compose(done -> collection.run())
        .compose(collected -> sweep.run().map(collected::plus));
  }

  private Future<Void> awaitAppend(long waitMillis) {
    Antichain upper = machine.state().upper();
    long deadlineMillis = now() + waitMillis;
    return Loop.whileTrue(
        () -> {
          boolean over =
              upper.isEmpty() || !machine.state().upper().equals(upper) || now() >= deadlineMillis;
          return over ? Future.succeededFuture(false) : later();
        });
  }

  private Future<Boolean> later() {
    Promise<Boolean> later = Promise.promise();
    environment.timers().after(WAIT_MILLIS, () -> later.complete(true));
    return later.future();
  }

  private long now() {
    return environment.clock().monotonicMillis();
  }
}
