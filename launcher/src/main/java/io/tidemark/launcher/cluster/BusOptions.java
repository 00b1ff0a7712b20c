package io.tidemark.launcher.cluster;

import io.tidemark.launcher.config.ConfigException;
import io.tidemark.launcher.config.NodeConfig;
import io.tidemark.launcher.config.TlsFiles;
import io.vertx.core.eventbus.EventBusOptions;
import io.vertx.core.http.ClientAuth;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * How the event bus of a node reaches that of the others: over one TCP connection for each
 * direction and pair of nodes. Vert.x' defaults hold on to a connection that leads nowhere for most
 * of a minute, and then deliver what has queued up; these let go of it within seconds, and drop
 * what is unsent, since whoever waits for an answer has asked again by then.
 *
 * <p>All nodes need the same: a node drops a connection on which no ping comes.
 */
public final class BusOptions {

  /** How often the other end of a connection is asked whether it is there. */
  static final long PING_MILLIS = 1_000;

  /** How long it may take to say so. */
  static final long PING_REPLY_MILLIS = 1_000;

  /**
   * A connection on which nothing comes for so long is closed, with whatever waits to be sent. A
   * missing answer to a ping alone closes it only after a flush, which on a dead connection does
   * not end. Pings keep one alive that has nothing to say. More than two pings, less than what a
   * user would wait; an event loop that is blocked for longer loses its connections.
   */
  static final int READ_IDLE_SECONDS = 4;

  /**
   * Closing resets the connection: the kernel drops what is unsent, and does not deliver it late.
   */
  static final int LINGER_SECONDS = 0;

  /** Messages queue up, unbounded, while a connection is being made. */
  static final int CONNECT_MILLIS = 2_000;

  /** Each message to an unreachable node tries anew; tries in between would only let them queue. */
  static final int RECONNECT_ATTEMPTS = 0;

  /** Messages are small and waited for. */
  static final boolean NO_DELAY = true;

  private BusOptions() {}

  /**
   * The options of a node's event bus. Blocks: the files of {@code tls} are read, and not looked at
   * again.
   *
   * <p>With TLS both ends have to show a certificate of the authority in {@code caFile}. Names in
   * certificates are not compared with addresses, since Vert.x' event bus cannot: every certificate
   * of that authority is a node's. So it has to be an authority of this cluster's own.
   *
   * @throws ConfigException if one of the files cannot be used
   */
  public static EventBusOptions of(NodeConfig.Cluster cluster) {
    EventBusOptions options =
        new EventBusOptions()
            .setHost(cluster.host())
            .setPort(cluster.port())
            .setClusterPingInterval(PING_MILLIS)
            .setClusterPingReplyInterval(PING_REPLY_MILLIS)
            .setReadIdleTimeout(READ_IDLE_SECONDS)
            .setIdleTimeoutUnit(TimeUnit.SECONDS)
            .setSoLinger(LINGER_SECONDS)
            .setConnectTimeout(CONNECT_MILLIS)
            .setReconnectAttempts(RECONNECT_ATTEMPTS)
            .setTcpNoDelay(NO_DELAY);
    return cluster.tls() == null ? options : withTls(options, cluster.tls());
  }

  private static EventBusOptions withTls(EventBusOptions options, TlsFiles files) {
    Path authority = Objects.requireNonNull(files.caFile(), "the authority of all nodes");
    return options
        .setSsl(true)
        .setKeyCertOptions(files.keyCert())
        .setTrustOptions(TlsFiles.trust(authority))
        .setTrustAll(false) // Vert.x trusts everybody on the event bus unless it is told not to
        .setClientAuth(ClientAuth.REQUIRED);
  }
}
