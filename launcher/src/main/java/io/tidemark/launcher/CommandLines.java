package io.tidemark.launcher;

import io.tidemark.launcher.cli.Commands;
import io.tidemark.launcher.cli.Terminal;
import io.tidemark.launcher.config.ConfigReader;
import io.tidemark.launcher.demo.DemoCommand;
import io.tidemark.launcher.tools.CheckCommand;
import io.tidemark.launcher.tools.RestoreCommand;
import io.tidemark.launcher.tools.UsageCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IVersionProvider;

/** The entry to the commands. Everything that is no command starts a node. */
public final class CommandLines {

  private CommandLines() {}

  /** Whether the arguments are those of a command, known or not, and not of the Vert.x launcher. */
  public static boolean isCommand(String[] args) {
    return args.length > 0
        && (!args[0].startsWith("-") || args[0].equals("--help") || args[0].equals("--version"));
  }

  /** Runs a command. Blocks until it is done, and returns the exit code of the process. */
  public static int run(String[] args) {
    if (System.getProperty(ConfigReader.LOG_LEVEL) == null) {
      System.setProperty(ConfigReader.LOG_LEVEL, "WARN"); // a command says itself what it does
    }
    return commandLine(Terminal.ofProcess()).execute(args);
  }

  /** All commands, on a terminal. */
  public static CommandLine commandLine(Terminal terminal) {
    CommandLine root = new CommandLine(new Root());
    root.addSubcommand(new DemoCommand(terminal));
    root.addSubcommand(new CheckCommand(terminal));
    root.addSubcommand(new UsageCommand(terminal));
    root.addSubcommand(new RestoreCommand(terminal));
    return Commands.addTo(root, terminal);
  }

  @Command(
      name = "tidemark",
      mixinStandardHelpOptions = true,
      versionProvider = Version.class,
      subcommands = HelpCommand.class,
      synopsisSubcommandLabel = "[COMMAND]",
      description = "Durable, exactly-once publishing for the Vert.x event bus.",
      footer = {
        "",
        "Without a command it is a node, with the options of the Vert.x launcher:",
        "  java -jar tidemark.jar -conf conf/dev.json      -help lists the options"
      })
  static final class Root {}

  static final class Version implements IVersionProvider {

    @Override
    public String[] getVersion() {
      String version = CommandLines.class.getPackage().getImplementationVersion();
      return new String[] {"tidemark " + (version == null ? "(not from the jar)" : version)};
    }
  }
}
