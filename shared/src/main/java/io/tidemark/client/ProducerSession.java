package io.tidemark.client;

import io.tidemark.environment.Backoff;
import io.tidemark.environment.Environment;
import io.tidemark.environment.Timers;
import io.tidemark.persist.ShardId;
import io.tidemark.protocol.Addresses;
import io.tidemark.protocol.Bus;
import io.tidemark.protocol.FailureCode;
import io.tidemark.protocol.Messages.OpenProducer;
import io.tidemark.protocol.Messages.Receipt;
import io.tidemark.protocol.Messages.Session;
import io.tidemark.protocol.Messages.Submit;
import io.tidemark.protocol.RefusedException;
import io.tidemark.protocol.Rows;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Gets one producer's messages into a collection exactly once and in order, whatever happens to the
 * pipeline: numbers them, keeps them until they are durable, and opens again and sends them again
 * when an epoch ends or an answer does not come. Belongs to one context.
 *
 * <p>Invariants: what is unanswered is numbered without gaps, past what was committed; a message
 * that the writer has taken keeps its number, one that it has not may get another, since opening
 * fenced the session in which it had the first.
 */
public final class ProducerSession {

  /** After so many takeovers in a row without an answer, two publishers share the producer's id. */
  static final int MAX_TAKEOVERS = 8;

  /** After so many openings in a row that failed it is asked whether the collection is there. */
  static final int PATIENT_REFUSALS = 4;

  private final String collection;
  private final String producer;
  private final String instance;
  private final Environment environment;
  private final Bus bus;
  private final SessionSettings settings;
  private final Backoff backoff;
  private final ArrayDeque<Message> unanswered = new ArrayDeque<>();
  private final List<Promise<Session>> awaitingOpen = new ArrayList<>();
  private long unansweredBytes;
  private long credit = Long.MAX_VALUE;
  private long last;
  private long known;
  private long attempt;
  private long newestEpoch;
  private boolean asked;
  private @Nullable EpochWatch watch;
  private int takeovers;
  private boolean hasOpened;

  /** How many openings in a row have failed. */
  private int refusals;

  private @Nullable ShardId shard;
  private boolean opening;
  private boolean checking;
  private @Nullable Session session;
  private @Nullable RefusedException dead;
  private @Nullable Runnable drained;

  /** A message on its way. */
  private static final class Message {
    private final Rows rows;
    private final Promise<Receipt> receipt = Promise.promise();
    private final long sinceMillis;
    private long sequence;
    private boolean sent;

    Message(Rows rows, long sinceMillis) {
      this.rows = rows;
      this.sinceMillis = sinceMillis;
    }
  }

  /**
   * A session of a producer, which opens when it is first used.
   *
   * @param producer names the producer; one session at a time may use it, and a new one takes over
   */
  public ProducerSession(
      String collection,
      String producer,
      Environment environment,
      Bus bus,
      SessionSettings settings) {
    this.collection = collection;
    this.producer = producer;
    this.environment = environment;
    this.bus = bus;
    this.settings = settings;
    this.instance = environment.entropy().nextId().substring(0, 16);
    this.backoff =
        new Backoff(environment.entropy(), settings.firstRetryMillis(), settings.capRetryMillis());
  }

  /**
   * Opens, if it is not open yet.
   *
   * @return where the producer stands; fails with {@link FailureCode#UNAVAILABLE} if nobody has
   *     answered in the time of {@link SessionSettings#giveUpMillis}
   */
  public Future<Session> open() {
    if (dead != null) {
      return Future.failedFuture(dead);
    }
    if (session != null) {
      return Future.succeededFuture(session);
    }
    Promise<Session> promise = Promise.promise();
    awaitingOpen.add(promise);
    Timers.Timer late =
        environment.timers().after(settings.giveUpMillis(), () -> giveUpOpening(promise));
    reopen(0);
    return promise.future().onComplete(done -> late.cancel());
  }

  /** Hears of new epochs by itself, until it is closed. */
  void watchEpochs() {
    watch = EpochWatch.of(bus, collection, this::epochBegan);
  }

  /**
   * An epoch has begun: whoever has not answered yet may be gone, so everything is sent again in
   * the new one at once.
   */
  public void epochBegan(long epoch) {
    if (epoch <= newestEpoch) {
      return;
    }
    newestEpoch = epoch;
    if (session != null && session.epoch() < epoch) {
      reopen(backoff.nextMillis());
    } else if (asked) {
      requestOpen();
    }
  }

  private void giveUpOpening(Promise<Session> promise) {
    if (awaitingOpen.remove(promise)) {
      promise.fail(unavailable("is there a collection of that name, and a node that runs it?"));
    }
  }

  private RefusedException unavailable(String consequence) {
    return new RefusedException(
        FailureCode.UNAVAILABLE,
        "'"
            + collection
            + "' has not been available for "
            + settings.giveUpMillis()
            + " ms: "
            + consequence);
  }

  /**
   * Sends a message after those before it.
   *
   * @return its receipt, once it is durable; fails with a {@link RefusedException}: what is not
   *     transient is final, {@link FailureCode#OUTCOME_UNKNOWN} means that it was given up and may
   *     have been stored, {@link FailureCode#OVERLOADED} that too much is unanswered
   */
  public Future<Receipt> send(Rows rows) {
    if (dead != null) {
      return Future.failedFuture(dead);
    }
    if (unanswered.size() >= settings.maxUnansweredMessages()
        || (!unanswered.isEmpty() && unansweredBytes + rows.bytes() > 2 * maxUnansweredBytes())) {
      return Future.failedFuture(
          new RefusedException(
              FailureCode.OVERLOADED,
              unanswered.size()
                  + " messages with "
                  + unansweredBytes
                  + " bytes are unanswered:"
                  + " wait for receipts before sending more"));
    }
    Message message = new Message(rows, environment.clock().monotonicMillis());
    message.sequence = ++last;
    unanswered.add(message);
    unansweredBytes += rows.bytes();
    if (session == null) {
      reopen(0);
    } else {
      submit(message, session);
    }
    check();
    return message.receipt.future();
  }

  /** Whether to wait for {@link #onDrain} before sending more. */
  public boolean isFull() {
    return unansweredBytes >= maxUnansweredBytes()
        || unanswered.size() >= settings.maxUnansweredMessages() / 2;
  }

  private long maxUnansweredBytes() {
    return Math.min(settings.maxUnansweredBytes(), credit);
  }

  /** Whether everything that was sent is answered. */
  public boolean isIdle() {
    return unanswered.isEmpty();
  }

  /** Runs {@code action}, once, as soon as no more than half of what may be is unanswered. */
  public void onDrain(Runnable action) {
    drained = action;
    drain();
  }

  /** Ends the session: what is unanswered fails, and nothing is sent any more. */
  public void close() {
    end(new RefusedException(FailureCode.OUTCOME_UNKNOWN, "the publisher was closed"));
  }

  /** As {@link #close()}, for another reason. */
  public void end(RefusedException why) {
    die(why);
  }

  private void submit(Message message, Session to) {
    message.sent = true;
    bus.request(
            Addresses.writer(to.writer()),
            new Submit(
                collection, to.epoch(), producer, to.session(), message.sequence, message.rows),
            settings.answerMillis())
        .onComplete(answer -> answered(message, to, answer));
  }

  private void answered(Message message, Session from, AsyncResult<Object> answer) {
    if (answer.succeeded()) {
      // True whenever it comes: the number was not given to another message, or this one was not
      // taken.
      backoff.reset();
      takeovers = 0;
      succeed(message, (Receipt) answer.result());
      return;
    }
    if (!isCurrent(from)) {
      return;
    }
    RefusedException refused = RefusedException.of(answer.cause());
    switch (refused.code()) {
      case INVALID_ROW, TOO_LARGE, SEALED, UNKNOWN_COLLECTION -> {
        fail(message, refused);
        reopen(0); // the numbers after it move up
      }
      case FENCED -> {
        if (++takeovers > MAX_TAKEOVERS) {
          die(shared());
        } else {
          reopen(backoff.nextMillis());
        }
      }
      default -> reopen(backoff.nextMillis());
    }
  }

  private boolean isCurrent(Session from) {
    return session != null
        && session.epoch() == from.epoch()
        && session.session() == from.session();
  }

  /** Gives the session up and opens another one, after a while. */
  private void reopen(long delayMillis) {
    session = null;
    if (!opening && dead == null) {
      opening = true;
      environment.timers().after(delayMillis, this::requestOpen);
    }
  }

  private void requestOpen() {
    if (dead == null) {
      asked = true;
      long now = ++attempt;
      long millis = Math.min(settings.answerMillis(), Opening.MAX_MILLIS);
      OpenProducer open = new OpenProducer(collection, 0, producer, instance, now);
      boolean asksWhy = !hasOpened || refusals >= PATIENT_REFUSALS;
      Future<Object> answer =
          asksWhy
              ? Opening.request(bus, collection, open, millis)
              : bus.request(Addresses.open(collection), open, millis);
      answer.onComplete(done -> opened(now, done));
    }
  }

  private void opened(long ofAttempt, AsyncResult<Object> answer) {
    if (dead != null || ofAttempt != attempt) {
      return;
    }
    asked = false;
    opening = false;
    if (answer.failed()) {
      notOpened(RefusedException.of(answer.cause()));
      return;
    }
    Session opened = (Session) answer.result();
    if (shard != null && !shard.equals(opened.shard())) {
      die(replaced());
    } else if (isTakenOver(opened)) {
      die(shared());
    } else if (opened.epoch() < newestEpoch) {
      reopen(backoff.nextMillis()); // that one is over
    } else {
      newestEpoch = opened.epoch();
      session = opened;
      resume(opened);
    }
  }

  private RefusedException replaced() {
    return new RefusedException(
        FailureCode.UNKNOWN_COLLECTION,
        "collection '"
            + collection
            + "' was dropped, and is another one now: open another publisher for it");
  }

  private void notOpened(RefusedException refused) {
    refusals++;
    switch (refused.code()) {
      case SEALED, UNKNOWN_COLLECTION, INVALID_ROW -> die(refused);
      default -> reopen(backoff.nextMillis());
    }
  }

  private RefusedException shared() {
    return new RefusedException(
        FailureCode.FENCED,
        "another publisher uses the producer id '"
            + producer
            + "' of '"
            + collection
            + "': give each publisher its own");
  }

  /** Whether messages were taken, since we last knew, that are not ours. */
  private boolean isTakenOver(Session opened) {
    return hasOpened && opened.accepted() > known && !opened.instance().equals(instance);
  }

  /** Goes on where the writer stands: what it has taken keeps its number, the rest follows on. */
  private void resume(Session opened) {
    hasOpened = true;
    shard = opened.shard();
    refusals = 0;
    credit = opened.credit();
    known = Math.max(known, opened.accepted());
    last = opened.accepted();
    List<Message> durable = new ArrayList<>();
    for (Message message : unanswered) {
      if (message.sent && message.sequence <= opened.committed().sequence()) {
        durable.add(message);
      } else if (!message.sent || message.sequence > opened.accepted()) {
        message.sequence = ++last;
      }
    }
    durable.forEach(
        message -> succeed(message, new Receipt(opened.committed().time(), opened.upper())));
    List.copyOf(unanswered).forEach(message -> submit(message, opened));
    List<Promise<Session>> waiting = List.copyOf(awaitingOpen);
    awaitingOpen.clear();
    waiting.forEach(promise -> promise.complete(opened));
  }

  private void succeed(Message message, Receipt receipt) {
    known = Math.max(known, message.sequence);
    if (remove(message)) {
      message.receipt.complete(receipt);
      drain();
    }
  }

  private void fail(Message message, RefusedException refused) {
    if (remove(message)) {
      message.receipt.fail(refused);
      drain();
    }
  }

  private boolean remove(Message message) {
    boolean waited = unanswered.remove(message);
    unansweredBytes -= waited ? message.rows.bytes() : 0;
    return waited;
  }

  private void drain() {
    Runnable action = drained;
    if (action != null
        && unansweredBytes <= maxUnansweredBytes() / 2
        && unanswered.size() <= settings.maxUnansweredMessages() / 4) {
      drained = null;
      action.run();
    }
  }

  /** Watches for messages that stay unanswered for too long. */
  private void check() {
    if (!checking && dead == null && !unanswered.isEmpty()) {
      checking = true;
      environment
          .timers()
          .after(
              Math.max(1, settings.giveUpMillis() / 8),
              () -> {
                checking = false;
                giveUpOverdue();
                check();
              });
    }
  }

  private void giveUpOverdue() {
    long since = environment.clock().monotonicMillis() - settings.giveUpMillis();
    while (!unanswered.isEmpty() && unanswered.peek().sinceMillis <= since) {
      Message overdue = unanswered.peek();
      fail(
          overdue,
          overdue.sent
              ? new RefusedException(
                  FailureCode.OUTCOME_UNKNOWN,
                  "no answer about message "
                      + overdue.sequence
                      + " of '"
                      + producer
                      + "' in "
                      + settings.giveUpMillis()
                      + " ms: it may have been stored or not")
              : unavailable("the rows were not stored"));
    }
  }

  private void die(RefusedException cause) {
    if (dead == null) {
      dead = cause;
      session = null;
      unwatch();
      awaitingOpen.forEach(promise -> promise.fail(cause));
      awaitingOpen.clear();
      List.copyOf(unanswered).forEach(message -> fail(message, cause));
    }
  }

  private void unwatch() {
    if (watch != null) {
      Future<Void> unused = watch.close();
    }
  }
}
