package io.tidemark.launcher.config;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/** Makes a {@link NodeConfig} of JSON and system properties, or says what is wrong with them. */
public final class ConfigReader {

  /** What the names of overriding system properties begin with. */
  public static final String PROPERTY_PREFIX = "tidemark.";

  /** A system property of the logging, which is none of the configuration. */
  public static final String LOG_LEVEL = "tidemark.log.level";

  /** How many letters may be wrong in a key for another to be suggested. */
  private static final int MAX_TYPOS = 4;

  private ConfigReader() {}

  /**
   * The JSON that a configuration is.
   *
   * @param conf a file; or the JSON itself, which begins with a brace
   * @throws ConfigException if it cannot be read, or is none
   */
  public static JsonObject json(String conf) {
    boolean isInline = conf.stripLeading().startsWith("{");
    try {
      return isInline
          ? new JsonObject(conf)
          : new JsonObject(Buffer.buffer(Files.readAllBytes(Path.of(conf))));
    } catch (IOException | InvalidPathException e) {
      throw new ConfigException(
          "cannot read the configuration '" + conf + "': " + e.getClass().getSimpleName());
    } catch (DecodeException | ClassCastException e) {
      String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
      throw new ConfigException(
          "the configuration "
              + (isInline ? "" : "'" + conf + "' ")
              + "is no JSON object: "
              + reason);
    }
  }

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
      if (name.startsWith(PROPERTY_PREFIX) && !name.equals(LOG_LEVEL)) {
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
            (int) number(values, ConfigKey.HTTP_MAX_MESSAGE_BYTES),
            token(values),
            httpTls(values)),
        new NodeConfig.Store(
            text(values, ConfigKey.STORE_CONSENSUS), text(values, ConfigKey.STORE_BLOB)),
        (int) number(values, ConfigKey.WRITE_INSTANCES),
        number(values, ConfigKey.WRITE_MEMORY_BYTES),
        new NodeConfig.SnapshotReading(
            number(values, ConfigKey.SNAPSHOT_MEMORY_BYTES),
            Path.of(text(values, ConfigKey.SNAPSHOT_SPILL_FOLDER))),
        number(values, ConfigKey.STOP_DRAIN_MILLIS),
        new NodeConfig.Cluster(
            text(values, ConfigKey.CLUSTER_HOST),
            (int) number(values, ConfigKey.CLUSTER_PORT),
            text(values, ConfigKey.CLUSTER_HAZELCAST),
            clusterTls(values)));
  }

  private static @Nullable Token token(Map<ConfigKey, Object> values) {
    String token = text(values, ConfigKey.HTTP_TOKEN);
    String file = text(values, ConfigKey.HTTP_TOKEN_FILE);
    if (!token.isEmpty() && !file.isEmpty()) {
      throw new ConfigException("'http.token' and 'http.tokenFile' are both given: keep one");
    }
    if (!token.isEmpty()) {
      return Token.of(token, "'http.token'");
    }
    return file.isEmpty() ? null : Token.ofFile(Path.of(file));
  }

  private static @Nullable TlsFiles httpTls(Map<ConfigKey, Object> values) {
    boolean isPlain =
        allOrNone(values, List.of(ConfigKey.HTTP_TLS_CERT_FILE, ConfigKey.HTTP_TLS_KEY_FILE));
    String clientCa = text(values, ConfigKey.HTTP_TLS_CLIENT_CA_FILE);
    if (isPlain && !clientCa.isEmpty()) {
      throw new ConfigException(
          "'http.tls.clientCaFile' takes 'http.tls.certFile' and 'http.tls.keyFile', too");
    }
    return isPlain
        ? null
        : files(values, ConfigKey.HTTP_TLS_CERT_FILE, ConfigKey.HTTP_TLS_KEY_FILE, clientCa);
  }

  private static @Nullable TlsFiles clusterTls(Map<ConfigKey, Object> values) {
    boolean isPlain =
        allOrNone(
            values,
            List.of(
                ConfigKey.CLUSTER_TLS_CERT_FILE,
                ConfigKey.CLUSTER_TLS_KEY_FILE,
                ConfigKey.CLUSTER_TLS_CA_FILE));
    return isPlain
        ? null
        : files(
            values,
            ConfigKey.CLUSTER_TLS_CERT_FILE,
            ConfigKey.CLUSTER_TLS_KEY_FILE,
            text(values, ConfigKey.CLUSTER_TLS_CA_FILE));
  }

  /** Whether none of them is given; half of them would be less protection than was meant. */
  private static boolean allOrNone(Map<ConfigKey, Object> values, List<ConfigKey> keys) {
    List<String> given =
        keys.stream().filter(key -> !text(values, key).isEmpty()).map(ConfigKey::path).toList();
    if (!given.isEmpty() && given.size() < keys.size()) {
      throw new ConfigException(
          "of "
              + String.join(", ", keys.stream().map(ConfigKey::path).toList())
              + " only "
              + String.join(", ", given)
              + " is given: give all, or none");
    }
    return given.isEmpty();
  }

  /** Files that are there and hold what they should. */
  private static TlsFiles files(
      Map<ConfigKey, Object> values, ConfigKey cert, ConfigKey key, String ca) {
    TlsFiles files =
        new TlsFiles(
            Path.of(text(values, cert)),
            Path.of(text(values, key)),
            ca.isEmpty() ? null : Path.of(ca));
    files.check();
    return files;
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
    flatten("", json, flat);
    return flat;
  }

  /** Goes as deep as there are sections, whatever the JSON. */
  private static void flatten(String prefix, JsonObject json, Map<String, Object> flat) {
    for (Map.Entry<String, Object> member : json) {
      String name = prefix + member.getKey();
      Object value = member.getValue();
      boolean isSection = ConfigKey.paths().stream().anyMatch(path -> path.startsWith(name + "."));
      if (isSection && value instanceof JsonObject section) {
        flatten(name + ".", section, flat);
      } else if (isSection) {
        throw new ConfigException("'" + name + "' is " + value + ": it has to be an object");
      } else {
        flat.put(name, value);
      }
    }
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
