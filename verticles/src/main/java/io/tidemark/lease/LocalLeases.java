package io.tidemark.lease;

import io.tidemark.environment.Watchers;
import io.vertx.core.Future;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The leases of a node that is not clustered: one is held until it is released. Thread-safe. */
public final class LocalLeases implements Leases {

  private final Map<String, Held> held = new ConcurrentHashMap<>();
  private final Watchers<String> watchers = new Watchers<>();

  @Override
  public Future<@Nullable Lease> acquire(String collection, Runnable lost) {
    Held mine = new Held(collection);
    return Future.succeededFuture(held.putIfAbsent(collection, mine) == null ? mine : null);
  }

  @Override
  public Runnable watch(Consumer<String> free) {
    return watchers.add(free);
  }

  /** The collections whose lease is held. */
  public Set<String> held() {
    return Set.copyOf(held.keySet());
  }

  private final class Held implements Lease {
    private final String collection;

    Held(String collection) {
      this.collection = collection;
    }

    @Override
    public boolean isHeld() {
      return held.get(collection) == this;
    }

    @Override
    public Future<Void> release() {
      if (held.remove(collection, this)) {
        watchers.tell(collection);
      }
      return Future.succeededFuture();
    }
  }
}
