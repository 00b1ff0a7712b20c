package io.tidemark.launcher.cli;

import picocli.CommandLine.Option;

/** Where the node is: the option that every command has that speaks to one. */
final class NodeOption {

  @Option(
      names = "--url",
      paramLabel = "URL",
      defaultValue = "${env:TIDEMARK_URL:-http://127.0.0.1:8480}",
      description = {
        "The node's HTTP address (default: the environment's TIDEMARK_URL,"
            + " else http://127.0.0.1:8480)."
      })
  private String url = "";

  NodeClient client() {
    return new NodeClient(url);
  }
}
