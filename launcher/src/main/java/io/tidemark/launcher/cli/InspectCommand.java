package io.tidemark.launcher.cli;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code inspect}: what a collection is made of. */
@Command(
    name = "inspect",
    description =
        "Shows what a collection is made of: since, upper, epoch; its batches as they lie; what is"
            + " kept of its past, and for whom; who writes; and where its producers stand.")
final class InspectCommand implements Callable<Integer> {

  private static final String COLUMNS = "columns";
  private static final String PRODUCERS = "producers";
  private static final String RETENTION = "retention";
  private static final Set<String> TOLD_APART =
      Stream.concat(Stream.of(COLUMNS, PRODUCERS), ShardPicture.MEMBERS.stream())
          .collect(Collectors.toUnmodifiableSet());

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
    JsonObject described = node.client().inspect(collection);
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
      if (!TOLD_APART.contains(member.getKey())) {
        members.add(List.of(member.getKey(), shown(member, described)));
      }
    }
    members.add(List.of(COLUMNS, ColumnOption.shown(described.getJsonArray(COLUMNS))));
    TextTable table = new TextTable(List.of("", ""), members);
    List<String> lines = new ArrayList<>();
    members.forEach(member -> lines.add(table.line(member)));
    lines.addAll(ShardPicture.lines(described));
    JsonObject producers = described.getJsonObject(PRODUCERS, new JsonObject());
    if (!producers.isEmpty()) {
      lines.add("");
      lines.addAll(producers(producers));
    }
    return lines;
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
