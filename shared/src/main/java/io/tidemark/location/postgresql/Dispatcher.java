package io.tidemark.location.postgresql;

import io.tidemark.environment.Clock;
import io.tidemark.location.DeterminateException;
import io.tidemark.location.ExternalException;
import io.tidemark.location.IndeterminateException;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands the calls that wait to the lanes that are idle, a group at a time. Calls come from any
 * thread; all else happens on one context.
 *
 * <p>Invariant: unless a lane is connected or about to be, none rests; so while something waits,
 * some lane is busy with what will look at it again.
 */
abstract class Dispatcher<C extends Call<?>> {

  /** How long a lane that cannot connect is left alone while another one can. */
  private static final long REST_MILLIS = 1_000;

  private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);

  private final Context context;
  private final Clock clock;
  private final List<Lane> lanes;
  private final Room room;
  private final ArrayDeque<C> waiting = new ArrayDeque<>();
  private boolean closed;
  private boolean dispatching;

  Dispatcher(Context context, Clock clock, List<Lane> lanes, Room room) {
    this.context = context;
    this.clock = clock;
    this.lanes = List.copyOf(lanes);
    this.room = room;
  }

  /** Takes calls out of {@code waiting} that are run together. Empty if none can be run now. */
  abstract List<C> next(ArrayDeque<C> waiting);

  /** Runs a group, and answers each of its calls; or fails, which is each one's answer. */
  abstract Future<Void> run(Session session, List<C> group);

  /** Hands in a call; returns {@code future}, which is the call's, if there is room for it. */
  <T> Future<T> submit(C call, Future<T> future) {
    DeterminateException refusal = room.enter(call.bytes());
    if (refusal != null) {
      return Future.failedFuture(refusal);
    }
    try {
      context.runOnContext(
          now -> {
            waiting.add(call);
            if (closed) {
              failWaiting(Room.closed());
            } else {
              dispatchSoon();
            }
          });
      return future;
    } catch (RejectedExecutionException e) {
      room.leave(call.bytes());
      return Future.failedFuture(Room.closed());
    }
  }

  /** After the calls that have arrived by now, so that they go together. */
  private void dispatchSoon() {
    if (!dispatching) {
      dispatching = true;
      context.runOnContext(
          now -> {
            dispatching = false;
            dispatch();
          });
    }
  }

  private void dispatch() {
    long nowMillis = clock.monotonicMillis();
    while (!waiting.isEmpty()) {
      Optional<Lane> idle = idle(nowMillis);
      if (idle.isEmpty()) {
        return;
      }
      failLate(nowMillis);
      List<C> group = next(waiting);
      if (group.isEmpty()) {
        return;
      }
      Lane lane = idle.get();
      lane.take().onComplete(taken -> taken(lane, group, taken));
    }
  }

  /** One that is connected, if there is a choice. */
  private Optional<Lane> idle(long nowMillis) {
    return lanes.stream()
        .filter(lane -> lane.isIdle(nowMillis))
        .min(Comparator.comparing(lane -> lane.isConnected() ? 0 : 1));
  }

  private void failLate(long nowMillis) {
    Call<?> first = waiting.peek();
    while (first != null && first.isLate(nowMillis)) {
      fail(
          waiting.remove(),
          new DeterminateException("the call waited too long for its turn in the consensus store"));
      first = waiting.peek();
    }
  }

  private void taken(Lane lane, List<C> group, AsyncResult<Session> session) {
    if (session.succeeded()) {
      attempt(session.result(), group).onComplete(outcome -> ran(lane, group, outcome));
      return;
    }
    lane.giveBack();
    putBack(group);
    if (lanes.stream().anyMatch(Lane::isConnected)) {
      LOG.warn("one connection of several failed: {}", session.cause().getMessage());
      lane.rest(clock.monotonicMillis() + REST_MILLIS);
      dispatch();
    } else {
      failWaiting(session.cause());
    }
  }

  private void putBack(List<C> group) {
    for (int i = group.size() - 1; i >= 0; i--) {
      waiting.addFirst(group.get(i));
      left(group.get(i));
    }
  }

  /** Called when a call that {@code next} took is answered, or waits again. */
  void left(C call) {}

  private Future<Void> attempt(Session session, List<C> group) {
    try {
      return run(session, group);
    } catch (RuntimeException e) {
      return Future.failedFuture(e);
    }
  }

  private void ran(Lane lane, List<C> group, AsyncResult<Void> outcome) {
    lane.giveBack();
    for (C call : group) {
      left(call);
      if (outcome.failed()) {
        call.fail(known(outcome.cause()));
      }
      room.leave(call.bytes());
    }
    dispatch();
  }

  private static ExternalException known(Throwable failure) {
    if (failure instanceof ExternalException known) {
      return known;
    }
    LOG.error("the consensus store failed, and goes on", failure);
    return new IndeterminateException("the consensus store failed: " + failure, failure);
  }

  private void fail(C call, Throwable cause) {
    call.fail(cause);
    room.leave(call.bytes());
  }

  private void failWaiting(Throwable cause) {
    List<C> failed = new ArrayList<>(waiting);
    waiting.clear();
    failed.forEach(call -> fail(call, cause));
  }

  /** Refuses calls from now on. Completes, on any thread, when those taken are answered. */
  Future<Void> drain() {
    return room.close();
  }

  /** Closes the lanes; what is under way fails, and so does what waits. On the context. */
  void close() {
    closed = true;
    lanes.forEach(Lane::close);
    failWaiting(Room.closed());
  }
}
