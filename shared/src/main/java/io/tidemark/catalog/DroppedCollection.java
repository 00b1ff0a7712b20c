package io.tidemark.catalog;

import org.jspecify.annotations.Nullable;

/**
 * A collection that was dropped, as long as something of it may be left in the stores.
 *
 * @param lastEpoch the last epoch of its shard, once nothing can be written to it any more; null
 *     before
 */
public record DroppedCollection(CollectionSpec collection, @Nullable Long lastEpoch) {

  /** Whether nothing can be written to its shard any more. */
  public boolean hasEnded() {
    return lastEpoch != null;
  }
}
