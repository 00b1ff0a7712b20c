package io.tidemark.launcher.cli;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code gc}: away with what nobody needs. */
@Command(
    name = "gc",
    description = {
      "Has the node that coordinates a collection remove what no reader needs and nothing names any"
          + " more: old versions, and the parts and rollups that only they name.",
      "That happens by itself now and then; this does it now."
    })
final class GcCommand implements Callable<Integer> {

  private final Terminal terminal;

  @Mixin private UpkeepRequest request = new UpkeepRequest();

  GcCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    JsonObject done = request.run(terminal, "gc");
    try (Sink sink = new Sink(terminal.out())) {
      sink.line(
          String.format(
              "garbage of '%s' was collected: %d parts, %d rollups, %d versions",
              request.collection(),
              done.getLong("parts"),
              done.getLong("rollups"),
              done.getLong("versions")));
    }
    return ExitCode.OK.number();
  }
}
