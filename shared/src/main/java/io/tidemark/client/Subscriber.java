package io.tidemark.client;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.tidemark.environment.Backoff;
import io.tidemark.environment.Environment;
import io.tidemark.persist.ShardId;
import io.tidemark.protocol.Addresses;
import io.tidemark.protocol.Bus;
import io.tidemark.protocol.FailureCode;
import io.tidemark.protocol.Messages.Block;
import io.tidemark.protocol.Messages.CloseReading;
import io.tidemark.protocol.Messages.NextBlock;
import io.tidemark.protocol.Messages.OpenReading;
import io.tidemark.protocol.Messages.Reading;
import io.tidemark.protocol.ReadPosition;
import io.tidemark.protocol.ReadPosition.Kind;
import io.tidemark.protocol.RefusedException;
import io.tidemark.row.Schema;
import io.tidemark.row.UpdateBlock;
import io.tidemark.row.UpdateBlockBuilder;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.streams.ReadStream;
import java.util.ArrayDeque;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The changes of a collection as they are committed, each exactly once and in the order of their
 * positions, whichever node dies meanwhile: then it goes on at another one, from the position of
 * the last change that it has. Belongs to the context that opened it.
 *
 * <p>Each block comes with the position after it, which means the same at every node, so nothing
 * has to be held back, told apart or counted when the node changes. What is asked for is bounded:
 * no block is, before there is room for it.
 */
public final class Subscriber implements ReadStream<Change> {

  /** A request is sent so many times before the reading is opened again. */
  private static final int MAX_ATTEMPTS = 2;

  private static final long OPEN_MILLIS = 5_000;

  private static final Logger log = LoggerFactory.getLogger(Subscriber.class);

  private final String collection;
  private final SubscriberOptions options;
  private final Environment environment;
  private final Bus bus;
  private final Backoff backoff;
  private final Promise<Subscriber> opened = Promise.promise();
  private final ArrayDeque<Change> queue = new ArrayDeque<>();

  /** The position of the last change in the queue, or given. */
  private ReadPosition position;

  /** The position of the last change that was given; where it began before. */
  private ReadPosition given = ReadPosition.NOW;

  private @Nullable Link link;

  /** What is read: a position means nothing in another one of the same name. */
  private @Nullable ShardId shard;

  /** Since when nothing has come that was asked for; -1 if something has. */
  private long brokenMillis = -1;

  private long openings;
  private boolean closed;
  private boolean delivering;
  private boolean ended;
  private @Nullable Throwable failure;
  private long demand = Long.MAX_VALUE;
  private @Nullable Handler<Change> handler;
  private @Nullable Handler<Throwable> exceptionHandler;
  private @Nullable Handler<Void> endHandler;

  /** A reading at some node. */
  private static final class Link {
    private final Reading reading;
    private final TreeMap<Long, Block> early = new TreeMap<>();
    private long received;
    private long asked;

    Link(Reading reading) {
      this.reading = reading;
    }
  }

  private Subscriber(
      String collection, SubscriberOptions options, Environment environment, Bus bus) {
    this.collection = collection;
    this.options = options;
    this.environment = environment;
    this.bus = bus;
    this.position = ReadPosition.parse(options.from());
    this.backoff =
        new Backoff(environment.entropy(), options.firstRetryMillis(), options.capRetryMillis());
  }

  /**
   * Begins to read. Changes come once there is a {@link #handler}.
   *
   * @return fails with {@link FailureCode#UNKNOWN_COLLECTION}, with {@link FailureCode#INVALID_ROW}
   *     if what is asked for cannot be read (any more), or with {@link FailureCode#UNAVAILABLE} if
   *     no node has answered for {@link SubscriberOptions#giveUpMillis}
   */
  public static Future<Subscriber> open(
      String collection, SubscriberOptions options, Environment environment, Bus bus) {
    Subscriber subscriber;
    try {
      subscriber = new Subscriber(collection, options, environment, bus);
    } catch (RefusedException e) {
      return Future.failedFuture(e);
    }
    subscriber.requestOpen();
    return subscriber.opened.future();
  }

  /** From where to go on after the changes that were given. */
  public ReadPosition position() {
    return given;
  }

  @Override
  @CanIgnoreReturnValue
  public Subscriber handler(@Nullable Handler<Change> newHandler) {
    handler = newHandler;
    deliverLater();
    return this;
  }

  @Override
  @CanIgnoreReturnValue
  public Subscriber pause() {
    demand = 0;
    return this;
  }

  @Override
  @CanIgnoreReturnValue
  public Subscriber resume() {
    return fetch(Long.MAX_VALUE);
  }

  @Override
  @CanIgnoreReturnValue
  public Subscriber fetch(long amount) {
    if (amount < 0) {
      throw new IllegalArgumentException("cannot fetch " + amount + " changes");
    }
    demand = demand + amount < 0 ? Long.MAX_VALUE : demand + amount;
    deliverLater();
    return this;
  }

  /** Is told, once, why no more changes come. */
  @Override
  @CanIgnoreReturnValue
  public Subscriber exceptionHandler(@Nullable Handler<Throwable> newHandler) {
    exceptionHandler = newHandler;
    return this;
  }

  /** Is told, once, after the last change of a collection that has ended. */
  @Override
  @CanIgnoreReturnValue
  public Subscriber endHandler(@Nullable Handler<Void> newHandler) {
    endHandler = newHandler;
    return this;
  }

  /** Reads no more; no handler is called from now on. */
  public Future<Void> close() {
    if (closed) {
      return Future.succeededFuture();
    }
    closed = true;
    queue.clear();
    Link last = link;
    link = null;
    if (last == null) {
      return Future.succeededFuture();
    }
    return bus.request(
            Addresses.reader(last.reading.reader()),
            new CloseReading(last.reading.session()),
            options.answerMillis())
        .<Void>mapEmpty()
        .otherwiseEmpty(); // it ends by itself
  }

  private void requestOpen() {
    if (isOver()) {
      return;
    }
    long opening = ++openings;
    OpenReading open = new OpenReading(collection, position.text());
    Opening.request(bus, Addresses.read(collection), collection, open, OPEN_MILLIS)
        .onComplete(
            answer -> {
              if (opening == openings && !isOver()) {
                opened(answer);
              }
            });
  }

  private void opened(AsyncResult<Object> answer) {
    if (answer.failed()) {
      refused(RefusedException.of(answer.cause()));
      return;
    }
    Reading reading = (Reading) answer.result();
    if (shard != null && !shard.equals(reading.shard())) {
      refused(
          new RefusedException(
              FailureCode.UNKNOWN_COLLECTION,
              "collection '"
                  + collection
                  + "' was dropped, and is another one now: begin it anew"));
      return;
    }
    shard = reading.shard();
    link = new Link(reading);
    if (position.kind() == Kind.NOW) {
      position = ReadPosition.parse(reading.from());
    }
    if (!opened.future().isComplete()) {
      given = position; // before anybody is told that it is open
      opened.complete(this);
    }
    ask();
  }

  /** Asks for as many blocks as there is room for. */
  private void ask() {
    Link to = link;
    while (to != null && to.asked < to.received + options.maxBlocks() - queue.size()) {
      request(to, ++to.asked, 1);
    }
  }

  private void request(Link to, long number, int attempt) {
    bus.request(
            Addresses.reader(to.reading.reader()),
            new NextBlock(to.reading.session(), number, to.received),
            options.answerMillis())
        .onComplete(
            answer -> {
              if (to == link) {
                answered(to, number, attempt, answer);
              }
            });
  }

  private void answered(Link from, long number, int attempt, AsyncResult<Object> answer) {
    if (answer.succeeded()) {
      brokenMillis = -1;
      backoff.reset();
      from.early.put(number, (Block) answer.result());
      accept(from);
      return;
    }
    RefusedException refused = RefusedException.of(answer.cause());
    if (refused.code() == FailureCode.OUTCOME_UNKNOWN && attempt < MAX_ATTEMPTS) {
      request(from, number, attempt + 1);
    } else {
      refused(refused);
    }
  }

  /** Takes what has come in order; what was overtaken is waited for. */
  private void accept(Link from) {
    Block next = from.early.remove(from.received + 1);
    while (next != null) {
      from.received++;
      accept(next.schema() == null ? from.reading.schema() : next.schema(), next);
      next = from.early.remove(from.received + 1);
    }
    deliver();
  }

  private void accept(Schema schema, Block block) {
    ReadPosition after = ReadPosition.parse(block.position());
    if (block.updates() == null && after.equals(position)) {
      return; // there is nothing new yet
    }
    UpdateBlock updates =
        block.updates() == null
            ? new UpdateBlockBuilder(schema).build()
            : block.updates().decode(schema);
    position = after;
    queue.add(new Change(updates, after));
  }

  private void refused(RefusedException refused) {
    link = null;
    brokenMillis = brokenMillis < 0 ? nowMillis() : brokenMillis;
    if (refused.code() == FailureCode.INVALID_ROW
        || refused.code() == FailureCode.UNKNOWN_COLLECTION) {
      fail(refused);
    } else if (nowMillis() - brokenMillis > options.giveUpMillis()) {
      fail(
          new RefusedException(
              FailureCode.UNAVAILABLE,
              "'"
                  + collection
                  + "' could not be read for "
                  + options.giveUpMillis()
                  + " ms: is there a node? ("
                  + refused.getMessage()
                  + ")"));
    } else {
      environment.timers().after(backoff.nextMillis(), this::requestOpen);
    }
  }

  private void fail(RefusedException refused) {
    failure = refused;
    opened.tryFail(refused);
    deliver();
  }

  private boolean isOver() {
    return closed || failure != null;
  }

  private void deliverLater() {
    environment.timers().after(0, this::deliver);
  }

  /** Gives what was asked for; then tells how it ended, if it has. */
  private void deliver() {
    if (delivering) {
      return; // a handler has asked for more: the loop below goes on
    }
    delivering = true;
    try {
      while (!closed && demand > 0 && handler != null && !queue.isEmpty()) {
        demand -= demand == Long.MAX_VALUE ? 0 : 1;
        Change change = queue.remove();
        given = change.position();
        handler.handle(change);
      }
    } finally {
      delivering = false;
    }
    if (!closed && queue.isEmpty() && !ended) {
      tellEnd();
    }
    ask();
  }

  private void tellEnd() {
    Throwable cause = failure;
    if (cause != null && opened.future().succeeded()) {
      ended = true;
      if (exceptionHandler == null) {
        log.warn("'{}' is read no more: {}", collection, cause.getMessage());
      } else {
        exceptionHandler.handle(cause);
      }
    } else if (given.atEnd()) {
      ended = true;
      Future<Void> unused = close();
      if (endHandler != null) {
        endHandler.handle(null);
      }
    }
  }

  private long nowMillis() {
    return environment.clock().monotonicMillis();
  }
}
