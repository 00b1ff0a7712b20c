package io.tidemark.mint;

import io.vertx.core.Future;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;

/** The writers of a node that is not clustered. */
public final class LocalWriters implements Writers {

  private final Set<String> writers = new ConcurrentSkipListSet<>();

  @Override
  public Future<Void> register(String writer) {
    writers.add(writer);
    return Future.succeededFuture();
  }

  @Override
  public Future<Void> unregister(String writer) {
    writers.remove(writer);
    return Future.succeededFuture();
  }

  @Override
  public Future<List<String>> list() {
    return Future.succeededFuture(List.copyOf(writers));
  }
}
