package io.tidemark.launcher.config;

import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/** Makes a {@link NodeConfig} of JSON and system properties, or says what is wrong with them. */
public final class ConfigReader {

  /** What the names of overriding system properties begin with. */
  public static final String PROPERTY_PREFIX = "tidemark.";

  /** How many letters may be wrong in a key for another to be suggested. */
  private static final int MAX_TYPOS = 4;

  private ConfigReader() {}

  /** {@link #read(JsonObject, Properties)} without properties. */
  public static NodeConfig read(JsonObject json) {
    return read(json, new Properties());
  }

  /**
   * Reads a configuration. What it leaves out has its default.
   *
   * @param overrides win over {@code json}: those named {@code tidemark.} and a key
   * @throws ConfigException at the first thing that is wrong
   */
  public static NodeConfig read(JsonObject json, Properties overrides) {
    Map<ConfigKey, Object> values = new EnumMap<>(ConfigKey.class);
    for (ConfigKey key : ConfigKey.values()) {
      values.put(key, key.defaultValue());
    }
    flat(json).forEach((path, value) -> values.put(key(path), key(path).checked(value)));
    for (String name : overrides.stringPropertyNames()) {
      if (name.startsWith(PROPERTY_PREFIX)) {
        ConfigKey key = key(name.substring(PROPERTY_PREFIX.length()));
        values.put(key, key.parsed(overrides.getProperty(name)));
      }
    }
    return config(values);
  }

  private static NodeConfig config(Map<ConfigKey, Object> values) {
    return new NodeConfig(
        new NodeConfig.Http(
            text(values, ConfigKey.HTTP_HOST),
            (int) number(values, ConfigKey.HTTP_PORT),
            (int) number(values, ConfigKey.HTTP_MAX_MESSAGE_BYTES)),
        new NodeConfig.Store(
            text(values, ConfigKey.STORE_CONSENSUS), text(values, ConfigKey.STORE_BLOB)),
        (int) number(values, ConfigKey.WRITE_INSTANCES),
        number(values, ConfigKey.WRITE_MEMORY_BYTES),
        new NodeConfig.SnapshotReading(
            number(values, ConfigKey.SNAPSHOT_MEMORY_BYTES),
            Path.of(text(values, ConfigKey.SNAPSHOT_SPILL_FOLDER))),
        number(values, ConfigKey.STOP_DRAIN_MILLIS));
  }

  private static String text(Map<ConfigKey, Object> values, ConfigKey key) {
    return (String) value(values, key);
  }

  private static long number(Map<ConfigKey, Object> values, ConfigKey key) {
    return (Long) value(values, key);
  }

  private static Object value(Map<ConfigKey, Object> values, ConfigKey key) {
    return values.getOrDefault(key, key.defaultValue());
  }

  /** The values by their paths. */
  private static Map<String, Object> flat(JsonObject json) {
    Map<String, Object> flat = new LinkedHashMap<>();
    for (Map.Entry<String, Object> member : json) {
      String name = member.getKey();
      Object value = member.getValue();
      boolean isSection = ConfigKey.paths().stream().anyMatch(path -> path.startsWith(name + "."));
      if (isSection && value instanceof JsonObject section) {
        section.forEach(inner -> flat.put(name + "." + inner.getKey(), inner.getValue()));
      } else if (isSection) {
        throw new ConfigException("'" + name + "' is " + value + ": it has to be an object");
      } else {
        flat.put(name, value);
      }
    }
    return flat;
  }

  private static ConfigKey key(String path) {
    return ConfigKey.of(path).orElseThrow(() -> unknown(path));
  }

  private static ConfigException unknown(String path) {
    Optional<String> nearest =
        ConfigKey.paths().stream()
            .min((a, b) -> Integer.compare(EditDistance.of(path, a), EditDistance.of(path, b)));
    String hint =
        nearest
            .filter(near -> EditDistance.of(path, near) <= MAX_TYPOS)
            .map(near -> "did you mean '" + near + "'?")
            .orElse("the keys are " + String.join(", ", ConfigKey.paths()));
    return new ConfigException("there is no key '" + path + "' in the configuration: " + hint);
  }
}
