package io.tidemark.persist;

import org.jspecify.annotations.Nullable;

/**
 * Somebody else has begun an epoch of the shard: it was not begun here, and whoever coordinated the
 * shard until then does so no more.
 */
public final class FencedException extends RuntimeException {

  private static final long serialVersionUID = 1;

  private final long epoch;
  private final transient @Nullable Coordinator coordinator;

  public FencedException(long epoch, @Nullable Coordinator coordinator) {
    super("epoch " + epoch + " was begun by " + (coordinator == null ? "unknown" : coordinator));
    this.epoch = epoch;
    this.coordinator = coordinator;
  }

  /** The number of the epoch that has begun. */
  public long epoch() {
    return epoch;
  }

  /** Who has begun it, if they said so. */
  public @Nullable Coordinator coordinator() {
    return coordinator;
  }
}
