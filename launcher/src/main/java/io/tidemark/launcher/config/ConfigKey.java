package io.tidemark.launcher.config;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Every key of the configuration: a path into the JSON object, and after {@code -Dtidemark.} the
 * name of the system property that overrides it.
 */
public enum ConfigKey {
  HTTP_HOST("http.host", "127.0.0.1", "the address on which HTTP is served"),
  HTTP_PORT("http.port", 8480, 0, 65_535, "the port on which HTTP is served; 0 for any free one"),
  HTTP_MAX_MESSAGE_BYTES(
      "http.maxMessageBytes",
      1 << 20,
      1 << 10,
      1 << 20,
      "the most bytes that the body of a POST with a producer, or one line of a stream, may have"),
  HTTP_TOKEN("http.token", "", "the token that requests have to bear; better in a file than here"),
  HTTP_TOKEN_FILE("http.tokenFile", "", "the file of which that token is the first line"),
  HTTP_TLS_CERT_FILE(
      "http.tls.certFile", "", "the certificate (PEM) with which HTTP is served over TLS"),
  HTTP_TLS_KEY_FILE("http.tls.keyFile", "", "the key (PEM) of that certificate"),
  HTTP_TLS_CLIENT_CA_FILE(
      "http.tls.clientCaFile",
      "",
      "the authorities (PEM) of which clients have to show a certificate; if left out, they need"
          + " none"),
  STORE_CONSENSUS(
      "store.consensus",
      "sqlite:./tidemark-data",
      "sqlite:\\S.*|postgresql://\\S+|s3://\\S+|memory:",
      "where the shards' state lies: `sqlite:FOLDER`, `postgresql://USER@HOST/DATABASE` (see"
          + " [operations](../operations.md#postgresql)), `s3://BUCKET/PREFIX?…`, or `memory:`, gone"
          + " with the process"),
  STORE_BLOB(
      "store.blob",
      "file:./tidemark-data/parts",
      "file:\\S.*|s3://\\S+|memory:",
      "where the Parquet parts lie: `file:FOLDER`, `s3://BUCKET/PREFIX?…`, or `memory:`, gone with"
          + " the process"),
  WRITE_INSTANCES(
      "write.instances", 2, 1, 64, "how many write verticles take rows in; more use more cores"),
  WRITE_MEMORY_BYTES(
      "write.memoryBytes",
      64 << 20,
      4 << 20,
      1L << 40,
      "the most bytes of rows that all write verticles of the node hold; past it producers wait"),
  SNAPSHOT_MEMORY_BYTES(
      "snapshot.memoryBytes",
      32 << 20,
      1 << 20,
      1L << 40,
      "the most bytes that one reading of a snapshot tells rows apart in; past it, it spills"),
  SNAPSHOT_SPILL_FOLDER(
      "snapshot.spillFolder", "./tidemark-data/spill", "the folder for what a snapshot spills"),
  STOP_DRAIN_MILLIS(
      "stop.drainMillis",
      5_000,
      0,
      600_000,
      "how long a stop waits for HTTP requests under way, and then for rows that were taken"),
  CLUSTER_HOST(
      "cluster.host",
      "127.0.0.1",
      "the address at which the event bus of the other nodes reaches this one"),
  CLUSTER_PORT(
      "cluster.port",
      0,
      0,
      65_535,
      "the port of the event bus on that address; 0 for any free one"),
  CLUSTER_HAZELCAST(
      "cluster.hazelcast", "conf/hazelcast.xml", "the file with the configuration of Hazelcast"),
  CLUSTER_TLS_CERT_FILE(
      "cluster.tls.certFile", "", "the certificate (PEM) that the event bus shows to other nodes"),
  CLUSTER_TLS_KEY_FILE("cluster.tls.keyFile", "", "the key (PEM) of that certificate"),
  CLUSTER_TLS_CA_FILE(
      "cluster.tls.caFile",
      "",
      "the authority (PEM) of which other nodes have to show a certificate");

  private final String path;
  private final boolean isNumber;
  private final String defaultText;
  private final Pattern pattern;
  private final long min;
  private final long max;
  private final String description;

  /** A text. */
  ConfigKey(String path, String defaultText, String description) {
    this(path, defaultText, "\\S.*", description);
  }

  /** A text of some form. */
  ConfigKey(String path, String defaultText, String pattern, String description) {
    this.path = path;
    this.isNumber = false;
    this.defaultText = defaultText;
    this.pattern = Pattern.compile(pattern);
    this.min = 0;
    this.max = 0;
    this.description = description;
  }

  /** A number. */
  ConfigKey(String path, long defaultNumber, long min, long max, String description) {
    this.path = path;
    this.isNumber = true;
    this.defaultText = Long.toString(defaultNumber);
    this.pattern = Pattern.compile("");
    this.min = min;
    this.max = max;
    this.description = description;
  }

  /** Where the value is in the configuration, like {@code http.port}. */
  public String path() {
    return path;
  }

  /** What holds if nothing is configured: a String, empty where there is no default; or a Long. */
  public Object defaultValue() {
    return isNumber ? (Object) Long.parseLong(defaultText) : defaultText;
  }

  public String description() {
    return description;
  }

  /** What the value may be, in words. */
  public String range() {
    if (isNumber) {
      return "a whole number from " + min + " to " + max;
    }
    return pattern.pattern().equals("\\S.*") ? "a text" : "a text of the form " + shownPattern();
  }

  private String shownPattern() {
    return pattern
        .pattern()
        .replace("\\S.*", "FOLDER")
        .replace("postgresql://\\S+", "postgresql://USER@HOST/DATABASE")
        .replace("\\S+", "BUCKET")
        .replace("|", " or ");
  }

  static Optional<ConfigKey> of(String path) {
    return Arrays.stream(values()).filter(key -> key.path.equals(path)).findFirst();
  }

  static List<String> paths() {
    return Arrays.stream(values()).map(ConfigKey::path).toList();
  }

  /**
   * A value that was configured, as a String or a Long.
   *
   * @throws ConfigException if it is of another type, or out of range
   */
  Object checked(Object value) {
    if (isNumber) {
      if (value instanceof Integer || value instanceof Long) {
        long number = ((Number) value).longValue();
        if (number >= min && number <= max) {
          return number;
        }
      }
    } else if (value instanceof String text && pattern.matcher(text).matches()) {
      return text;
    }
    String shown =
        value instanceof String text ? '"' + Passwords.hidden(text) + '"' : String.valueOf(value);
    if (this == HTTP_TOKEN) {
      shown = "something else"; // a secret is shown nowhere
    }
    throw new ConfigException("'" + path + "' is " + shown + ": it has to be " + range());
  }

  /** A value that was given as text. */
  Object parsed(String text) {
    if (isNumber) {
      try {
        return checked(Long.parseLong(text));
      } catch (NumberFormatException e) {
        return checked(text);
      }
    }
    return checked(text);
  }
}
