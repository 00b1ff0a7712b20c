package io.tidemark.mint;

import io.tidemark.protocol.Addresses;
import io.tidemark.protocol.FailureCode;
import io.tidemark.protocol.Messages.Join;
import io.tidemark.protocol.Messages.Roster;
import io.tidemark.protocol.RefusedException;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gathers the roster of one epoch: asks every listed writer to join, takes those that answer, and
 * tells them who takes part. One that is listed and dead costs {@link MintSettings#graceMillis},
 * not its time-out: who answers later is taken in by a planned change. Asks again, every {@link
 * MintSettings#republishMillis}, until somebody answers or the epoch is over.
 */
final class Invitation {

  private static final Logger log = LoggerFactory.getLogger(Invitation.class);

  private final MintContext world;
  private final Join join;
  private final Consumer<Roster> appointed;
  private final Consumer<String> failed;
  private boolean withdrawn;

  /**
   * @param appointed is told the roster, once everybody on it knows it
   * @param failed is told why the epoch cannot go on
   */
  Invitation(MintContext world, Join join, Consumer<Roster> appointed, Consumer<String> failed) {
    this.world = world;
    this.join = join;
    this.appointed = appointed;
    this.failed = failed;
  }

  /** Nobody is told anything any more. */
  void withdraw() {
    withdrawn = true;
  }

  void send() {
    if (withdrawn) {
      return;
    }
    world.writers().list().compose(this::askAll).onComplete(this::asked);
  }

  private void asked(AsyncResult<List<String>> joined) {
    if (withdrawn) {
      return;
    }
    if (joined.failed() || joined.result().isEmpty()) {
      log.debug("'{}' epoch {}: no writer yet", join.collection(), join.epoch(), joined.cause());
      world.environment().timers().after(world.settings().republishMillis(), this::send);
    } else {
      appoint(joined.result());
    }
  }

  /** The writers that have answered in time, in the order of their ids. */
  private Future<List<String>> askAll(List<String> writers) {
    Promise<List<String>> answered = Promise.promise();
    TreeSet<String> joined = new TreeSet<>();
    int[] silent = {writers.size()};
    if (writers.isEmpty()) {
      answered.complete(List.of());
    }
    for (String writer : writers) {
      request(Addresses.writer(writer), join)
          .onComplete(
              answer -> {
                silent[0]--;
                if (answer.succeeded()) {
                  joined.add(writer);
                } else {
                  refused(writer, RefusedException.of(answer.cause()));
                }
                if (silent[0] == 0) {
                  answered.tryComplete(List.copyOf(joined));
                } else if (answer.succeeded() && joined.size() == 1) {
                  world
                      .environment()
                      .timers()
                      .after(
                          world.settings().graceMillis(),
                          () -> answered.tryComplete(List.copyOf(joined)));
                }
              });
    }
    return answered.future();
  }

  /** A writer that has gone on knows more than we do: the appender asks consensus then. */
  private void refused(String writer, RefusedException refused) {
    if (!withdrawn && refused.code() == FailureCode.STALE_EPOCH) {
      withdraw();
      failed.accept("writer " + writer + " has joined a later one");
    }
  }

  /** Tells the roster to the appender and to everybody on it; if one misses it, it is void. */
  private void appoint(List<String> writers) {
    Roster roster = new Roster(join.collection(), join.epoch(), writers);
    List<Future<Object>> told = new ArrayList<>();
    told.add(request(Addresses.append(world.coordination()), roster));
    for (String writer : writers) {
      told.add(request(Addresses.writer(writer), roster));
    }
    Future.all(told)
        .onComplete(
            all -> {
              if (withdrawn) {
                return;
              }
              if (all.failed()) {
                failed.accept("not everybody heard the roster: " + all.cause().getMessage());
              } else {
                appointed.accept(roster);
              }
            });
  }

  private Future<Object> request(String address, Object message) {
    return world.bus().request(address, message, world.settings().answerMillis());
  }
}
