package io.tidemark.location.sqlite;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A bounded queue that many threads fill and one empties, all at once each time. Thread-safe.
 *
 * @param <T> what waits in it
 */
final class GroupQueue<T extends GroupQueue.Sized> {

  /** What takes memory while it waits. */
  interface Sized {

    /** How many bytes it holds, beside what is the same for all. */
    int bytes();
  }

  /** What became of an offer. */
  enum Offer {
    /** It waits. */
    ACCEPTED,
    /** There is no room: try again when some of what waits is done. */
    FULL,
    /** Nothing is taken any more. */
    CLOSED
  }

  private final int maxItems;
  private final long maxBytes;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ArrayDeque<T> items = new ArrayDeque<>();
  private long bytes;
  private boolean closed;

  /** A queue of at most {@code maxItems}, which hold at most {@code maxBytes} together. */
  GroupQueue(int maxItems, long maxBytes) {
    this.maxItems = maxItems;
    this.maxBytes = maxBytes;
  }

  /** Adds {@code item} if there is room. Does not block. */
  Offer offer(T item) {
    lock.lock();
    try {
      if (closed) {
        return Offer.CLOSED;
      }
      if (items.size() >= maxItems || bytes + item.bytes() > maxBytes) {
        return Offer.FULL;
      }
      items.add(item);
      bytes += item.bytes();
      changed.signal();
      return Offer.ACCEPTED;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until something is there, and moves all of it into {@code group}.
   *
   * @return false once the queue is closed and empty
   */
  boolean take(List<T> group) {
    lock.lock();
    try {
      while (items.isEmpty() && !closed) {
        changed.awaitUninterruptibly();
      }
      group.addAll(items);
      items.clear();
      bytes = 0;
      return !group.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /** Takes nothing any more; what waits can still be taken. */
  void close() {
    lock.lock();
    try {
      closed = true;
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Takes out what waits, without waiting. */
  List<T> drain() {
    lock.lock();
    try {
      List<T> rest = new ArrayList<>(items);
      items.clear();
      bytes = 0;
      return rest;
    } finally {
      lock.unlock();
    }
  }
}
