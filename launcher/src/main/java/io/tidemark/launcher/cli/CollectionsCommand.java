package io.tidemark.launcher.cli;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code collections}: which there are. */
@Command(name = "collections", description = "Lists the collections, and what columns each has.")
final class CollectionsCommand implements Callable<Integer> {

  private final Terminal terminal;

  @Mixin private NodeOption node = new NodeOption();

  CollectionsCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    JsonArray collections = node.client().collections().getJsonArray("collections");
    List<List<String>> rows = new ArrayList<>();
    for (Object each : collections) {
      JsonObject collection = (JsonObject) each;
      rows.add(
          List.of(
              collection.getString("name"),
              collection.getString("mode", ""),
              ColumnOption.shown(collection.getJsonArray("columns", new JsonArray()))));
    }
    try (Sink sink = new Sink(terminal.out())) {
      for (String line : TextTable.lines(List.of("name", "mode", "columns"), rows)) {
        sink.line(line);
      }
    }
    return ExitCode.OK.number();
  }
}
