package io.tidemark.catalog;

import io.tidemark.environment.Environment;
import io.tidemark.persist.PersistClient;
import io.tidemark.persist.Shard;
import io.vertx.core.Future;

/**
 * Removes what a dropped collection held, in steps: its shard ends, what it was made of is deleted,
 * the list forgets it. Each step may be done again, by any process and by several at once. Belongs
 * to one context.
 */
public final class Finalization {

  private final Catalog catalog;
  private final PersistClient persist;
  private final Environment environment;

  public Finalization(Catalog catalog, PersistClient persist, Environment environment) {
    this.catalog = catalog;
    this.persist = persist;
    this.environment = environment;
  }

  /** From then on nothing can be written to its shard, or read; the list knows how it ended. */
  public Future<Void> end(DroppedCollection dropped) {
    return dropped.hasEnded()
        ? Future.succeededFuture()
        : open(dropped)
            .compose(Shard::end)
            .compose(epoch -> catalog.ended(dropped.collection().shard(), epoch));
  }

  /** Deletes everything that lies in the stores now but the sign that the shard was dropped. */
  public Future<Void> delete(DroppedCollection dropped) {
    return end(dropped).compose(done -> open(dropped)).compose(Shard::drop);
  }

  /** The list forgets it: whatever is left is left for good. */
  public Future<Void> forget(DroppedCollection dropped) {
    return catalog.forget(dropped.collection().shard());
  }

  /** One that never was begun is, so that nobody can begin it later. */
  private Future<Shard> open(DroppedCollection dropped) {
    CollectionSpec collection = dropped.collection();
    return persist.open(collection.shard(), collection.schema(), environment);
  }
}
