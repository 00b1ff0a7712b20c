package io.tidemark.persist;

import io.tidemark.environment.Environment;
import io.tidemark.environment.Loop;
import io.tidemark.environment.Retry;
import io.tidemark.location.Blob;
import io.tidemark.location.ExternalException;
import io.vertx.core.Future;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.OptionalLong;

/** Deletes objects of the blob store, some at a time, and tries again where that helps. */
final class Deletion {

  /** So many deletes are under way at once, so that others get their turn. */
  static final int CONCURRENCY = 32;

  private final Blob blob;
  private final Environment environment;
  private final Retry.Policy retry;

  Deletion(Blob blob, Environment environment, Retry.Policy retry) {
    this.blob = blob;
    this.environment = environment;
    this.retry = retry;
  }

  /** Deletes all of them, whether they are there or not; fails if one could not be deleted. */
  Future<Void> all(Collection<String> keys) {
    ArrayDeque<String> left = new ArrayDeque<>(keys);
    return Loop.whileTrue(() -> some(left));
  }

  private Future<Boolean> some(ArrayDeque<String> left) {
    List<Future<OptionalLong>> deletes = new ArrayList<>();
    while (deletes.size() < CONCURRENCY && !left.isEmpty()) {
      String key = left.remove();
      deletes.add(
          Retry.of(
              environment, retry, ExternalException.class::isInstance, () -> blob.delete(key)));
    }
    return Future.all(deletes).map(done -> !left.isEmpty());
  }
}
