package io.tidemark.write;

import io.tidemark.environment.Loop;
import io.tidemark.environment.Timers;
import io.tidemark.persist.ShardId;
import io.tidemark.protocol.Addresses;
import io.tidemark.protocol.Bus.Delivery;
import io.tidemark.protocol.Bus.Registration;
import io.tidemark.protocol.FailureCode;
import io.tidemark.protocol.Messages.Ack;
import io.tidemark.protocol.Messages.ClaimPartition;
import io.tidemark.protocol.Messages.InEpoch;
import io.tidemark.protocol.Messages.Join;
import io.tidemark.protocol.Messages.OpenProducer;
import io.tidemark.protocol.Messages.Retire;
import io.tidemark.protocol.Messages.Roster;
import io.tidemark.protocol.Messages.Submit;
import io.tidemark.protocol.Messages.SubmitSource;
import io.tidemark.protocol.RefusedException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One of the writers of a node: takes rows in, stages them, and gives the batches of every
 * collection whose epochs it joins to the appenders. Deploy several for more cores; each has its
 * own id.
 */
public final class WriteVerticle extends VerticleBase {

  /** How often a writer that stops looks whether it may. */
  private static final long DRAIN_CHECK_MILLIS = 5;

  private static final Logger log = LoggerFactory.getLogger(WriteVerticle.class);

  private final WriteContext world;
  private final IngestWriter.Factory factory;
  private final String incarnation;
  private final Map<String, Member> members = new TreeMap<>();
  private Timers.Timer ticking = () -> {};
  private final List<Registration> registrations = new ArrayList<>();
  private boolean retired;

  public WriteVerticle(WriteContext world) {
    this(world, IngestWriter::new);
  }

  WriteVerticle(WriteContext world, IngestWriter.Factory factory) {
    this.world = world;
    this.factory = factory;
    this.incarnation = world.environment().entropy().nextId();
  }

  /** A collection that this verticle takes part in. */
  private record Member(
      ShardId shard, CollectionWriter writer, Ingress ingress, Future<Void> listening) {

    boolean isIdle() {
      EpochRun run = writer.run();
      return ingress.isIdle() && (run == null || run.isIdle());
    }

    /** Whether the epoch goes on elsewhere, or nowhere. */
    boolean isOver() {
      return writer.run() == null;
    }
  }

  @Override
  public Future<?> start() {
    tickLater();
    return world
        .bus()
        .consume(Addresses.writer(world.writer()), this::received)
        .onSuccess(registrations::add)
        .compose(done -> world.bus().consume(Addresses.DROPPED, this::heardOfDrop))
        .onSuccess(registrations::add);
  }

  /**
   * Leaves. It is not listed any more by then, so its epochs are about to end: until they have, it
   * goes on as before, lest rows be lost that others count on. Then it takes no more in, waits
   * until what was sent through it is durable, and goes. All of that takes a bounded time.
   */
  @Override
  public Future<?> stop() {
    long deadlineMillis = nowMillis() + world.settings().drainMillis();
    return until(deadlineMillis, member -> retired || member.isOver())
        .compose(over -> unlisten())
        .compose(done -> until(deadlineMillis, Member::isIdle))
        .compose(done -> leave());
  }

  /** The last writers there are take no more in while there is somebody who commits it. */
  private void retire(Delivery delivery) {
    retired = true;
    unlisten()
        .compose(done -> until(nowMillis() + world.settings().drainMillis(), Member::isIdle))
        .onComplete(done -> delivery.reply(new Ack()));
  }

  private Future<Void> unlisten() {
    return Future.join(
            members.values().stream().map(member -> member.ingress().unlisten()).toList())
        .<Void>mapEmpty()
        .otherwiseEmpty();
  }

  private Future<Void> until(long deadlineMillis, Predicate<Member> done) {
    return Loop.whileTrue(() -> isBefore(deadlineMillis, done));
  }

  private Future<Boolean> isBefore(long deadlineMillis, Predicate<Member> done) {
    if (members.values().stream().allMatch(done) || nowMillis() >= deadlineMillis) {
      return Future.succeededFuture(false);
    }
    Promise<Boolean> later = Promise.promise();
    world.environment().timers().after(DRAIN_CHECK_MILLIS, () -> later.complete(true));
    return later.future();
  }

  private Future<Void> leave() {
    ticking.cancel();
    List<Future<Void>> leaving =
        members.values().stream()
            .map(
                member -> {
                  member.ingress().close();
                  return member.writer().leave("its writer has stopped");
                })
            .toList();
    return Future.join(leaving)
        .otherwiseEmpty()
        .compose(done -> Future.join(registrations.stream().map(Registration::unregister).toList()))
        .mapEmpty();
  }

  private void heardOfDrop(Delivery delivery) {
    if (delivery.body() instanceof JsonObject dropped) {
      Member member = members.get(dropped.getString("name", ""));
      if (member != null && member.shard().text().equals(dropped.getString("shard"))) {
        members.remove(dropped.getString("name"), member);
        Future<Void> unused = leaveForGood(dropped.getString("name"), member);
      }
    }
  }

  /** Refuses what was taken and what still comes, and listens no more. */
  private Future<Void> leaveForGood(String collection, Member member) {
    RefusedException gone =
        new RefusedException(
            FailureCode.UNKNOWN_COLLECTION, "collection '" + collection + "' was dropped");
    Future<Void> left = member.writer().leaveForGood(gone);
    member.ingress().closeForGood(gone);
    return Future.join(left, member.listening().eventually(member.ingress()::unlisten))
        .<Void>mapEmpty()
        .onFailure(e -> log.warn("'{}' was not left cleanly", collection, e))
        .otherwiseEmpty();
  }

  private void received(Delivery delivery) {
    try {
      dispatch(delivery);
    } catch (RefusedException e) {
      if (delivery.body() instanceof InEpoch message) {
        refuse(message, delivery, e);
      } else {
        delivery.refuse(e);
      }
    }
  }

  private void dispatch(Delivery delivery) {
    Object message = delivery.body();
    if (message instanceof Submit submit) {
      run(submit).submit(submit, answering(submit, delivery));
    } else if (message instanceof SubmitSource submit) {
      run(submit).submit(submit, answering(submit, delivery));
    } else if (message instanceof OpenProducer open) {
      run(open).open(open, answering(open, delivery));
    } else if (message instanceof ClaimPartition claim) {
      run(claim).claim(claim, answering(claim, delivery));
    } else if (message instanceof Retire) {
      retire(delivery);
    } else if (message instanceof Join join) {
      join(join, delivery);
    } else if (message instanceof Roster roster) {
      member(roster).writer().begin(roster, delivery);
    } else {
      throw new RefusedException(FailureCode.INVALID_ROW, "a writer does not take that message");
    }
  }

  /** The first time, begins to listen at the collection's public addresses, too. */
  private void join(Join join, Delivery delivery) {
    Member member = memberOf(join);
    member
        .listening()
        .onComplete(
            listening -> {
              if (listening.failed()) {
                delivery.refuse(RefusedException.of(listening.cause()));
              } else {
                member.ingress().joined(join);
                member.writer().join(join, delivery);
              }
            });
  }

  /** Another shard of that name stands for a collection that was dropped meanwhile. */
  private Member memberOf(Join join) {
    Member known = members.get(join.collection());
    if (known != null && known.shard().equals(join.shard())) {
      return known;
    }
    if (known != null && !known.writer().isNews(join.epoch())) {
      throw new RefusedException(
          FailureCode.STALE_EPOCH, "'" + join.collection() + "' was dropped and created again");
    }
    Future<Void> left =
        known == null ? Future.succeededFuture() : leaveForGood(join.collection(), known);
    Member member = newMember(join, left);
    members.put(join.collection(), member);
    return member;
  }

  private Member newMember(Join join, Future<Void> free) {
    CollectionWriter writer =
        new CollectionWriter(world, join.collection(), factory, this::flushLargest);
    Ingress ingress = new Ingress(world, writer, join, incarnation);
    return new Member(join.shard(), writer, ingress, free.compose(done -> ingress.listen()));
  }

  private Member member(InEpoch message) {
    Member member = members.get(message.collection());
    if (member == null) {
      throw new RefusedException(
          FailureCode.STALE_EPOCH,
          "writer " + world.writer() + " has not joined '" + message.collection() + "'");
    }
    return member;
  }

  private EpochRun run(InEpoch message) {
    return member(message).writer().runOf(message);
  }

  /** The memory for rows is short: the one who holds most makes parts of it. */
  private void flushLargest() {
    members.values().stream()
        .map(member -> member.writer().run())
        .filter(Objects::nonNull)
        .max(Comparator.comparingLong(EpochRun::heldBytes))
        .ifPresent(EpochRun::flush);
  }

  private <T> Answer<T> answering(InEpoch message, Delivery delivery) {
    return new Answer<>() {
      @Override
      public void done(T result) {
        delivery.reply(result);
      }

      @Override
      public void refuse(RefusedException refusal) {
        WriteVerticle.this.refuse(message, delivery, refusal);
      }
    };
  }

  /** Counted once: what was handed on is counted by who has to answer it in the end. */
  private void refuse(InEpoch message, Delivery delivery, RefusedException refusal) {
    if (delivery.header(Relay.RELAYED) == null) {
      world.meters().refused(message.collection(), refusal.code());
    }
    delivery.refuse(refusal);
  }

  private void tickLater() {
    ticking = world.environment().timers().after(world.settings().repeatMillis(), this::tick);
  }

  private void tick() {
    members.values().forEach(member -> member.writer().tick());
    tickLater();
  }

  private long nowMillis() {
    return world.environment().clock().monotonicMillis();
  }
}
