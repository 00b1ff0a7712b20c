package io.tidemark.launcher.cli;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/** The sub-commands, and how every command reports a failure. */
public final class Commands {

  private Commands() {}

  /** Adds the sub-commands, and makes errors one line on standard error and an exit code. */
  @CanIgnoreReturnValue
  public static CommandLine addTo(CommandLine root, Terminal terminal) {
    List.of(
            new CreateCommand(terminal),
            new AlterCommand(terminal),
            new DropCommand(terminal),
            new CollectionsCommand(terminal),
            new PublishCommand(terminal),
            new SnapshotCommand(terminal),
            new ExportCommand(terminal),
            new TailCommand(terminal),
            new InspectCommand(terminal),
            new CompactCommand(terminal),
            new GcCommand(terminal))
        .forEach(root::addSubcommand);
    root.getSubcommands().values().stream()
        .filter(command -> !command.getCommandSpec().helpCommand())
        .forEach(Commands::addHelp);
    PrintStream err = terminal.err();
    return root.setErr(new PrintWriter(err, true, StandardCharsets.UTF_8))
        .setOut(new PrintWriter(terminal.out(), true, StandardCharsets.UTF_8))
        .setParameterExceptionHandler((e, args) -> misused(e, err))
        .setExecutionExceptionHandler((e, command, parsed) -> failed(e, err));
  }

  private static void addHelp(CommandLine command) {
    command
        .getCommandSpec()
        .addOption(
            OptionSpec.builder("-h", "--help")
                .usageHelp(true)
                .description("Shows this, and does nothing else.")
                .build());
  }

  private static int misused(ParameterException e, PrintStream err) {
    String command = e.getCommandLine().getCommandSpec().qualifiedName();
    err.println("tidemark: " + e.getMessage() + " (see " + command + " --help)");
    return ExitCode.USAGE.number();
  }

  private static int failed(Exception e, PrintStream err) {
    if (e instanceof CommandException known) {
      err.println("tidemark: " + known.getMessage());
      return known.exitCode().number();
    }
    err.println("tidemark: " + e);
    return ExitCode.FAILURE.number();
  }
}
