package io.tidemark.sim;

import java.util.PriorityQueue;

/**
 * The simulated world's events, in the order of their times. Nothing happens between two of them.
 */
final class Scheduler {

  /** More events than any sane run has: past it, something goes round for ever. */
  private static final long MAX_EVENTS = 3_000_000;

  private final PriorityQueue<Event> events = new PriorityQueue<>();
  private long nowNanos;
  private long made;
  private long run;
  private long trace = 0xcbf29ce484222325L;

  private record Event(long atNanos, long order, Runnable action) implements Comparable<Event> {
    @Override
    public int compareTo(Event other) {
      int byTime = Long.compare(atNanos, other.atNanos);
      return byTime != 0 ? byTime : Long.compare(order, other.order);
    }
  }

  long nowNanos() {
    return nowNanos;
  }

  long nowMillis() {
    return nowNanos / 1_000_000;
  }

  void after(long nanos, Runnable action) {
    events.add(new Event(nowNanos + Math.max(0, nanos), made++, action));
  }

  /** Runs what happens until {@code millis}, or until nothing is left. */
  void runUntil(long millis) {
    long untilNanos = millis * 1_000_000;
    while (!events.isEmpty() && events.peek().atNanos <= untilNanos) {
      Event next = events.remove();
      nowNanos = next.atNanos;
      if (++run > MAX_EVENTS) {
        throw new AssertionError("more than " + MAX_EVENTS + " events: something goes round");
      }
      next.action.run();
    }
    nowNanos = Math.max(nowNanos, untilNanos);
  }

  long eventsRun() {
    return run;
  }

  /** Adds something that happened to the trace. */
  void trace(String what) {
    long hash = trace;
    for (int i = 0; i < what.length(); i++) {
      hash = (hash ^ what.charAt(i)) * 0x100000001b3L;
    }
    trace = (hash ^ nowNanos) * 0x100000001b3L;
  }

  /** A fingerprint of everything that happened: the same seed gives the same one. */
  long fingerprint() {
    return trace;
  }
}
