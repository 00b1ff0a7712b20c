package io.tidemark.persist;

import io.tidemark.progress.Antichain;
import io.tidemark.row.Schema;
import io.vertx.core.Future;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A leased reader of a shard: what it may read does not go while it is open. Its lease is renewed
 * in the background; if that was not possible for as long as a lease takes, it is lost, and from
 * then on everything fails with a {@link LeaseExpiredException}. Belongs to one context; must be
 * closed.
 */
public final class ReadHandle {

  private final ReadContext context;
  private final Lease lease;
  private final Snapshots snapshots;

  ReadHandle(ReadContext context, Lease lease) {
    this.context = context;
    this.lease = lease;
    this.snapshots = new Snapshots(context);
  }

  /** The earliest time that this reader may read. */
  public Antichain since() {
    return lease.since();
  }

  /** The newest schema, as far as this process knows. */
  public VersionedSchema registered() {
    return context.state().schemas().newest();
  }

  /** The schema that is registered under a number; empty if this process knows of none. */
  public Optional<VersionedSchema> registered(int id) {
    Schemas known = context.state().schemas();
    return known.has(id) ? Optional.of(new VersionedSchema(id, known.of(id))) : Optional.empty();
  }

  /**
   * The schema of what was read here, with its number.
   *
   * @throws IllegalArgumentException if it is none of this shard
   */
  public VersionedSchema registered(Schema schema) {
    int id = context.state().schemas().idOf(schema);
    if (id < 0) {
      throw new IllegalArgumentException(schema + " is none of " + context.state().shard());
    }
    return new VersionedSchema(id, schema);
  }

  /** The shard's upper as far as this process knows. */
  public Antichain upper() {
    return context.state().upper();
  }

  /**
   * Begins to read the contents at one time.
   *
   * @param asOf the time; empty for the newest that is complete now. A shard in which nothing is
   *     complete yet has no contents
   * @return fails with an {@link UnreadableTimeException} if that is before {@link #since()}, or
   *     still not complete when the options' wait is over
   */
  public Future<Snapshot> snapshot(OptionalLong asOf, SnapshotOptions options) {
    return awaited(asOf, options).map(done -> snapshots.read(lease, asOf, options, () -> {}));
  }

  private Future<Void> awaited(OptionalLong asOf, SnapshotOptions options) {
    try {
      lease.check();
    } catch (RuntimeException e) {
      return Future.failedFuture(e);
    }
    return snapshots.await(asOf, options).compose(done -> checked());
  }

  private Future<Void> checked() {
    lease.check();
    return Future.succeededFuture();
  }

  /**
   * Begins to read what changes after a time, which need not be complete yet.
   *
   * @param asOf the updates at later times are read; -1 for all there are
   * @return fails with an {@link UnreadableTimeException} if that is before {@link #since()}
   */
  public Future<Listen> listen(long asOf) {
    try {
      lease.check();
      return Future.succeededFuture(listenFrom(asOf));
    } catch (RuntimeException e) {
      return Future.failedFuture(e);
    }
  }

  private Listen listenFrom(long asOf) {
    boolean fromTheBeginning = asOf == -1 && since().equals(Antichain.minimum());
    if (!fromTheBeginning) {
      Snapshots.checkReadable(asOf, since());
    }
    return new Listen(context, lease, asOf);
  }

  /**
   * Begins to read the contents at one time, and what changes after it. Both must be closed.
   *
   * @param asOf as for {@link #snapshot}
   * @return fails as {@link #snapshot} does
   */
  public Future<Subscription> subscribe(OptionalLong asOf, SnapshotOptions options) {
    return awaited(asOf, options)
        .map(
            done -> {
              Snapshot snapshot = snapshots.read(lease, asOf, options, () -> {});
              return new Subscription(snapshot, listenFrom(snapshot.asOf()));
            });
  }

  /**
   * Says that nothing before {@code since} will be read any more, but by what is being read
   * already. What is not forward changes nothing. A reader with an open {@link Listen} follows it
   * by itself.
   *
   * @return completes when that is committed, with what else this process has to say of its
   *     readers; there is no need to wait for it
   */
  public Future<Void> downgradeSince(Antichain since) {
    try {
      lease.check();
    } catch (RuntimeException e) {
      return Future.failedFuture(e);
    }
    lease.downgrade(since);
    return context.leases().update();
  }

  /** Gives the lease back. What is being read fails from now on. */
  public Future<Void> close() {
    return context.leases().close(lease);
  }
}
