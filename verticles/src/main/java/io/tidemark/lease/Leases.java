package io.tidemark.lease;

import io.vertx.core.Future;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The rights to coordinate collections. A hint for liveness: it is to be rare, not impossible, that
 * two hold one at once, and safety never rests on it.
 */
public interface Leases {

  /**
   * Tries to get the right to coordinate {@code collection}.
   *
   * @param lost is run, once, if the lease ends other than by its release
   * @return the lease, or null if somebody else holds it
   */
  Future<@Nullable Lease> acquire(String collection, Runnable lost);

  /**
   * Runs {@code free} on the caller's context with the name of a collection whose lease may have
   * become free, until what is returned is run. It may be missed: ask now and then all the same.
   */
  Runnable watch(Consumer<String> free);

  /** The right to coordinate one collection. */
  interface Lease {

    /** Whether the holder may still believe in it. */
    boolean isHeld();

    /** Gives it up, so that somebody else can have it at once. */
    Future<Void> release();
  }
}
