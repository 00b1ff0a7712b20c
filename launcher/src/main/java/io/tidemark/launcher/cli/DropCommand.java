package io.tidemark.launcher.cli;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code drop}: a collection and all that it holds goes. */
@Command(name = "drop", description = "Deletes a collection with all of its rows, for good.")
final class DropCommand implements Callable<Integer> {

  private final Terminal terminal;

  @Mixin private NodeOption node = new NodeOption();

  @Parameters(index = "0", paramLabel = "COLLECTION", description = "The collection.")
  private String collection = "";

  @Option(names = "--yes", description = "Says that it is meant. Without it nothing is done.")
  private boolean isMeant;

  DropCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    if (!isMeant) {
      throw CommandException.usage(
          "nothing was done: this deletes collection '"
              + collection
              + "' with all of its rows, for good; say --yes if that is meant");
    }
    JsonObject dropped = node.client().drop(collection);
    try (Sink sink = new Sink(terminal.out())) {
      sink.line(
          "collection '"
              + collection
              + "' was dropped; what it held, shard "
              + dropped.getString("shard")
              + ", is being deleted");
    }
    return ExitCode.OK.number();
  }
}
