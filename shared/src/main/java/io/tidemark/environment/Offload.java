package io.tidemark.environment;

import io.vertx.core.Future;
import java.util.concurrent.Callable;

/** Where blocking and long work goes, so that an event loop never does it. */
public interface Offload {

  /**
   * Runs {@code work} elsewhere, in no particular order with other work. The future completes on
   * the caller's context; it fails with what {@code work} throws.
   */
  <T> Future<T> call(Callable<T> work);
}
