package io.tidemark.launcher.cli;

import io.tidemark.protocol.FailureCode;
import io.vertx.core.json.JsonObject;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Something that a node is asked for again until it is done: what such commands have in common. */
final class UpkeepRequest {

  private static final long PAUSE_MILLIS = 250;
  private static final long LOGGED_MILLIS = 10_000;

  @Mixin private NodeOption node = new NodeOption();

  @Parameters(index = "0", paramLabel = "COLLECTION", description = "The collection.")
  private String collection = "";

  @Option(
      names = "--wait-seconds",
      paramLabel = "SECONDS",
      defaultValue = "600",
      description =
          "How long to wait for the end (default: ${DEFAULT-VALUE}). The node goes on all the"
              + " same.")
  private long waitSeconds;

  String collection() {
    return collection;
  }

  /**
   * Asks until it is done.
   *
   * @return what the node answers then
   * @throws NodeException if it cannot be done, or is not done when the wait is over
   */
  JsonObject run(Terminal terminal, String action) throws InterruptedException {
    if (waitSeconds < 0) {
      throw CommandException.usage("--wait-seconds cannot be negative");
    }
    NodeClient client = node.client();
    Progress progress = new Progress(terminal, LOGGED_MILLIS);
    long deadlineMillis = terminal.clock().monotonicMillis() + 1000 * waitSeconds;
    while (true) {
      try {
        JsonObject done = client.upkeep(collection, action);
        progress.clear();
        return done;
      } catch (NodeException e) {
        boolean isLate = terminal.clock().monotonicMillis() >= deadlineMillis;
        if (e.code() != FailureCode.UNAVAILABLE || isLate) {
          progress.clear();
          throw e;
        }
        progress.at(() -> String.valueOf(e.getMessage()));
        terminal.pause().millis(PAUSE_MILLIS);
      }
    }
  }
}
