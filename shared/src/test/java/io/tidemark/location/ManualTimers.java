package io.tidemark.location;

import io.tidemark.environment.Timers;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Timers of a clock that stands until it is moved. */
final class ManualTimers implements Timers {

  private final List<Pending> pending = new ArrayList<>();
  private long nowMillis;

  private record Pending(long atMillis, Runnable task) implements Timer {
    @Override
    public void cancel() {
      throw new UnsupportedOperationException("no fault is ever taken back");
    }
  }

  @Override
  public Timer after(long millis, Runnable task) {
    Pending timer = new Pending(nowMillis + millis, task);
    pending.add(timer);
    return timer;
  }

  /** Moves the clock, and runs what is due, in order. */
  void advance(long millis) {
    nowMillis += millis;
    List<Pending> due = new ArrayList<>(pending);
    due.removeIf(timer -> timer.atMillis() > nowMillis);
    due.sort(Comparator.comparingLong(Pending::atMillis));
    pending.removeAll(due);
    due.forEach(timer -> timer.task().run());
  }
}
