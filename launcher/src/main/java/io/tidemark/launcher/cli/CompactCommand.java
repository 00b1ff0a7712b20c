package io.tidemark.launcher.cli;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code compact}: one batch of all that there are. */
@Command(
    name = "compact",
    description = {
      "Has the node that coordinates a collection rewrite all of its batches as one: each row once,"
          + " of what lies before since.",
      "That happens by itself as far as it is worth it; this does the rest."
    })
final class CompactCommand implements Callable<Integer> {

  private final Terminal terminal;

  @Mixin private UpkeepRequest request = new UpkeepRequest();

  CompactCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    JsonObject done = request.run(terminal, "compact");
    JsonObject before = done.getJsonObject("before");
    JsonObject after = done.getJsonObject("after");
    try (Sink sink = new Sink(terminal.out())) {
      sink.line(
          String.format(
              "'%s' was compacted: %d → %d batches, %d → %d parts, %s → %s, %d → %d updates",
              request.collection(),
              before.getLong("batches"),
              after.getLong("batches"),
              before.getLong("parts"),
              after.getLong("parts"),
              size(before),
              size(after),
              before.getLong("updates"),
              after.getLong("updates")));
    }
    return ExitCode.OK.number();
  }

  private static String size(JsonObject shard) {
    return Sizes.shown(shard.getLong("partBytes") + shard.getLong("inlineBytes"));
  }
}
