package io.tidemark.append;

import io.tidemark.catalog.Catalog;
import io.tidemark.environment.Backoff;
import io.tidemark.persist.FencedException;
import io.tidemark.persist.PartTarget;
import io.tidemark.persist.Shard;
import io.tidemark.persist.ShardDroppedException;
import io.tidemark.persist.WriteHandle;
import io.tidemark.protocol.Addresses;
import io.tidemark.protocol.Bus.Delivery;
import io.tidemark.protocol.Bus.Registration;
import io.tidemark.protocol.FailureCode;
import io.tidemark.protocol.Messages.Ack;
import io.tidemark.protocol.Messages.Descriptions;
import io.tidemark.protocol.Messages.EndEpoch;
import io.tidemark.protocol.Messages.EpochStarted;
import io.tidemark.protocol.Messages.InEpoch;
import io.tidemark.protocol.Messages.Join;
import io.tidemark.protocol.Messages.Roster;
import io.tidemark.protocol.Messages.Token;
import io.tidemark.protocol.Messages.WhereIs;
import io.tidemark.protocol.Messages.Working;
import io.tidemark.protocol.RefusedException;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Begins a collection's epochs, and commits their batches. Deployed once for each collection, by
 * whoever holds its lease; if that is somebody else by now, consensus says so, and nothing is
 * committed.
 */
public final class AppendVerticle extends VerticleBase {

  /** How long mint may take to hear of an epoch. It is told again. */
  private static final long QUESTION_MILLIS = 1_000;

  private static final Logger log = LoggerFactory.getLogger(AppendVerticle.class);

  private final AppendContext world;
  private final Backoff backoff;
  private final AnswerWatch answers;
  private final Catalog catalog;
  private final List<Registration> registrations = new ArrayList<>();
  private @Nullable Shard shard;
  private @Nullable EpochAppend epoch;
  private @Nullable UpkeepOnDemand onDemand;
  private long lastEpoch;
  private boolean stopped;

  public AppendVerticle(AppendContext world) {
    this.world = world;
    this.backoff =
        new Backoff(
            world.environment().entropy(),
            world.settings().restartFirstMillis(),
            world.settings().restartCapMillis());
    this.catalog =
        new Catalog(
            world.persist().consensus(), world.environment(), world.persist().options().retry());
    this.answers =
        new AnswerWatch(
            world.environment().timers(), world.settings().unansweredMillis(), this::unanswered);
  }

  @Override
  public Future<?> start() {
    return consume(Addresses.append(world.coordination()), this::received)
        .compose(done -> consume(Addresses.descriptions(world.coordination()), this::received))
        .compose(done -> consume(Addresses.upkeep(world.name()), this::upkeep))
        .compose(done -> consume(Addresses.CATALOG, this::altered))
        .onSuccess(listening -> begin());
  }

  private Future<Void> consume(String address, Consumer<Delivery> handler) {
    return world
        .bus()
        .consume(address, handler)
        .map(
            registration -> {
              registrations.add(registration);
              return null;
            });
  }

  @Override
  public Future<?> stop() {
    stopped = true;
    answers.answered();
    if (epoch != null) {
      epoch.close();
    }
    world.meters().close();
    return Future.join(registrations.stream().map(Registration::unregister).toList());
  }

  /**
   * Begins an epoch: opens the shard if it is not open, then fences whoever came before. An epoch
   * that somebody else has begun after ours is never ended from here: a lease that two believe in
   * must not make them end each other's epochs for ever.
   */
  private void begin() {
    if (stopped) {
      return;
    }
    if (!world.tenure().mayCoordinate()) {
      beginLater();
      return;
    }
    answers.asked();
    opened()
        .compose(this::succeed)
        .onComplete(
            started -> {
              if (started.succeeded()) {
                answers.answered();
                began(started.result());
              } else if (started.cause() instanceof FencedException fenced) {
                answers.answered();
                fenced(fenced);
              } else if (started.cause() instanceof ShardDroppedException) {
                answers.answered();
                dropped();
              } else {
                log.warn("'{}': no epoch could be begun", world.name(), started.cause());
                shard = null;
                beginLater();
              }
            });
  }

  private Future<WriteHandle> succeed(Shard open) {
    if (open.isDropped()) {
      return Future.failedFuture(new ShardDroppedException(open.id()));
    }
    boolean isOurs =
        lastEpoch == 0
            || open.epoch() <= lastEpoch
            || world.self().equals(open.coordinator()); // begun here, and not answered
    return isOurs
        ? open.succeedEpoch(world.self(), world.collection().after())
        : Future.failedFuture(new FencedException(open.epoch(), open.coordinator()));
  }

  private void fenced(FencedException by) {
    if (!stopped) {
      stopped = true;
      world.meters().fenced();
      world.tenure().fenced(new Fencing(lastEpoch, by));
    }
  }

  private void dropped() {
    if (!stopped) {
      stopped = true;
      world.tenure().dropped();
    }
  }

  private void unanswered() {
    if (!stopped) {
      stopped = true;
      world.tenure().unanswered(world.settings().unansweredMillis());
    }
  }

  private Future<Shard> opened() {
    Shard known = shard;
    if (known != null) {
      return known.refresh().map(known);
    }
    return world
        .persist()
        .open(world.collection().shard(), world.collection().schema(), world.environment())
        .onSuccess(open -> shard = open);
  }

  private void beginLater() {
    world.environment().timers().after(backoff.nextMillis(), this::begin);
  }

  private void began(WriteHandle handle) {
    if (stopped) {
      handle.close();
      return;
    }
    log.info("'{}' epoch {} begins at upper {}", world.name(), handle.epoch(), handle.startUpper());
    lastEpoch = handle.epoch();
    EpochAppend begun = new EpochAppend(world, handle, answers, backoff::reset, this::over);
    epoch = begun;
    onDemand =
        shard == null ? null : new UpkeepOnDemand(world.name(), world.environment(), shard, handle);
    tellMint(begun, join(handle));
    mendList(handle.target());
  }

  /** The shard says which columns there are; the list follows, whoever died before it did. */
  private void mendList(PartTarget target) {
    if (!target.schema().equals(world.tenure().schema())) {
      catalog
          .alter(world.name(), listed -> listed.following(target.shard(), target.schema()))
          .onFailure(e -> log.warn("'{}': its columns were not listed", world.name(), e));
    }
  }

  private Join join(WriteHandle handle) {
    return new Join(
        world.name(),
        handle.epoch(),
        handle.target().shard(),
        handle.target().writer(),
        handle.startUpper(),
        handle.target().registered(),
        world.collection().mode(),
        world.collection().partitions(),
        handle.offsets(),
        world.coordination());
  }

  private void tellMint(EpochAppend told, Join join) {
    world
        .bus()
        .request(Addresses.mint(world.coordination()), new EpochStarted(join), QUESTION_MILLIS)
        .onFailure(
            e ->
                world
                    .environment()
                    .timers()
                    .after(backoff.nextMillis(), () -> tellMintAgain(told, join)));
  }

  private void tellMintAgain(EpochAppend told, Join join) {
    if (!told.hasEnded()) {
      tellMint(told, join);
    }
  }

  private void over(Ending how, String reason) {
    log.info("'{}' epoch {} is over: {}", world.name(), lastEpoch, reason);
    switch (how) {
      case PLANNED -> {
        world.meters().planned();
        world.environment().timers().after(0, this::begin);
      }
      case FENCED -> world.environment().timers().after(0, this::begin); // which finds out by whom
      case BROKEN -> beginLater();
    }
  }

  private void upkeep(Delivery delivery) {
    if (stopped || onDemand == null || epoch == null || epoch.hasEnded()) {
      delivery.refuse(
          new RefusedException(
              FailureCode.UNAVAILABLE,
              "'" + world.name() + "' is between two epochs: ask again in a moment"));
    } else {
      onDemand.request(delivery.body(), delivery);
    }
  }

  /** The list of collections has changed: perhaps the columns of this one. */
  private void altered(Delivery delivery) {
    Shard known = shard;
    if (known != null
        && delivery.body() instanceof JsonObject changed
        && world.name().equals(changed.getValue("name"))) {
      known
          .refresh()
          .onSuccess(done -> checkSchema())
          .onFailure(e -> log.debug("'{}': its columns were not looked at", world.name(), e));
    }
  }

  private void checkSchema() {
    if (epoch != null && !stopped) {
      epoch.checkSchema();
    }
  }

  private void received(Delivery delivery) {
    EpochAppend current = epoch;
    if (!(delivery.body() instanceof InEpoch message)) {
      delivery.refuse(
          new RefusedException(FailureCode.INVALID_ROW, "an appender does not take that message"));
    } else if (current == null || current.hasEnded() || message.epoch() < current.number()) {
      delivery.refuse(
          new RefusedException(
              FailureCode.STALE_EPOCH,
              "epoch " + message.epoch() + " of '" + world.name() + "' is over"));
    } else if (message.epoch() == current.number()) {
      dispatch(current, message, delivery);
    }
  }

  private static void dispatch(EpochAppend epoch, InEpoch message, Delivery delivery) {
    if (message instanceof Token token) {
      epoch.token(token, delivery);
    } else if (message instanceof Descriptions descriptions) {
      epoch.described(descriptions);
    } else if (message instanceof Working working) {
      epoch.working(working);
    } else if (message instanceof WhereIs question) {
      epoch.whereIs(question, delivery);
    } else if (message instanceof Roster roster) {
      epoch.roster(roster, delivery);
    } else if (message instanceof EndEpoch end) {
      delivery.reply(new Ack());
      epoch.end(end.planned() ? Ending.PLANNED : Ending.BROKEN, end.reason());
    } else {
      delivery.refuse(
          new RefusedException(FailureCode.INVALID_ROW, "an appender does not take that message"));
    }
  }
}
