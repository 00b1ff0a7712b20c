package io.tidemark.admin;

import io.tidemark.protocol.Bus.Delivery;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;

/**
 * Waits for an epoch of a new collection: one of the same name before may still tell of its own.
 */
final class FirstEpoch {

  private final Promise<Void> begun = Promise.promise();
  private long newest;
  private long floor = Long.MAX_VALUE;

  /** What is published with each advance of the upper. */
  void heard(Delivery upper) {
    if (upper.body() instanceof JsonObject json
        && json.getValue("epoch") instanceof Number epoch
        && epoch.longValue() > newest) {
      newest = epoch.longValue();
      look();
    }
  }

  /** Completes once an epoch after {@code epoch} has been heard of. */
  Promise<Void> after(long epoch) {
    floor = epoch;
    look();
    return begun;
  }

  private void look() {
    if (newest > floor) {
      boolean unused = begun.tryComplete();
    }
  }
}
