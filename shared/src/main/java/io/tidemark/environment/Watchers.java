package io.tidemark.environment;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Those who want to be told of something, each on the context that asked for it. Thread-safe. */
public final class Watchers<T> {

  private final List<Watcher<T>> watchers = new CopyOnWriteArrayList<>();

  /** One of them, by identity; without a context it is told on the thread that tells. */
  private static final class Watcher<T> {
    private final Consumer<T> told;
    private final @Nullable Context context;

    Watcher(Consumer<T> told, @Nullable Context context) {
      this.told = told;
      this.context = context;
    }

    void tell(T what) {
      if (context == null) {
        told.accept(what);
      } else {
        context.runOnContext(run -> told.accept(what));
      }
    }
  }

  /** Adds one; what is returned takes it away. */
  public Runnable add(Consumer<T> told) {
    Watcher<T> watcher = new Watcher<>(told, Vertx.currentContext());
    watchers.add(watcher);
    return () -> watchers.remove(watcher);
  }

  /** Tells everybody, once each. */
  public void tell(T what) {
    watchers.forEach(watcher -> watcher.tell(what));
  }
}
