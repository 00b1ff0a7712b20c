package io.tidemark.launcher.config;

import io.vertx.core.json.JsonObject;
import java.nio.file.Path;

/**
 * How a node is configured. {@link ConfigKey} says what each value means, and what it may be.
 *
 * @param writers how many write verticles there are
 * @param rowMemoryBytes the most bytes of rows that they hold together
 * @param drainMillis how long each step of stopping waits for what is under way
 */
public record NodeConfig(
    Http http,
    Store store,
    int writers,
    long rowMemoryBytes,
    SnapshotReading snapshot,
    long drainMillis) {

  /** What a node does if it is told nothing. */
  public static final NodeConfig DEFAULTS = ConfigReader.read(new JsonObject());

  /**
   * Where HTTP is served.
   *
   * @param port 0 for any that is free
   * @param maxMessageBytes of one message, and of one line of a stream
   */
  public record Http(String host, int port, int maxMessageBytes) {}

  /**
   * Where the data lies, as URIs: {@code sqlite:folder} or {@code memory:} for consensus, {@code
   * file:folder} or {@code memory:} for the parts.
   */
  public record Store(String consensus, String blob) {}

  /** What one reading of a snapshot may use. */
  public record SnapshotReading(long memoryBytes, Path spillFolder) {}

  public NodeConfig withHttp(String host, int port) {
    return new NodeConfig(
        new Http(host, port, http.maxMessageBytes()),
        store,
        writers,
        rowMemoryBytes,
        snapshot,
        drainMillis);
  }

  /** The same with all data in {@code folder}. */
  public NodeConfig withData(Path folder) {
    return new NodeConfig(
        http,
        new Store("sqlite:" + folder, "file:" + folder.resolve("parts")),
        writers,
        rowMemoryBytes,
        new SnapshotReading(snapshot.memoryBytes(), folder.resolve("spill")),
        drainMillis);
  }
}
