package io.tidemark.launcher.cli;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code inspect}: what a collection is made of. */
@Command(
    name = "inspect",
    description =
        "Shows what a collection is made of: since, upper, epoch, batches, parts, bytes, and where"
            + " its producers stand.")
final class InspectCommand implements Callable<Integer> {

  private static final String COLUMNS = "columns";
  private static final String PRODUCERS = "producers";
  private static final String READERS = "readers";
  private static final String SINCES = "criticalSinces";
  private static final String RETENTION = "retention";

  /** What has a line or a table of its own. */
  private static final Set<String> TABLES = Set.of(COLUMNS, PRODUCERS, READERS, SINCES);

  private final Terminal terminal;

  @Mixin private NodeOption node = new NodeOption();

  @Parameters(index = "0", paramLabel = "COLLECTION", description = "The collection.")
  private String collection = "";

  @Option(names = "--json", description = "Prints it as JSON.")
  private boolean json;

  InspectCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    JsonObject described = node.client().describe(collection);
    try (Sink sink = new Sink(terminal.out())) {
      if (json) {
        sink.line(described.encodePrettily());
      } else {
        for (String line : lines(described)) {
          sink.line(line);
        }
      }
    }
    return ExitCode.OK.number();
  }

  private static List<String> lines(JsonObject described) {
    List<List<String>> members = new ArrayList<>();
    for (Map.Entry<String, Object> member : described) {
      if (!TABLES.contains(member.getKey())) {
        members.add(List.of(member.getKey(), shown(member, described)));
      }
    }
    members.add(List.of(COLUMNS, ColumnOption.shown(described.getJsonArray(COLUMNS))));
    TextTable table = new TextTable(List.of("", ""), members);
    List<String> lines = new ArrayList<>();
    members.forEach(member -> lines.add(table.line(member)));
    List<List<String>> holders = holders(described);
    if (!holders.isEmpty()) {
      lines.add("");
      lines.addAll(TextTable.lines(List.of("history is held by", "since", "until"), holders));
    }
    JsonObject producers = described.getJsonObject(PRODUCERS, new JsonObject());
    if (!producers.isEmpty()) {
      lines.add("");
      lines.addAll(producers(producers));
    }
    return lines;
  }

  /** Who keeps the since from moving, and when a lease is over that is not renewed. */
  private static List<List<String>> holders(JsonObject described) {
    List<List<String>> holders = new ArrayList<>();
    for (Map.Entry<String, Object> each : described.getJsonObject(SINCES, new JsonObject())) {
      holders.add(
          List.of("critical since '" + each.getKey() + "'", String.valueOf(each.getValue()), ""));
    }
    for (Object each : described.getJsonArray(READERS, new JsonArray())) {
      JsonObject reader = (JsonObject) each;
      holders.add(
          List.of(
              reader.getString("purpose"),
              String.valueOf(reader.getValue("since")),
              Instant.ofEpochMilli(reader.getLong("expires"))
                  .truncatedTo(ChronoUnit.SECONDS)
                  .toString()));
    }
    return holders;
  }

  private static String shown(Map.Entry<String, Object> member, JsonObject described) {
    return member.getKey().equals(RETENTION)
        ? AlterCommand.retention(described)
        : String.valueOf(member.getValue());
  }

  private static List<String> producers(JsonObject producers) {
    List<List<String>> rows = new ArrayList<>();
    for (Map.Entry<String, Object> each : producers) {
      JsonObject position = (JsonObject) each.getValue();
      rows.add(
          List.of(
              each.getKey(),
              String.valueOf(position.getValue("sequence")),
              String.valueOf(position.getValue("updates")),
              String.valueOf(position.getValue("time"))));
    }
    return TextTable.lines(List.of("producer", "messages", "rows", "time"), rows);
  }
}
