package io.tidemark.launcher;

import io.tidemark.launcher.config.ConfigException;
import io.vertx.launcher.application.VertxApplication;

/**
 * The process. With the name of a command as the first argument it runs that; else it is a node,
 * with the options of the Vert.x launcher.
 *
 * <p>Exit codes of a node: {@value #EXIT_USAGE} for wrong options or a wrong configuration, {@value
 * #EXIT_FAILURE} if it does not start for another reason, {@value #EXIT_SIGTERM} after SIGTERM.
 */
public final class Main extends VertxApplication {

  static final int EXIT_FAILURE = 1;
  static final int EXIT_USAGE = 2;

  /** 128 + 15, as the JVM and the shell have it. */
  static final int EXIT_SIGTERM = 143;

  private Main(String[] args, Hooks hooks) {
    super(args, hooks, false, false);
  }

  /** Runs a command, or starts a node and returns. */
  public static void main(String[] args) {
    int code = CommandLines.isCommand(args) ? CommandLines.run(args) : startNode(args);
    if (code != 0 || CommandLines.isCommand(args)) {
      System.exit(code);
    }
  }

  private static int startNode(String[] args) {
    Hooks hooks = new Hooks(LaunchArguments.isClustered(args));
    int code;
    try {
      LaunchArguments.check(args);
      code = new Main(args, hooks).launch();
    } catch (ConfigException e) {
      hooks.fail(e);
      code = EXIT_USAGE;
    }
    Hooks.Failure failure = hooks.failure();
    if (failure == null) {
      return code;
    }
    System.err.println("tidemark: " + failure.line());
    return failure.exitCode();
  }
}
