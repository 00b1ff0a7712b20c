package io.tidemark.append;

import io.tidemark.environment.Timers;

/**
 * Notices that consensus answers nothing any more, whatever it is asked. Who cannot reach it would
 * keep the lease from those who can: leases are renewed elsewhere. Belongs to one context.
 */
final class AnswerWatch {

  private static final Timers.Timer NONE = () -> {};

  private final Timers timers;
  private final long maxMillis;
  private final Runnable unanswered;
  private Timers.Timer waiting = NONE;

  /**
   * @param maxMillis how long a question may wait…
   * @param unanswered …until this is run
   */
  AnswerWatch(Timers timers, long maxMillis, Runnable unanswered) {
    this.timers = timers;
    this.maxMillis = maxMillis;
    this.unanswered = unanswered;
  }

  /** Something is asked. What has waited for longer still counts. */
  void asked() {
    if (waiting == NONE) {
      waiting = timers.after(maxMillis, unanswered);
    }
  }

  /** Something was answered, be it by a refusal. */
  void answered() {
    waiting.cancel();
    waiting = NONE;
  }
}
