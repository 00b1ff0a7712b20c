package io.tidemark.location.sqlite;

import io.tidemark.location.DeterminateException;
import io.tidemark.location.IndeterminateException;
import io.vertx.core.Future;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thread that runs the calls that wait for it, on a connection of its own. After an error the
 * connection is closed, and the next call opens a new one: what was forced in vain is never forced
 * again on the same file handle.
 *
 * @param <S> its connection
 * @param <C> what it runs
 */
abstract class StoreThread<S extends AutoCloseable, C extends Call<?>> {

  private static final Logger LOG = LoggerFactory.getLogger(StoreThread.class);

  private final GroupQueue<C> queue;
  private final Opening<S> opening;
  private final Thread thread;
  private @Nullable S session;

  /** How the connection is opened. */
  interface Opening<S> {
    S open() throws SQLException;
  }

  /** A thread that is not started; opens its first connection at once, on this one. */
  StoreThread(String name, GroupQueue<C> queue, Opening<S> opening) throws SQLException {
    this.queue = queue;
    this.opening = opening;
    this.session = opening.open();
    this.thread = new Thread(this::run, name);
    this.thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /** Hands a call to the thread; returns {@code future}, which is the call's, if it lets it in. */
  <T> Future<T> submit(C call, Future<T> future) {
    return switch (queue.offer(call)) {
      case ACCEPTED -> future;
      case FULL ->
          Future.failedFuture(
              new DeterminateException(
                  "the consensus store is overloaded: too many calls wait, try again later"));
      case CLOSED -> Future.failedFuture(closed());
    };
  }

  /** Runs a group of calls, and answers each. */
  abstract void run(List<C> group);

  /** Lets no more calls in. Those that wait are still run. */
  void stop() {
    queue.close();
  }

  /**
   * Waits until all that was let in is answered, or the time is up: then fails what still waits.
   */
  void join(long millis) {
    try {
      thread.join(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    for (C call : queue.drain()) {
      call.fail(closed());
    }
  }

  /** The connection, opened if need be. */
  S session() throws SQLException {
    if (session == null) {
      session = opening.open();
    }
    return session;
  }

  /** Closes the connection, which rolls back what it had begun. */
  void abandon() {
    S closing = session;
    session = null;
    if (closing != null) {
      try {
        closing.close();
      } catch (Exception e) {
        LOG.warn("a connection to the consensus database did not close", e);
      }
    }
  }

  private void run() {
    List<C> group = new ArrayList<>();
    while (queue.take(group)) {
      try {
        run(group);
      } catch (RuntimeException | Error e) {
        // Not foreseen; whoever has no answer yet must still get one.
        LOG.error("a thread of the consensus store failed, and goes on", e);
        abandon();
        group.forEach(
            call -> call.fail(new IndeterminateException("the consensus store failed: " + e, e)));
      }
      group.clear();
    }
    abandon();
  }

  private static DeterminateException closed() {
    return new DeterminateException("the consensus store is closed");
  }
}
