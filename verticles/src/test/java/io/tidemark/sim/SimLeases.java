package io.tidemark.sim;

import io.tidemark.lease.Leases;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Leases that expire unless their node lives, and that can be taken from a holder who still
 * believes in its own: as happens with real ones.
 */
final class SimLeases {

  private static final long TTL_MILLIS = 4_000;

  private final Scheduler scheduler;
  private final Map<String, Held> held = new HashMap<>();
  private final List<Consumer<String>> watchers = new ArrayList<>();

  SimLeases(Scheduler scheduler) {
    this.scheduler = scheduler;
  }

  Leases of(Node node) {
    return new Leases() {
      @Override
      public Future<Lease> acquire(String collection, Runnable lost) {
        return SimLeases.this.acquire(node, collection, lost);
      }

      @Override
      public Runnable watch(Consumer<String> free) {
        Consumer<String> told = collection -> node.after(0, () -> free.accept(collection));
        watchers.add(told);
        return () -> watchers.remove(told);
      }
    };
  }

  /** Frees every lease; the holders do not notice for a while. */
  void steal() {
    held.clear();
  }

  private Future<Leases.Lease> acquire(Node node, String collection, Runnable lost) {
    Held holder = held.get(collection);
    if (holder != null && holder.untilMillis > scheduler.nowMillis()) {
      return Future.succeededFuture(null);
    }
    Held mine = new Held(node, collection, lost);
    held.put(collection, mine);
    mine.renew();
    return Future.succeededFuture(mine);
  }

  private final class Held implements Leases.Lease {
    private final Node node;
    private final String collection;
    private final Runnable lost;
    private long untilMillis;
    private boolean released;

    Held(Node node, String collection, Runnable lost) {
      this.node = node;
      this.collection = collection;
      this.lost = lost;
      this.untilMillis = scheduler.nowMillis() + TTL_MILLIS;
    }

    private void renew() {
      node.after(
          TTL_MILLIS / 4 * 1_000_000,
          () -> {
            if (released) {
              return;
            }
            if (held.get(collection) == this || held.putIfAbsent(collection, this) == null) {
              untilMillis = scheduler.nowMillis() + TTL_MILLIS;
              renew();
            } else if (isHeld()) {
              renew();
            } else {
              released = true;
              lost.run();
            }
          });
    }

    @Override
    public boolean isHeld() {
      return !released && scheduler.nowMillis() < untilMillis;
    }

    @Override
    public Future<Void> release() {
      released = true;
      if (held.remove(collection, this)) {
        List.copyOf(watchers).forEach(told -> told.accept(collection));
      }
      return Future.succeededFuture();
    }
  }
}
