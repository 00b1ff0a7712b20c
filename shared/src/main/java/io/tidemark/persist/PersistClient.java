package io.tidemark.persist;

import io.tidemark.environment.Environment;
import io.tidemark.environment.Retry;
import io.tidemark.location.Blob;
import io.tidemark.location.Consensus;
import io.tidemark.location.ExternalException;
import io.tidemark.row.Schema;
import io.vertx.core.Future;

/** Opens shards over one blob store and one consensus store. Immutable. */
public final class PersistClient {

  private final Blob blob;
  private final Consensus consensus;
  private final PersistOptions options;
  private final WriteHandle.Appends appends;
  private final CompactionSlots compactions = new CompactionSlots();

  public PersistClient(Blob blob, Consensus consensus, PersistOptions options) {
    this(blob, consensus, options, CompareAndAppend::new);
  }

  PersistClient(
      Blob blob, Consensus consensus, PersistOptions options, WriteHandle.Appends appends) {
    this.blob = blob;
    this.consensus = consensus;
    this.options = options;
    this.appends = appends;
  }

  public Blob blob() {
    return blob;
  }

  public Consensus consensus() {
    return consensus;
  }

  public PersistOptions options() {
    return options;
  }

  WriteHandle.Appends appends() {
    return appends;
  }

  /** How many compactions of all shards may run. */
  CompactionSlots compactions() {
    return compactions;
  }

  /**
   * Opens a shard, and creates it if it does not exist yet. The shard, and all that comes from it,
   * belongs to the calling context.
   *
   * @param schema of a new shard; one that exists keeps its own
   * @param environment of the calling context
   */
  public Future<Shard> open(ShardId shard, Schema schema, Environment environment) {
    StateLoader loader = new StateLoader(shard, blob, consensus, environment);
    return Retry.of(
            environment,
            options.retry(),
            ExternalException.class::isInstance,
            () -> loader.open(schema))
        .map(loaded -> new Shard(this, loader, loaded, environment));
  }
}
