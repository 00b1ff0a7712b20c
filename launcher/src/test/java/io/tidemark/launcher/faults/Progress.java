package io.tidemark.launcher.faults;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;

/** The newest acknowledgements, for who waits until rows are committed again. Thread-safe. */
final class Progress {

  /** Some minutes' worth. */
  private static final int MAX_REMEMBERED = 20_000;

  private final Deque<Ack> acks = new ArrayDeque<>();

  private record Ack(String url, long sentNanos, long ackedNanos) {}

  /** A message was acknowledged just now, by the node at {@code url}. */
  synchronized void acked(String url, long sentNanos) {
    if (acks.size() == MAX_REMEMBERED) {
      acks.removeFirst();
    }
    acks.addLast(new Ack(url, sentNanos, System.nanoTime()));
    notifyAll();
  }

  /**
   * Waits for a message that was first sent after {@code nanos} and is acknowledged.
   *
   * @return how long after {@code nanos} that was, in milliseconds; below 0 if it did not come
   */
  long awaitCommitAfter(long nanos, long seconds) throws InterruptedException {
    return awaitCommitAt("", nanos, seconds);
  }

  /** {@link #awaitCommitAfter} of a message that the node at {@code url} acknowledged. */
  synchronized long awaitCommitAt(String url, long nanos, long seconds)
      throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    while (true) {
      for (Ack ack : acks) {
        if (ack.sentNanos() > nanos && ack.url().startsWith(url)) {
          return TimeUnit.NANOSECONDS.toMillis(ack.ackedNanos() - nanos);
        }
      }
      long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      if (left <= 0) {
        return -1;
      }
      wait(left);
    }
  }

  /** The longest time after {@code nanos} in which nothing was acknowledged, in milliseconds. */
  synchronized long longestGapSince(long nanos) {
    long longest = 0;
    long last = nanos;
    for (Ack ack : acks) {
      if (ack.ackedNanos() > nanos) {
        longest = Math.max(longest, ack.ackedNanos() - last);
        last = ack.ackedNanos();
      }
    }
    return TimeUnit.NANOSECONDS.toMillis(Math.max(longest, System.nanoTime() - last));
  }
}
