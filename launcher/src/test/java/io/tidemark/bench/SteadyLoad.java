package io.tidemark.bench;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import java.util.Iterator;

/**
 * Sends a message to each of some collections once in an interval, whether or not the ones before
 * were answered, and notes how long each answer took since the message was due: a stall is felt by
 * everything that was due in it. Belongs to the context that runs it.
 */
final class SteadyLoad {

  private final Vertx vertx;
  private final String[] collections;
  private final Iterator<JsonArray> messages;
  private final long intervalNanos;
  private final Samples millis = new Samples();
  private final Promise<Samples> done = Promise.promise();
  private long startNanos;
  private long sent;
  private long answered;
  private long total;

  SteadyLoad(Vertx vertx, String[] collections, Iterator<JsonArray> messages, long intervalMillis) {
    this.vertx = vertx;
    this.collections = collections;
    this.messages = messages;
    this.intervalNanos = intervalMillis * 1_000_000;
  }

  /** Sends {@code rounds} messages to each; fails if one of them fails. */
  Future<Samples> run(int rounds) {
    total = (long) rounds * collections.length;
    startNanos = System.nanoTime();
    long timer = vertx.setPeriodic(1, tick -> sendDue());
    return done.future().onComplete(finished -> vertx.cancelTimer(timer));
  }

  /** The messages are spread evenly over the interval. */
  private long dueNanos(long message) {
    return startNanos + message * intervalNanos / collections.length;
  }

  private void sendDue() {
    while (sent < total && dueNanos(sent) <= System.nanoTime()) {
      long due = dueNanos(sent);
      String collection = collections[(int) (sent++ % collections.length)];
      vertx
          .eventBus()
          .request("tidemark." + collection, messages.next())
          .onSuccess(reply -> answered(due))
          .onFailure(done::tryFail);
    }
  }

  private void answered(long due) {
    millis.add((System.nanoTime() - due) / 1e6);
    if (++answered == total) {
      done.tryComplete(millis);
    }
  }
}
