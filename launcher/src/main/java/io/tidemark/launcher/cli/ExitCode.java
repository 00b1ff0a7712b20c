package io.tidemark.launcher.cli;

/** How a command ends. The numbers are stable: scripts rely on them. */
public enum ExitCode {
  /** It did what was asked. */
  OK(0),
  /** It did not; the line on standard error says why. */
  FAILURE(1),
  /** It was not asked well: an unknown option, a missing argument, a value that does not fit. */
  USAGE(2),
  /** The node cannot be reached, or cannot do it now: the same command may succeed later. */
  UNAVAILABLE(3);

  private final int number;

  ExitCode(int number) {
    this.number = number;
  }

  /** The exit code of the process. */
  public int number() {
    return number;
  }
}
