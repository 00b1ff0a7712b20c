package io.tidemark.mint;

import io.tidemark.environment.CrashPoint;
import io.tidemark.environment.Timers;
import io.tidemark.protocol.Addresses;
import io.tidemark.protocol.Bus.Delivery;
import io.tidemark.protocol.Bus.Registration;
import io.tidemark.protocol.FailureCode;
import io.tidemark.protocol.Messages.Ack;
import io.tidemark.protocol.Messages.Committed;
import io.tidemark.protocol.Messages.Descriptions;
import io.tidemark.protocol.Messages.EndEpoch;
import io.tidemark.protocol.Messages.EpochStarted;
import io.tidemark.protocol.Messages.Frontiers;
import io.tidemark.protocol.Messages.Held;
import io.tidemark.protocol.Messages.InEpoch;
import io.tidemark.protocol.Messages.Join;
import io.tidemark.protocol.Messages.Outdated;
import io.tidemark.protocol.Messages.Roster;
import io.tidemark.protocol.Mode;
import io.tidemark.protocol.RefusedException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gathers the roster of each epoch that the appender begins, then publishes the epoch's batch
 * descriptions, again and again until they are committed. Deployed once for each collection, by
 * whoever holds its lease.
 */
public final class MintVerticle extends VerticleBase {

  private static final Logger log = LoggerFactory.getLogger(MintVerticle.class);

  private final MintContext world;
  private @Nullable Registration registration;
  private @Nullable Join epoch;
  private @Nullable Minter minter;
  private Timers.Timer due = () -> {};
  private Timers.Timer republishing = () -> {};
  private Timers.Timer draining = () -> {};
  private @Nullable Invitation invitation;
  private final RosterWatch rosterWatch;
  private @Nullable Runnable drained;
  private boolean lastMinted;

  public MintVerticle(MintContext world) {
    this.world = world;
    this.rosterWatch = new RosterWatch(world, this::writerLost, this::changing);
  }

  @Override
  public Future<?> start() {
    return world
        .bus()
        .consume(Addresses.mint(world.coordination()), this::received)
        .onSuccess(registered -> registration = registered);
  }

  /** Hands over in order: as long as the lease holds, what was described is committed first. */
  @Override
  public Future<?> stop() {
    Promise<Void> done = Promise.promise();
    rosterWatch.end();
    if (minter != null && world.mayCoordinate().getAsBoolean()) {
      drain(done::tryComplete);
    } else {
      done.complete();
    }
    return done.future()
        .onSuccess(committed -> world.finished().run())
        .compose(handedOver -> leave());
  }

  private Future<Void> leave() {
    epoch = null;
    endMinting();
    return registration == null ? Future.succeededFuture() : registration.unregister();
  }

  private void received(Delivery delivery) {
    Object message = delivery.body();
    if (message instanceof EpochStarted started) {
      begin(started.join());
      delivery.reply(new Ack());
    } else if (message instanceof InEpoch of && isCurrent(of.epoch())) {
      heard(of, delivery);
    } else {
      delivery.refuse(
          new RefusedException(FailureCode.STALE_EPOCH, "that is not the epoch that mint is in"));
    }
  }

  private boolean isCurrent(long number) {
    return epoch != null && epoch.epoch() == number;
  }

  private void heard(InEpoch message, Delivery delivery) {
    if (message instanceof Held held && minter instanceof IngestMinter ingest) {
      ingest.held(held, nowMillis());
    } else if (message instanceof Frontiers frontiers && minter instanceof SourceMinter source) {
      source.advanced(frontiers);
      delivery.reply(new Ack());
    } else if (message instanceof Committed committed && minter != null) {
      minter.committed(committed.number());
      CrashPoint.M5.reached(world.environment());
    } else if (message instanceof Outdated && minter != null) {
      outdated();
    } else {
      delivery.refuse(new RefusedException(FailureCode.UNAVAILABLE, "mint has no roster yet"));
      return;
    }
    mint();
  }

  /** Asks everybody to take part, unless this epoch has begun already. */
  private void begin(Join join) {
    if (epoch == null || join.epoch() > epoch.epoch()) {
      endMinting();
      epoch = join;
      CrashPoint.M2.reached(world.environment());
      invitation =
          new Invitation(
              world, join, roster -> appointed(join, roster), why -> endEpoch(join, false, why));
      invitation.send();
    }
  }

  private void appointed(Join join, Roster roster) {
    if (isCurrent(join.epoch())) {
      beginMinting(join, roster);
      rosterWatch.begin(join, roster);
    }
  }

  private void writerLost(String reason) {
    if (epoch != null) {
      rosterWatch.end();
      endEpoch(epoch, false, reason);
    }
  }

  /** The collection was altered: the next epoch has the new schema. Said again and again. */
  private void outdated() {
    if (drained == null) {
      changing("its columns were altered");
    }
  }

  /**
   * The epoch is to end in order: what writers hold now is described and committed, nothing more is
   * minted, and the next epoch begins at once. What writers take meanwhile is sent again in it.
   */
  private void changing(String reason) {
    Join ending = epoch;
    if (ending != null) {
      log.info("'{}' epoch {} will change: {}", world.collection(), ending.epoch(), reason);
      drain(
          () -> {
            rosterWatch.end();
            endEpoch(ending, true, "planned: " + reason);
          });
    }
  }

  /** Runs {@code then} once everything that was described is committed, or time is up. */
  private void drain(Runnable then) {
    Runnable before = drained;
    drained =
        () -> {
          if (before != null) {
            before.run();
          }
          then.run();
        };
    if (before == null) {
      draining =
          world.environment().timers().after(world.settings().drainMillis(), this::drainLate);
      mint();
    }
  }

  private void drainLate() {
    log.warn(
        "'{}' epoch {}: what was described was not committed in {} ms; it is sent again",
        world.collection(),
        epoch == null ? 0 : epoch.epoch(),
        world.settings().drainMillis());
    endDraining();
  }

  private void endDraining() {
    draining.cancel();
    Runnable then = drained;
    drained = null;
    minter = null;
    if (then != null) {
      then.run();
    }
  }

  private void endMinting() {
    due.cancel();
    republishing.cancel();
    draining.cancel();
    rosterWatch.end();
    if (invitation != null) {
      invitation.withdraw();
    }
    minter = null;
    Runnable waiting = drained;
    drained = null;
    if (waiting != null) {
      waiting.run(); // nothing is left to wait for
    }
  }

  private void endEpoch(Join join, boolean planned, String reason) {
    world
        .bus()
        .request(
            Addresses.append(world.coordination()),
            new EndEpoch(join.collection(), join.epoch(), planned, reason),
            world.settings().answerMillis())
        .onFailure(
            e -> {
              if (isCurrent(join.epoch())) {
                world
                    .environment()
                    .timers()
                    .after(
                        world.settings().republishMillis(),
                        () -> endEpochAgain(join, planned, reason));
              }
            });
  }

  private void endEpochAgain(Join join, boolean planned, String reason) {
    if (isCurrent(join.epoch())) {
      endEpoch(join, planned, reason);
    }
  }

  private void beginMinting(Join join, Roster roster) {
    lastMinted = false;
    minter =
        join.mode() == Mode.INGEST
            ? new IngestMinter(world.settings(), join.upper(), roster.writers(), nowMillis())
            : new SourceMinter(world.settings(), join.upper(), join.partitions());
    mint();
  }

  /** Mints what is due, publishes it, and looks again when more may be due. */
  private void mint() {
    Minter current = minter;
    if (current == null) {
      return;
    }
    if (drained != null) {
      mintLast(current);
      return;
    }
    boolean minted = false;
    while (current.mint(world.environment().clock().wallMillis(), nowMillis()) != null) {
      minted = true;
    }
    tell(current, minted);
    due.cancel();
    long inMillis = current.dueInMillis(nowMillis());
    if (inMillis > 0) {
      due = world.environment().timers().after(inMillis, this::mint);
    }
  }

  private void mintLast(Minter current) {
    due.cancel();
    if (!lastMinted) {
      long before = current.number();
      lastMinted = current.mintLast(world.environment().clock().wallMillis());
      tell(current, current.number() > before);
    }
    if (lastMinted && current.open().isEmpty()) {
      endDraining();
    }
  }

  private void tell(Minter current, boolean minted) {
    if (minted) {
      CrashPoint.M3.reached(world.environment());
      publish(current);
      CrashPoint.M4.reached(world.environment());
    }
  }

  private void publish(Minter current) {
    world
        .bus()
        .publish(
            Addresses.descriptions(world.coordination()),
            new Descriptions(
                world.collection(), epoch == null ? 0 : epoch.epoch(), current.open()));
    republishLater();
  }

  /**
   * As long as a description is open, it is published again: the first time may have been missed.
   */
  private void republishLater() {
    republishing.cancel();
    republishing =
        world.environment().timers().after(world.settings().republishMillis(), this::republish);
  }

  private void republish() {
    if (minter != null && !minter.open().isEmpty()) {
      publish(minter);
    }
  }

  private long nowMillis() {
    return world.environment().clock().monotonicMillis();
  }
}
