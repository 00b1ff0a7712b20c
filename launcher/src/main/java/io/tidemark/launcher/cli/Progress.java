package io.tidemark.launcher.cli;

import java.util.function.Supplier;

/**
 * Tells on standard error how long work goes: on one line that is written over where a person looks
 * on, else on a new line now and then.
 */
public final class Progress {

  private static final long INTERACTIVE_MILLIS = 250;

  private final Terminal terminal;
  private final long intervalMillis;
  private long nextMillis;
  private int shown;

  /**
   * @param loggedMillis how long from line to line where no person looks on
   */
  public Progress(Terminal terminal, long loggedMillis) {
    this.terminal = terminal;
    this.intervalMillis = terminal.interactive() ? INTERACTIVE_MILLIS : loggedMillis;
    this.nextMillis = terminal.clock().monotonicMillis() + intervalMillis;
  }

  /** Shows where the work stands, if it is time to. */
  public void at(Supplier<String> state) {
    long now = terminal.clock().monotonicMillis();
    if (now >= nextMillis) {
      nextMillis = now + intervalMillis;
      show(state.get());
    }
  }

  /** Something that is to stay on the screen. */
  public void say(String line) {
    clear();
    terminal.err().println(line);
  }

  /** Takes away what was shown last. */
  public void clear() {
    if (shown > 0) {
      terminal.err().print("\r" + " ".repeat(shown) + "\r");
      terminal.err().flush();
      shown = 0;
    }
  }

  private void show(String line) {
    if (!terminal.interactive()) {
      terminal.err().println(line);
      return;
    }
    terminal.err().print("\r" + line + " ".repeat(Math.max(0, shown - line.length())));
    terminal.err().flush();
    shown = line.length();
  }
}
