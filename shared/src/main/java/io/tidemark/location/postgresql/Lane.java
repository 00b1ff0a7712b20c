package io.tidemark.location.postgresql;

import io.vertx.core.Future;
import org.jspecify.annotations.Nullable;

/**
 * One statement at a time, on a connection that is opened when it is first needed, and anew once it
 * is lost. Belongs to one context.
 */
final class Lane {

  private final Connector connector;
  private @Nullable Session session;
  private boolean busy;
  private boolean closed;
  private long restsUntilMillis = Long.MIN_VALUE;

  Lane(Connector connector) {
    this.connector = connector;
  }

  boolean isIdle(long nowMillis) {
    return !busy && !closed && nowMillis >= restsUntilMillis;
  }

  boolean isConnected() {
    return session != null && session.isOpen();
  }

  /**
   * Takes the lane, which must be idle, until it is given back.
   *
   * @return its connection; fails with a {@code DeterminateException}
   */
  Future<Session> take() {
    busy = true;
    Session current = session;
    if (current != null && current.isOpen()) {
      return Future.succeededFuture(current);
    }
    return connector.connect().onSuccess(this::connected);
  }

  private void connected(Session opened) {
    session = opened;
    if (closed) {
      opened.close();
    }
  }

  void giveBack() {
    busy = false;
  }

  /** Keeps the lane from being taken, since others do the work and this cannot connect. */
  void rest(long untilMillis) {
    restsUntilMillis = untilMillis;
  }

  void close() {
    closed = true;
    if (session != null) {
      session.close();
    }
  }
}
