package io.tidemark.persist;

import io.tidemark.environment.Environment;
import io.tidemark.environment.Loop;
import io.tidemark.environment.Retry;
import io.tidemark.location.ExternalException;
import io.tidemark.persist.consolidate.Consolidator;
import io.tidemark.progress.Antichain;
import io.tidemark.row.Schema;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * A durable, definite, time-varying collection, open in this process. Everything below its upper is
 * complete and never changes; {@code since <= upper} say which times can be read. Belongs to one
 * context.
 */
public final class Shard {

  /** How often a reader looks whether a time is complete. */
  private static final long WAIT_MILLIS = 20;

  private final PersistClient client;
  private final StateLoader loader;
  private final Machine machine;
  private final Environment environment;
  private final Parts parts;

  Shard(
      PersistClient client,
      StateLoader loader,
      StateLoader.Loaded loaded,
      Environment environment) {
    this.client = client;
    this.loader = loader;
    this.environment = environment;
    ShardState state = loaded.state();
    this.machine =
        new Machine(loader, loaded, client.consensus(), environment, client.options().retry());
    this.parts = new Parts(state.shard(), state.schema(), this::object, environment.offload());
  }

  public ShardId id() {
    return machine.state().shard();
  }

  public Schema schema() {
    return machine.state().schema();
  }

  /** The upper as far as this process knows; {@link #refresh} first for what is true now. */
  public Antichain upper() {
    return machine.state().upper();
  }

  /** Reads what any process has committed until now. */
  public Future<Void> refresh() {
    return machine.refresh();
  }

  /**
   * Begins a new epoch, whoever may be in one: fences every writer there is, and registers one. Its
   * upper is the one in consensus, not a cached one.
   */
  public Future<WriteHandle> startEpoch() {
    return startEpoch(null, StartEpoch.ANY);
  }

  /**
   * Begins a new epoch as the successor of the one that is current as far as this process knows:
   * {@link #refresh} first. If somebody else begins one at the same time, only one succeeds.
   *
   * @return fails with a {@link FencedException} if another epoch has begun since
   */
  public Future<WriteHandle> succeedEpoch(Coordinator coordinator) {
    return startEpoch(coordinator, epoch());
  }

  private Future<WriteHandle> startEpoch(@Nullable Coordinator coordinator, long after) {
    WriterId writer = WriterId.random(environment.entropy());
    PartTarget target =
        new PartTarget(client.blob(), id(), writer, schema(), environment, client.options());
    return machine
        .apply(new StartEpoch(writer, coordinator, after))
        .compose(
            started ->
                started.begun()
                    ? Future.succeededFuture(handle(target, started))
                    : Future.failedFuture(new FencedException(epoch(), coordinator())));
  }

  /** The number of the epoch, as far as this process knows. */
  public long epoch() {
    return machine.state().epoch();
  }

  /** Who began that epoch, if they said so. */
  public @Nullable Coordinator coordinator() {
    return machine.state().coordinator();
  }

  private WriteHandle handle(PartTarget target, StartEpoch.Started started) {
    InlineFlush flush = new InlineFlush(parts, target);
    Upkeep upkeep = new Upkeep(machine, loader, flush, target);
    return new WriteHandle(machine, flush, target, started, upkeep, client.appends());
  }

  /**
   * Begins to read the contents at one time.
   *
   * @param asOf the time; empty for the newest that is complete now. A shard in which nothing is
   *     complete yet has no contents
   * @return fails with an {@link UnreadableTimeException} if that is before {@code since}, or still
   *     not complete when the options' wait is over
   */
  public Future<Snapshot> snapshot(OptionalLong asOf, SnapshotOptions options) {
    long deadlineMillis = environment.clock().monotonicMillis() + options.waitMillis();
    return refresh()
        .compose(done -> Loop.whileTrue(() -> isEarly(asOf, deadlineMillis)))
        .map(done -> asOf.isPresent() ? read(asOf.getAsLong(), options) : readNewest(options));
  }

  private Snapshot readNewest(SnapshotOptions options) {
    Antichain upper = upper();
    if (upper.equals(Antichain.minimum())) {
      return snapshot(-1, List.of(), options);
    }
    return read(upper.isEmpty() ? Antichain.MAX_TIME : upper.time() - 1, options);
  }

  /** Whether to look again later if the time is complete. */
  private Future<Boolean> isEarly(OptionalLong asOf, long deadlineMillis) {
    if (asOf.isEmpty() || !upper().lessEqual(asOf.getAsLong())) {
      return Future.succeededFuture(false);
    }
    if (environment.clock().monotonicMillis() >= deadlineMillis) {
      return Future.failedFuture(
          new UnreadableTimeException(
              "time "
                  + asOf.getAsLong()
                  + " is not complete yet: the upper is "
                  + upper()
                  + ", read at a time before it"));
    }
    Promise<Void> later = Promise.promise();
    environment.timers().after(WAIT_MILLIS, later::complete);
    return later.future().compose(waited -> refresh()).map(true);
  }

  private Snapshot read(long asOf, SnapshotOptions options) {
    ShardState state = machine.state();
    if (!state.since().lessEqual(asOf)) {
      throw new UnreadableTimeException(
          "time " + asOf + " cannot be read any more: the earliest is " + state.since());
    }
    return snapshot(asOf, state.trace().from(0), options);
  }

  private Snapshot snapshot(long asOf, List<Batch> batches, SnapshotOptions options) {
    Consolidator consolidator =
        new Consolidator(
            schema(), Math.max(0, asOf), Snapshot.consolidation(options, environment.entropy()));
    return new Snapshot(asOf, batches, parts, environment.offload(), consolidator);
  }

  /**
   * The objects of the blob store that hold this shard, as far as this process knows: beside them
   * may lie others, which were never committed. What is inline is in none of them.
   */
  public List<String> partKeys() {
    return machine.state().trace().keys().stream().sorted().toList();
  }

  private Future<Optional<byte[]>> object(String key) {
    return Retry.of(
        environment,
        client.options().retry(),
        ExternalException.class::isInstance,
        () -> client.blob().get(key));
  }

  /** What the shard is made of, as far as this process knows. */
  public ShardSummary summary() {
    return ShardSummary.of(machine.state());
  }
}
