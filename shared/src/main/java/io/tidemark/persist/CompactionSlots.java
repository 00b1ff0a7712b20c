package io.tidemark.persist;

import java.util.concurrent.atomic.AtomicInteger;

/** How many compactions a process does at once, whatever shards they are of. Thread-safe. */
final class CompactionSlots {

  /** Each takes memory and a thread, and ingestion needs both. */
  static final int MAX_AT_ONCE = 2;

  private final AtomicInteger taken = new AtomicInteger();

  /** Takes one, if there is one. */
  boolean take() {
    int before = taken.get();
    while (before < MAX_AT_ONCE) {
      if (taken.compareAndSet(before, before + 1)) {
        return true;
      }
      before = taken.get();
    }
    return false;
  }

  void give() {
    taken.addAndGet(-1);
  }
}
