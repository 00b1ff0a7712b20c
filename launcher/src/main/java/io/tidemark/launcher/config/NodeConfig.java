package io.tidemark.launcher.config;

import io.vertx.core.json.JsonObject;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

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
    long drainMillis,
    Cluster cluster) {

  /** What a node does if it is told nothing. */
  public static final NodeConfig DEFAULTS = ConfigReader.read(new JsonObject());

  /**
   * Where HTTP is served.
   *
   * @param port 0 for any that is free
   * @param maxMessageBytes of one message, and of one line of a stream
   * @param token what requests have to bear; null if they need nothing
   * @param tls null for HTTP without TLS
   */
  public record Http(
      String host, int port, int maxMessageBytes, @Nullable Token token, @Nullable TlsFiles tls) {

    /**
     * Looks at what is served where. Blocks, if a name has to be resolved.
     *
     * @throws ConfigException if others than this machine reach it, and need no token
     */
    public void check() {
      if (token == null && !isLoopback()) {
        throw new ConfigException(
            "'http.host' is "
                + host
                + ", which others than this machine may reach: give 'http.tokenFile' (or"
                + " 'http.token'), or listen on 127.0.0.1");
      }
    }

    /** Whether whoever listens on the host is reached by this machine alone; false if unsure. */
    private boolean isLoopback() {
      try {
        return Arrays.stream(InetAddress.getAllByName(host))
            .allMatch(InetAddress::isLoopbackAddress);
      } catch (UnknownHostException e) {
        return false;
      }
    }

    /** How the address begins. */
    public String scheme() {
      return tls == null ? "http" : "https";
    }

    /** Whether what is sent, the token too, can be read on its way to another machine. */
    public boolean isReadableOnTheWay() {
      return token != null && tls == null && !isLoopback();
    }
  }

  /**
   * Where the data lies, as URIs: {@code sqlite:folder}, {@code postgresql://…}, {@code s3://…} or
   * {@code memory:} for consensus, {@code file:folder}, {@code s3://…} or {@code memory:} for the
   * parts.
   */
  public record Store(String consensus, String blob) {

    /** Where the state lies, for people: without a password. */
    public String shownConsensus() {
      return Passwords.hidden(consensus);
    }

    @Override
    public String toString() {
      return "state in " + shownConsensus() + ", parts in " + blob;
    }
  }

  /** What one reading of a snapshot may use. */
  public record SnapshotReading(long memoryBytes, Path spillFolder) {}

  /**
   * How this node and others reach each other; matters only if it is started with {@code -cluster}.
   *
   * @param port of the event bus, 0 for any that is free
   * @param hazelcastFile with the configuration of Hazelcast
   * @param tls of the event bus, with the authority of all nodes; null without TLS
   */
  public record Cluster(String host, int port, String hazelcastFile, @Nullable TlsFiles tls) {}

  /** The same with HTTP elsewhere. */
  public NodeConfig withHttp(String host, int port) {
    return withHttp(new Http(host, port, http.maxMessageBytes(), http.token(), http.tls()));
  }

  /** The same with HTTP served otherwise. */
  public NodeConfig withHttp(Http served) {
    return new NodeConfig(served, store, writers, rowMemoryBytes, snapshot, drainMillis, cluster);
  }

  /** The same with the shards' state elsewhere. */
  public NodeConfig withConsensus(String uri) {
    return new NodeConfig(
        http,
        new Store(uri, store.blob()),
        writers,
        rowMemoryBytes,
        snapshot,
        drainMillis,
        cluster);
  }

  /** The same with all data in {@code folder}. */
  public NodeConfig withData(Path folder) {
    return new NodeConfig(
        http,
        new Store("sqlite:" + folder, "file:" + folder.resolve("parts")),
        writers,
        rowMemoryBytes,
        new SnapshotReading(snapshot.memoryBytes(), folder.resolve("spill")),
        drainMillis,
        cluster);
  }
}
