package io.tidemark.mint;

import io.vertx.core.Future;
import java.util.List;

/**
 * Which writers there are, in the whole cluster. A hint: one that is listed may be gone, and one
 * that is there may not be listed yet. Thread-safe.
 */
public interface Writers {

  /** Lists a writer. */
  Future<Void> register(String writer);

  /** Lists a writer no more. */
  Future<Void> unregister(String writer);

  /** The writers that are listed now. */
  Future<List<String>> list();

  /**
   * Runs {@code changed} on the caller's context whenever {@link #list} may have changed, until
   * what is returned is run.
   */
  Runnable watch(Runnable changed);
}
