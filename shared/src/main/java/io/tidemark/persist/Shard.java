package io.tidemark.persist;

import io.tidemark.environment.Environment;
import io.tidemark.environment.Retry;
import io.tidemark.location.ExternalException;
import io.tidemark.progress.Antichain;
import io.tidemark.row.Schema;
import io.vertx.core.Future;
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

  private final PersistClient client;
  private final StateLoader loader;
  private final Machine machine;
  private final Environment environment;
  private final ReadContext context;
  private final Snapshots snapshots;

  Shard(
      PersistClient client,
      StateLoader loader,
      StateLoader.Loaded loaded,
      Environment environment) {
    this.client = client;
    this.loader = loader;
    this.environment = environment;
    this.machine =
        new Machine(loader, loaded, client.consensus(), environment, client.options().retry());
    ReadOptions reads = client.options().reads();
    ShardWatch watch = new ShardWatch(machine, environment, reads);
    Leases leases = new Leases(machine, watch, environment, reads);
    this.context = new ReadContext(machine, watch, leases, environment, this::object);
    this.snapshots = new Snapshots(context);
  }

  public ShardId id() {
    return machine.state().shard();
  }

  /** The newest schema, as far as this process knows. */
  public Schema schema() {
    return machine.state().schema();
  }

  /** The newest schema with its number, as far as this process knows. */
  public VersionedSchema registered() {
    return machine.state().schemas().newest();
  }

  /**
   * Makes {@code next} the newest schema: what is written before that and after it reads as rows of
   * it. Epochs that are under way go on with the schema that they began with.
   *
   * @param expectedId the number of the schema that it follows
   * @return fails with a {@link ShardDroppedException} if there is nothing left to write to
   */
  public Future<EvolveOutcome> evolve(int expectedId, Schema next) {
    return machine.apply(new Evolve(expectedId, next));
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
    return startEpoch(StartEpoch.Succession.OF_ANY);
  }

  /**
   * Begins a new epoch as the successor of the one that is current as far as this process knows:
   * {@link #refresh} first. If somebody else begins one at the same time, only one succeeds.
   *
   * @param floor its number is greater than this one, too
   * @return fails with a {@link FencedException} if another epoch has begun since, with a {@link
   *     ShardDroppedException} if there can be none any more
   */
  public Future<WriteHandle> succeedEpoch(Coordinator coordinator, long floor) {
    return startEpoch(new StartEpoch.Succession(coordinator, epoch(), floor));
  }

  private Future<WriteHandle> startEpoch(StartEpoch.Succession succession) {
    WriterId writer = WriterId.random(environment.entropy());
    return machine
        .apply(new StartEpoch(writer, succession))
        .compose(
            started ->
                started.begun()
                    ? Future.succeededFuture(handle(target(writer, started.schema()), started))
                    : Future.failedFuture(notBegun()));
  }

  private PartTarget target(WriterId writer, VersionedSchema schema) {
    return new PartTarget(client.blob(), id(), writer, schema, environment, client.options());
  }

  private RuntimeException notBegun() {
    return machine.state().isTombstone()
        ? new ShardDroppedException(id())
        : new FencedException(epoch(), coordinator());
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
    Schemas known = machine.state().schemas().upTo(started.schema().id());
    Parts parts = new Parts(id(), known, this::object, environment.offload());
    InlineFlush flush = new InlineFlush(parts, target);
    CompactionSchedule compaction =
        new CompactionSchedule(
            machine, new Compactor(machine, parts, target), target, client.compactions());
    Upkeep upkeep = new Upkeep(machine, rollUp(), flush, target, compaction);
    HistoryUpkeep history =
        new HistoryUpkeep(machine, environment, collection(), sweep(), started.epoch());
    return new WriteHandle(machine, flush, target, started, upkeep, history, client.appends());
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
    return snapshots
        .await(asOf, options)
        .compose(done -> opened(asOf))
        .map(lease -> snapshot(lease, asOf, options));
  }

  private Future<Lease> opened(OptionalLong asOf) {
    asOf.ifPresent(time -> Snapshots.checkReadable(time, machine.state().since()));
    return context.leases().open("snapshot");
  }

  /** Under a lease of its own, which goes with it. */
  private Snapshot snapshot(Lease lease, OptionalLong asOf, SnapshotOptions options) {
    try {
      return snapshots.read(lease, asOf, options, () -> close(lease));
    } catch (RuntimeException e) {
      close(lease);
      throw e;
    }
  }

  private void close(Lease lease) {
    // If that fails, its lease ends by itself.
    Future<Void> unused = context.leases().close(lease);
  }

  /**
   * Registers a leased reader. What can be read from the shard's since on then stays readable until
   * the reader gives it up, is closed, or is not heard of for the time of a lease.
   *
   * @param purpose what it reads for, for people: it is kept with the shard
   */
  public Future<ReadHandle> openReader(String purpose) {
    return context.leases().open(purpose).map(lease -> new ReadHandle(context, lease));
  }

  /**
   * Opens a critical since, and registers it at the shard's since if it is not there yet.
   *
   * @param name which one
   * @param initialToken its token if it is new; otherwise it keeps its own
   */
  public Future<SinceHandle> openSince(String name, long initialToken) {
    return machine
        .apply(new RegisterSince(name, initialToken))
        .map(state -> new SinceHandle(machine, name, state));
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

  /** Whether the shard has ended, as far as this process knows. */
  public boolean isDropped() {
    return machine.state().isTombstone();
  }

  /**
   * The first step of {@link #drop()}: nothing can be written or read any more, and nothing is
   * deleted yet.
   *
   * @return the number of the last epoch, which is its end
   */
  public Future<Long> end() {
    return refresh().compose(done -> machine.apply(new Drop(false))).map(done -> epoch());
  }

  /**
   * Ends the shard, whoever writes or reads it: all of its contents go, and for good. Can be called
   * again if it failed, and by many at a time.
   */
  public Future<Void> drop() {
    return dropping().run(new Drop(false));
  }

  /**
   * As {@link #drop()}, but only if nothing can be written or read any more: since and upper are
   * empty.
   *
   * @throws InvalidUsageException (in the future) if they are not
   */
  public Future<Void> finish() {
    return dropping().run(new Drop(true));
  }

  /**
   * Removes what no reader needs and nothing names any more; beside appends that happens by itself,
   * now and then. Can be done by any process, and by many at a time.
   */
  public Future<Collected> collectGarbage() {
    return refresh()
        .compose(done -> machine.apply(new ExpireReaders()))
        .compose(done -> collection().run())
        .compose(collected -> sweep().run().map(collected::plus));
  }

  /**
   * As {@link #collectGarbage}, but also what is not due yet: with a rollup first, so that all of
   * the past can go that no reader holds.
   *
   * @param waitMillis how long to wait for the next append, which has to come before that
   */
  public Future<Collected> collectAll(long waitMillis) {
    return new FullCollection(machine, rollUp(), collection(), sweep(), environment)
        .run(waitMillis);
  }

  private RollUp rollUp() {
    return new RollUp(machine, loader, client.blob(), environment, client.options().retry());
  }

  private History history() {
    return new History(loader, environment, client.options().retry());
  }

  private Deletion deletion() {
    return new Deletion(client.blob(), environment, client.options().retry());
  }

  private GarbageCollection collection() {
    return new GarbageCollection(machine, history(), deletion(), client.consensus());
  }

  private Sweep sweep() {
    return new Sweep(machine, history(), deletion(), client.blob());
  }

  private Dropping dropping() {
    return new Dropping(
        machine, rollUp(), history(), deletion(), client.blob(), client.consensus());
  }

  /** What the shard is made of, down to each batch: as far as this process knows. */
  public Future<ShardAnatomy> anatomy() {
    ShardAnatomy known = ShardAnatomy.of(machine.state());
    return history().earliest().map(earliest -> known.since(earliest.seqno()));
  }

  /** What the shard is made of, as far as this process knows. */
  public ShardSummary summary() {
    return ShardSummary.of(machine.state());
  }
}
