package io.tidemark.mint;

import io.tidemark.environment.Watchers;
import io.vertx.core.Future;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;

/** The writers of a node that is not clustered. */
public final class LocalWriters implements Writers {

  private final Set<String> writers = new ConcurrentSkipListSet<>();
  private final Watchers<String> watchers = new Watchers<>();

  @Override
  public Future<Void> register(String writer) {
    writers.add(writer);
    watchers.tell(writer);
    return Future.succeededFuture();
  }

  @Override
  public Future<Void> unregister(String writer) {
    writers.remove(writer);
    watchers.tell(writer);
    return Future.succeededFuture();
  }

  @Override
  public Future<List<String>> list() {
    return Future.succeededFuture(List.copyOf(writers));
  }

  @Override
  public Runnable watch(Runnable changed) {
    return watchers.add(writer -> changed.run());
  }
}
