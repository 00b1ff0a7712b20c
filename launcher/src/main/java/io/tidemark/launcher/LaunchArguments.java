package io.tidemark.launcher;

import io.tidemark.launcher.config.ConfigException;
import io.tidemark.launcher.config.ConfigReader;
import io.vertx.core.json.JsonObject;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What is said of arguments before the Vert.x launcher gets them: of a configuration that it cannot
 * read it would only warn, and go on with an empty one.
 */
final class LaunchArguments {

  private static final List<String> CONF = List.of("-conf", "--conf");
  private static final List<String> CLUSTER = List.of("-c", "-cluster", "--cluster");

  private LaunchArguments() {}

  /**
   * Checks them.
   *
   * @throws ConfigException if the launcher would start something else than what was meant
   */
  static void check(String[] args) {
    for (int i = 0; i < args.length; i++) {
      String name = args[i].toLowerCase(Locale.ROOT);
      int equals = name.indexOf('=');
      if (CONF.contains(name) && i + 1 < args.length) {
        JsonObject unused = ConfigReader.json(args[i + 1]);
      } else if (equals > 0 && CONF.contains(name.substring(0, equals))) {
        JsonObject unused = ConfigReader.json(args[i].substring(equals + 1));
      }
    }
  }

  /** Whether the launcher will join a cluster. */
  static boolean isClustered(String[] args) {
    return Arrays.stream(args)
        .map(arg -> arg.toLowerCase(Locale.ROOT))
        .anyMatch(arg -> CLUSTER.contains(arg));
  }
}
