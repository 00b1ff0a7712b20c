package io.tidemark.launcher.tools;

import io.tidemark.launcher.cli.CommandException;
import io.tidemark.launcher.config.ConfigException;
import io.tidemark.launcher.config.ConfigReader;
import io.tidemark.launcher.config.NodeConfig;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which stores: option of every command that works at them. */
final class StoreOption {

  private static final String SQLITE = "sqlite:";
  private static final String FILE = "file:";
  private static final String MEMORY = "memory:";

  @Option(
      names = "--conf",
      paramLabel = "FILE",
      description =
          "The configuration of the nodes, which says where the stores are; -Dtidemark.… overrides"
              + " it as for a node (default: that of a node without one).")
  private @Nullable String conf;

  /**
   * The configuration.
   *
   * @throws CommandException if it is wrong, or its stores are none that can be opened from here
   */
  NodeConfig config() {
    try {
      JsonObject json = conf == null ? new JsonObject() : ConfigReader.json(conf);
      NodeConfig config = ConfigReader.read(json, System.getProperties());
      check("store.consensus", config.store().consensus(), SQLITE);
      check("store.blob", config.store().blob(), FILE);
      return config;
    } catch (ConfigException e) {
      throw CommandException.usage(String.valueOf(e.getMessage()));
    }
  }

  /** A store that is not there must not be made: it would be an empty one, and a wrong answer. */
  private static void check(String key, String uri, String local) {
    if (uri.equals(MEMORY)) {
      throw new ConfigException(
          "'" + key + "' is '" + MEMORY + "', which only the node itself can read");
    }
    if (uri.startsWith(local)) {
      Path folder = Path.of(uri.substring(local.length()));
      if (!Files.isDirectory(folder)) {
        throw new ConfigException(
            "'"
                + key
                + "' is "
                + uri
                + ", and there is no such folder: say with --conf which configuration the nodes"
                + " have, and run this where they run");
      }
    }
  }
}
