package io.tidemark.launcher.http;

import io.tidemark.environment.Backoff;
import io.tidemark.protocol.Addresses;
import io.tidemark.protocol.FailureCode;
import io.tidemark.protocol.RefusedException;
import io.tidemark.protocol.Rows;
import io.tidemark.row.Schema;
import io.tidemark.row.UpdateBlock;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/**
 * Rows of any number, without a producer: gathers them into messages and sends these one after the
 * other, so that they are committed in order. While one is under way the next is gathered; once
 * that is full the client waits.
 */
final class RowStream {

  /** A message is full at so many bytes of rows: less than a writer takes at once. */
  static final int MESSAGE_BYTES = 512 << 10;

  /** A message is full at so many rows. */
  static final int MESSAGE_ROWS = 1 << 16;

  /** How long the answer to a message may take: longer than a writer pursues it. */
  private static final long ANSWER_MILLIS = 30_000;

  /** How long a message is sent again that surely was not stored. */
  private static final long RETRY_MILLIS = 30_000;

  private static final long FIRST_RETRY_MILLIS = 10;
  private static final long CAP_RETRY_MILLIS = 500;

  private final HttpContext world;
  private final String collection;
  private final HttpServerRequest request;
  private final RowParser parser;
  private final Promise<JsonObject> result = Promise.promise();
  private long durableRows;
  private JsonObject lastReply = new JsonObject().putNull("time").putNull("upper");
  private boolean underWay;
  private boolean ended;
  private @Nullable RefusedException failure;

  RowStream(HttpContext world, String collection, Schema schema, HttpServerRequest request) {
    this.world = world;
    this.collection = collection;
    this.request = request;
    this.parser = new RowParser(schema, world.config().http().maxMessageBytes());
  }

  /**
   * Reads the request to its end.
   *
   * @return the reply, when all is durable; fails when no more rows will become durable, and {@link
   *     #durableRows} says how many are
   */
  Future<JsonObject> run() {
    request
        .handler(this::received)
        .endHandler(
            end -> {
              ended = true;
              parser.lines().end();
              step();
            })
        .exceptionHandler(gone -> stop("the connection broke"))
        .resume();
    return result.future();
  }

  /** Takes no more rows; those that were read become durable. */
  void stop(String reason) {
    fail(new RefusedException(FailureCode.UNAVAILABLE, reason));
    step();
  }

  long durableRows() {
    return durableRows;
  }

  private void received(Buffer chunk) {
    if (failure == null) {
      parser.lines().add(chunk);
      step();
    }
  }

  /** Goes as far as it can: parses, sends, and says how it ended. */
  private void step() {
    boolean full = parse();
    if (!underWay && parser.size() > 0) {
      send(parser.take());
      full = parse();
    }
    if (full) {
      request.pause();
    } else {
      request.resume();
    }
    if (!underWay && parser.size() == 0 && (ended || failure != null)) {
      finish();
    }
  }

  /** Parses the lines that are there. Whether it stopped because the message is full. */
  private boolean parse() {
    try {
      while (failure == null && parser.lines().hasNext()) {
        if (isFull()) {
          return true;
        }
        parser.parse();
      }
    } catch (RefusedException e) {
      fail(e);
    }
    return false;
  }

  private boolean isFull() {
    return parser.size() >= MESSAGE_ROWS
        || (parser.size() > 0 && parser.bytes() + parser.lines().length() > MESSAGE_BYTES);
  }

  private void send(UpdateBlock rows) {
    underWay = true;
    long deadlineMillis = world.environment().clock().monotonicMillis() + RETRY_MILLIS;
    Backoff backoff =
        new Backoff(world.environment().entropy(), FIRST_RETRY_MILLIS, CAP_RETRY_MILLIS);
    send(rows, backoff, deadlineMillis);
  }

  private void send(UpdateBlock rows, Backoff backoff, long deadlineMillis) {
    world
        .bus()
        .request(Addresses.rows(collection), Rows.of(rows), ANSWER_MILLIS)
        .onComplete(answer -> answered(rows, answer, backoff, deadlineMillis));
  }

  private void answered(
      UpdateBlock rows, AsyncResult<Object> answer, Backoff backoff, long deadlineMillis) {
    if (answer.failed()) {
      RefusedException refused = RefusedException.of(answer.cause());
      boolean surelyNot =
          refused.code() == FailureCode.OVERLOADED || refused.code() == FailureCode.UNAVAILABLE;
      long delayMillis = backoff.nextMillis();
      long nowMillis = world.environment().clock().monotonicMillis();
      if (surelyNot && nowMillis + delayMillis < deadlineMillis) {
        world.environment().timers().after(delayMillis, () -> send(rows, backoff, deadlineMillis));
        return;
      }
      parser.drop();
      failure = refused;
    } else {
      durableRows += rows.size();
      lastReply = (JsonObject) answer.result();
    }
    underWay = false;
    step();
  }

  private void fail(RefusedException cause) {
    failure = failure == null ? cause : failure;
  }

  private void finish() {
    if (failure != null) {
      result.tryFail(failure);
    } else {
      result.tryComplete(lastReply.copy().put("rows", durableRows));
    }
  }
}
