package io.tidemark.append;

import io.tidemark.append.Appender.Ready;
import io.tidemark.append.Appender.Verdict;
import io.tidemark.environment.CrashPoint;
import io.tidemark.environment.Timers;
import io.tidemark.location.DeterminateException;
import io.tidemark.persist.AppendOutcome;
import io.tidemark.persist.AppendOutcome.Fenced;
import io.tidemark.persist.AppendOutcome.SequenceMismatch;
import io.tidemark.persist.AppendOutcome.UpperMismatch;
import io.tidemark.persist.WriteHandle;
import io.tidemark.protocol.Addresses;
import io.tidemark.protocol.Bus.Delivery;
import io.tidemark.protocol.FailureCode;
import io.tidemark.protocol.Messages.Ack;
import io.tidemark.protocol.Messages.Committed;
import io.tidemark.protocol.Messages.Descriptions;
import io.tidemark.protocol.Messages.Outdated;
import io.tidemark.protocol.Messages.Roster;
import io.tidemark.protocol.Messages.Standing;
import io.tidemark.protocol.Messages.Token;
import io.tidemark.protocol.Messages.WhereIs;
import io.tidemark.protocol.Messages.Working;
import io.tidemark.protocol.RefusedException;
import io.vertx.core.AsyncResult;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One epoch of the append verticle: gathers tokens, appends what is complete, answers. Whatever
 * goes wrong ends the epoch, and nothing is answered that is not certain.
 */
final class EpochAppend {

  private static final Logger log = LoggerFactory.getLogger(EpochAppend.class);

  private final AppendContext context;
  private final WriteHandle handle;
  private final Announcer announcer;
  private final AnswerWatch answers;
  private final Runnable worked;
  private final BiConsumer<Ending, String> over;
  private final TreeMap<Long, List<Delivery>> waiting = new TreeMap<>();
  private final List<Runnable> questions = new ArrayList<>();
  private final long beganMillis;
  private @Nullable Appender appender;
  private Timers.Timer watching = () -> {};
  private boolean verifying;
  private boolean ended;

  /**
   * @param answers is told of every question to consensus, and of every answer
   * @param worked is run whenever something was committed
   * @param over is told how and why, once, when the epoch is over
   */
  EpochAppend(
      AppendContext context,
      WriteHandle handle,
      AnswerWatch answers,
      Runnable worked,
      BiConsumer<Ending, String> over) {
    this.context = context;
    this.handle = handle;
    this.answers = answers;
    this.worked = worked;
    this.over = over;
    this.announcer =
        new Announcer(
            context.name(),
            new Changes(handle.target().schema(), context.settings().changesBytes()),
            context.bus(),
            context.environment().offload());
    this.beganMillis = nowMillis();
    context.meters().began(handle.epoch(), handle.startUpper());
  }

  long number() {
    return handle.epoch();
  }

  boolean hasEnded() {
    return ended;
  }

  /** Who takes part. It never changes. */
  void roster(Roster roster, Delivery delivery) {
    if (appender == null) {
      appender = new Appender(context.settings(), handle.startUpper(), roster.writers());
      watch();
      context
          .bus()
          .publish(
              Addresses.upper(context.name()), Changes.upper(handle.epoch(), handle.startUpper()));
    }
    delivery.reply(new Ack());
  }

  /**
   * Answers once consensus has said that this epoch is still the one, after the question came. All
   * that come while it is asked are answered by the next time.
   */
  void whereIs(WhereIs question, Delivery delivery) {
    questions.add(() -> answer(question, delivery));
    if (!verifying) {
      verify();
    }
  }

  private void answer(WhereIs question, Delivery delivery) {
    if (ended) {
      delivery.refuse(stale());
    } else {
      delivery.reply(
          new Standing(
              handle.position(question.producer()), handle.producers() < context.maxProducers()));
    }
  }

  private void verify() {
    verifying = true;
    List<Runnable> asked = List.copyOf(questions);
    questions.clear();
    answers.asked();
    handle
        .isCurrent()
        .onComplete(
            current -> {
              verifying = false;
              if (current.succeeded()) {
                answers.answered();
              }
              if (current.failed()) {
                end(Ending.BROKEN, "it could not be verified to be the current one");
              } else if (!current.result()) {
                end(Ending.FENCED, "it is not the current one");
              }
              asked.forEach(Runnable::run);
              if (!questions.isEmpty()) {
                verify();
              }
            });
  }

  void working(Working working) {
    if (appender != null) {
      appender.working(working.writer(), working.number(), nowMillis());
    }
  }

  void described(Descriptions published) {
    if (appender == null) {
      return;
    }
    if (appender.described(published.open(), nowMillis()) == Verdict.BROKEN) {
      end(Ending.BROKEN, "a description differs from the one of that number, or too many are open");
      return;
    }
    if (!published.open().isEmpty() && published.open().get(0).number() <= appender.committed()) {
      tellMint(appender); // it has missed that
    }
    append();
  }

  void token(Token token, Delivery delivery) {
    Appender gathering = appender;
    if (gathering == null) {
      delivery.refuse(
          new RefusedException(FailureCode.UNAVAILABLE, "the appender has no roster yet"));
      return;
    }
    switch (gathering.token(token, nowMillis())) {
      case COMMITTED -> delivery.reply(committed(gathering));
      case BROKEN -> {
        delivery.refuse(stale());
        end(Ending.BROKEN, "a token of " + token.writer() + " contradicts what is known");
      }
      case KEPT -> {
        waiting.computeIfAbsent(token.number(), n -> new ArrayList<>()).add(delivery);
        if (gathering.isIncomplete(token.number())) {
          CrashPoint.A1.reached(context.environment());
        }
        append();
      }
    }
  }

  private void append() {
    Ready ready = appender == null || ended ? null : appender.next();
    if (ready != null) {
      CrashPoint.A2.reached(context.environment());
      long since = context.environment().clock().monotonicNanos();
      answers.asked();
      handle.retain(context.tenure().retention().distance());
      handle
          .compareAndAppend(ready.append())
          .onComplete(outcome -> appended(ready, since, outcome));
    }
  }

  private void appended(Ready ready, long sinceNanos, AsyncResult<AppendOutcome> outcome) {
    if (outcome.succeeded()) {
      answers.answered();
    }
    if (outcome.failed()) {
      failed(ready, outcome.cause());
    } else if (outcome.result() instanceof AppendOutcome.Committed) {
      committed(ready, sinceNanos);
    } else {
      refused(ready, outcome.result());
    }
  }

  private void committed(Ready ready, long sinceNanos) {
    context.meters().committed(ready, context.environment().clock().monotonicNanos() - sinceNanos);
    context.meters().compacted(handle.compactions());
    Appender gathering = appender;
    if (ended || gathering == null) {
      return; // whoever waited was told to ask in the next epoch, which knows of it
    }
    worked.run();
    if (gathering.committed() == 0) {
      context.meters().rehydrated(nowMillis() - beganMillis);
    }
    gathering.appended(ready);
    CrashPoint.A5.reached(context.environment());
    answer(gathering);
    CrashPoint.A6.reached(context.environment());
    tellMint(gathering);
    append();
    publish(ready);
    checkSchema();
  }

  /** The list of collections may know of newer columns, and the news be lost. */
  private void compareSchema() {
    if (!context.tenure().schema().equals(handle.target().schema())) {
      handle
          .isCurrent()
          .onSuccess(current -> checkSchema())
          .onFailure(e -> log.debug("'{}': its columns were not looked at", context.name(), e));
    }
  }

  /** Has the epoch end in order if the shard, as far as is known here, has a newer schema. */
  void checkSchema() {
    if (!ended && handle.isOutdated()) {
      context
          .bus()
          .send(
              Addresses.mint(context.coordination()), new Outdated(context.name(), handle.epoch()));
    }
  }

  private void answer(Appender gathering) {
    while (!waiting.isEmpty() && waiting.firstKey() <= gathering.committed()) {
      for (Delivery delivery : waiting.pollFirstEntry().getValue()) {
        delivery.reply(committed(gathering));
      }
    }
  }

  private void publish(Ready ready) {
    context
        .bus()
        .publish(
            Addresses.upper(context.name()), Changes.upper(handle.epoch(), ready.append().upper()));
    announcer.committed(handle.epoch(), ready.append());
  }

  private Committed committed(Appender gathering) {
    return new Committed(context.name(), handle.epoch(), gathering.committed(), gathering.upper());
  }

  private void tellMint(Appender gathering) {
    context.bus().send(Addresses.mint(context.coordination()), committed(gathering));
  }

  /**
   * Surely not committed. First the epoch ends, then the parts are deleted: nobody waits for that.
   */
  private void refused(Ready ready, AppendOutcome outcome) {
    if (outcome instanceof UpperMismatch mismatch) {
      context.meters().mismatch();
      log.warn(
          "'{}' epoch {}: append of [{}, {}) found the upper at {}: somebody else writes this"
              + " shard",
          context.name(),
          handle.epoch(),
          mismatch.expected(),
          ready.append().upper(),
          mismatch.current());
      end(
          Ending.BROKEN,
          "the shard's upper was at " + mismatch.current() + ", not " + mismatch.expected());
      delete(ready);
    } else if (outcome instanceof SequenceMismatch mismatch) {
      log.error(
          "'{}' epoch {}: message {} of producer {} does not follow {}; it was not committed",
          context.name(),
          handle.epoch(),
          mismatch.first(),
          mismatch.producer(),
          mismatch.committed());
      end(
          Ending.BROKEN,
          "message " + mismatch.first() + " of " + mismatch.producer() + " does not follow");
      delete(ready);
    } else if (outcome instanceof Fenced fenced) {
      end(Ending.FENCED, "epoch " + fenced.epoch() + " has begun");
    } else {
      throw new IllegalStateException("an append ended as " + outcome);
    }
  }

  private void failed(Ready ready, Throwable cause) {
    log.warn(
        "'{}' epoch {}: append of [{}, {}) failed",
        context.name(),
        handle.epoch(),
        ready.append().lower(),
        ready.append().upper(),
        cause);
    end(Ending.BROKEN, "an append failed: " + cause.getMessage());
    if (cause instanceof DeterminateException) {
      delete(ready); // whatever else went wrong, the append may be in the shard
    }
  }

  private void delete(Ready ready) {
    CrashPoint.A7.reached(context.environment());
    handle
        .delete(ready.append())
        .onFailure(e -> log.warn("'{}': parts were not deleted", context.name(), e));
  }

  /** Looks every now and then whether a writer has gone silent. */
  private void watch() {
    watching =
        context
            .environment()
            .timers()
            .after(
                Math.max(1, context.settings().tokenMillis() / 4),
                () -> {
                  String overdue = appender == null ? null : appender.overdue(nowMillis());
                  if (overdue != null) {
                    end(Ending.BROKEN, overdue);
                  } else if (!ended) {
                    compareSchema();
                    watch();
                  }
                });
  }

  /** Ends the epoch here; the next one ends it for everybody. */
  void end(Ending how, String reason) {
    if (!ended) {
      close();
      over.accept(how, reason);
    }
  }

  /** Ends the epoch here, and says so to nobody but those who wait. */
  void close() {
    ended = true;
    watching.cancel();
    handle.close();
    for (List<Delivery> deliveries : waiting.values()) {
      deliveries.forEach(delivery -> delivery.refuse(stale()));
    }
    waiting.clear();
  }

  private RefusedException stale() {
    return new RefusedException(
        FailureCode.STALE_EPOCH,
        "epoch " + handle.epoch() + " of '" + context.name() + "' is over");
  }

  private long nowMillis() {
    return context.environment().clock().monotonicMillis();
  }
}
