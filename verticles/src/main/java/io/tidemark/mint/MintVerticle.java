package io.tidemark.mint;

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
import io.tidemark.protocol.Messages.Roster;
import io.tidemark.protocol.Mode;
import io.tidemark.protocol.RefusedException;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gathers the roster of each epoch that the appender begins, then publishes the epoch's batch
 * descriptions, again and again until they are committed. Deployed once for each collection, by
 * whoever holds its lease.
 */
public final class MintVerticle extends VerticleBase {

  /** So many times in a row a writer may not be heard of before the epoch ends. */
  private static final int MAX_UNHEARD = 2;

  private static final Logger log = LoggerFactory.getLogger(MintVerticle.class);

  private final MintContext world;
  private @Nullable Registration registration;
  private @Nullable Join epoch;
  private @Nullable Minter minter;
  private Timers.Timer due = () -> {};
  private Timers.Timer republishing = () -> {};
  private Timers.Timer checking = () -> {};
  private int unheard;

  public MintVerticle(MintContext world) {
    this.world = world;
  }

  @Override
  public Future<?> start() {
    return world
        .bus()
        .consume(Addresses.mint(world.coordination()), this::received)
        .onSuccess(registered -> registration = registered);
  }

  @Override
  public Future<?> stop() {
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
      invite(join);
    }
  }

  private void endMinting() {
    due.cancel();
    republishing.cancel();
    checking.cancel();
    minter = null;
  }

  private void invite(Join join) {
    world
        .writers()
        .list()
        .compose(writers -> askAll(writers, join))
        .onComplete(
            joined -> {
              if (!isCurrent(join.epoch())) {
                return;
              }
              if (joined.failed() || joined.result().isEmpty()) {
                log.debug("'{}' epoch {}: no writer yet", join.collection(), join.epoch());
                world
                    .environment()
                    .timers()
                    .after(world.settings().republishMillis(), () -> inviteAgain(join));
              } else {
                appoint(join, joined.result());
              }
            });
  }

  private void inviteAgain(Join join) {
    if (isCurrent(join.epoch())) {
      invite(join);
    }
  }

  /** The writers that have answered, in the order of their ids. */
  private Future<List<String>> askAll(List<String> writers, Join join) {
    List<Future<Object>> answers = new ArrayList<>();
    for (String writer : writers) {
      answers.add(request(Addresses.writer(writer), join));
    }
    return Future.join(answers)
        .transform(
            done -> {
              List<String> joined = new ArrayList<>();
              for (int i = 0; i < writers.size(); i++) {
                if (answers.get(i).succeeded()) {
                  joined.add(writers.get(i));
                }
              }
              joined.sort(null);
              return Future.succeededFuture(joined);
            });
  }

  /** Tells the roster to the appender and to everybody on it; if one misses it, it is void. */
  private void appoint(Join join, List<String> writers) {
    Roster roster = new Roster(join.collection(), join.epoch(), writers);
    List<Future<Object>> told = new ArrayList<>();
    told.add(request(Addresses.append(world.coordination()), roster));
    for (String writer : writers) {
      told.add(request(Addresses.writer(writer), roster));
    }
    Future.all(told)
        .onComplete(
            all -> {
              if (!isCurrent(join.epoch())) {
                return;
              }
              if (all.failed()) {
                endEpoch(join, "not everybody heard the roster: " + all.cause().getMessage());
              } else {
                beginMinting(join);
                checkLater(join, roster);
              }
            });
  }

  /**
   * Looks every now and then whether everybody on the roster is still there: where no description
   * is open, nobody else would notice that.
   */
  private void checkLater(Join join, Roster roster) {
    checking =
        world
            .environment()
            .timers()
            .after(world.settings().rosterMillis(), () -> check(join, roster));
  }

  private void check(Join join, Roster roster) {
    Future.all(
            roster.writers().stream()
                .map(writer -> request(Addresses.writer(writer), roster))
                .toList())
        .onComplete(
            all -> {
              if (!isCurrent(join.epoch())) {
                return;
              }
              unheard = all.succeeded() ? 0 : unheard + 1;
              if (unheard >= MAX_UNHEARD) {
                endEpoch(join, "a writer is gone: " + all.cause().getMessage());
              } else {
                checkLater(join, roster);
              }
            });
  }

  private Future<Object> request(String address, Object message) {
    return world.bus().request(address, message, world.settings().answerMillis());
  }

  private void endEpoch(Join join, String reason) {
    request(
            Addresses.append(world.coordination()),
            new EndEpoch(join.collection(), join.epoch(), reason))
        .onFailure(
            e -> {
              if (isCurrent(join.epoch())) {
                world
                    .environment()
                    .timers()
                    .after(world.settings().republishMillis(), () -> endEpochAgain(join, reason));
              }
            });
  }

  private void endEpochAgain(Join join, String reason) {
    if (isCurrent(join.epoch())) {
      endEpoch(join, reason);
    }
  }

  private void beginMinting(Join join) {
    unheard = 0;
    minter =
        join.mode() == Mode.INGEST
            ? new IngestMinter(world.settings(), join.upper(), nowMillis())
            : new SourceMinter(world.settings(), join.upper(), join.partitions());
    mint();
  }

  /** Mints what is due, publishes it, and looks again when more may be due. */
  private void mint() {
    Minter current = minter;
    if (current == null) {
      return;
    }
    boolean minted = false;
    while (current.mint(world.environment().clock().wallMillis(), nowMillis()) != null) {
      minted = true;
    }
    if (minted) {
      publish(current);
    }
    due.cancel();
    long inMillis = current.dueInMillis(nowMillis());
    if (inMillis > 0) {
      due = world.environment().timers().after(inMillis, this::mint);
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
