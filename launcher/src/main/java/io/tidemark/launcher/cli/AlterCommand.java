package io.tidemark.launcher.cli;

import io.tidemark.catalog.Retention;
import io.tidemark.protocol.Mode;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code alter}: another retention, more columns, columns that may be null. */
@Command(
    name = "alter",
    description =
        "Changes a collection, while nodes run. What has been let go does not come back, and"
            + " columns stay.")
final class AlterCommand implements Callable<Integer> {

  private final Terminal terminal;

  @Mixin private NodeOption node = new NodeOption();

  @Parameters(index = "0", paramLabel = "COLLECTION", description = "The collection.")
  private String collection = "";

  @Option(
      names = "--retention",
      paramLabel = "SPAN",
      description =
          "How far back it stays readable: a span of time such as 7d or 12h; in source mode a"
              + " number in the unit of its times; forever.")
  private @Nullable String retention;

  @Option(
      names = "--add-column",
      paramLabel = "NAME:TYPE?",
      description =
          "A column that comes last; it may be null, since earlier rows have none. Can be given"
              + " again.")
  private List<String> added = new ArrayList<>();

  @Option(
      names = "--nullable",
      paramLabel = "NAME",
      description = "A column that rows may leave out from now on. Can be given again.")
  private List<String> nullable = new ArrayList<>();

  AlterCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    JsonObject altered = node.client().alter(collection, changes());
    try (Sink sink = new Sink(terminal.out())) {
      if (retention != null) {
        sink.line("collection '" + collection + "' has a retention of " + retention(altered));
      }
      if (!added.isEmpty() || !nullable.isEmpty()) {
        String columns = ColumnOption.shown(altered.getJsonArray("columns"));
        sink.line("collection '" + collection + "' has the columns " + columns);
      }
    }
    return ExitCode.OK.number();
  }

  private JsonObject changes() {
    JsonObject changes = new JsonObject();
    if (retention != null) {
      changes.put("retention", retention);
    }
    if (!added.isEmpty()) {
      changes.put("addColumns", new JsonArray(added.stream().map(ColumnOption::parse).toList()));
    }
    if (!nullable.isEmpty()) {
      changes.put("nullable", new JsonArray(List.copyOf(nullable)));
    }
    if (changes.isEmpty()) {
      throw CommandException.usage(
          "nothing is to be changed: give --retention, --add-column or --nullable");
    }
    return changes;
  }

  /** The retention of a collection, for people. */
  static String retention(JsonObject described) {
    Mode mode = Mode.parse(described.getString("mode"));
    return Retention.parse(described.getValue("retention"), mode).text(mode);
  }
}
