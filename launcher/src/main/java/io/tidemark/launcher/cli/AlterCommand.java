package io.tidemark.launcher.cli;

import io.tidemark.catalog.Retention;
import io.tidemark.protocol.Mode;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code alter}: another retention. */
@Command(
    name = "alter",
    description = "Changes a collection, while nodes run. What has been let go does not come back.")
final class AlterCommand implements Callable<Integer> {

  private final Terminal terminal;

  @Mixin private NodeOption node = new NodeOption();

  @Parameters(index = "0", paramLabel = "COLLECTION", description = "The collection.")
  private String collection = "";

  @Option(
      names = "--retention",
      required = true,
      paramLabel = "SPAN",
      description =
          "How far back it stays readable: a span of time such as 7d or 12h; in source mode a number"
              + " in the unit of its times; forever.")
  private String retention = "";

  AlterCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    JsonObject changes = new JsonObject().put("retention", retention);
    JsonObject altered = node.client().alter(collection, changes);
    try (Sink sink = new Sink(terminal.out())) {
      sink.line("collection '" + collection + "' has a retention of " + retention(altered));
    }
    return ExitCode.OK.number();
  }

  /** The retention of a collection, for people. */
  static String retention(JsonObject described) {
    Mode mode = Mode.parse(described.getString("mode"));
    return Retention.parse(described.getValue("retention"), mode).text(mode);
  }
}
