package io.tidemark.launcher.cli;

/** A command cannot go on. Its message is the one line that the user sees. */
public class CommandException extends RuntimeException {

  private static final long serialVersionUID = 1;

  private final ExitCode exitCode;

  public CommandException(ExitCode exitCode, String message) {
    super(message, null, false, false);
    this.exitCode = exitCode;
  }

  /** It failed, and would again. */
  public static CommandException failure(String message) {
    return new CommandException(ExitCode.FAILURE, message);
  }

  /** It was not asked well. */
  public static CommandException usage(String message) {
    return new CommandException(ExitCode.USAGE, message);
  }

  public ExitCode exitCode() {
    return exitCode;
  }
}
