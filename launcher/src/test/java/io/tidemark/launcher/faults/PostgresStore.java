package io.tidemark.launcher.faults;

import io.tidemark.TcpProxy;
import io.tidemark.location.Await;
import io.tidemark.location.RealEnvironment;
import io.tidemark.location.postgresql.PostgresConsensus;
import io.tidemark.location.postgresql.PostgresLocation;
import io.tidemark.location.postgresql.PostgresServer;
import io.vertx.core.Vertx;
import java.nio.file.Path;

/**
 * State in a real PostgreSQL server, which nodes reach through a proxy and the checker does not;
 * parts in files.
 */
final class PostgresStore implements AutoCloseable {

  private static final String LOOPBACK = "127.0.0.1";

  private final PostgresServer server = PostgresServer.shared();
  private final Vertx vertx = Vertx.vertx();
  private final TcpProxy proxy;
  private final SharedStore store;

  /**
   * Opens it.
   *
   * @param address where nodes reach it
   * @param folder where the parts are
   */
  PostgresStore(String address, Path folder) {
    String schema = PostgresServer.newSchema();
    proxy = new TcpProxy(LOOPBACK, server.port());
    PostgresConsensus consensus =
        Await.result(
            PostgresConsensus.open(
                vertx, PostgresLocation.parse(server.uri(schema), null), RealEnvironment.CLOCK));
    int port = address.equals(LOOPBACK) ? proxy.port() : Relay.start(vertx, address, proxy.port());
    String uri =
        "postgresql://postgres@"
            + address
            + ":"
            + port
            + "/postgres?sslmode=disable&schema="
            + schema;
    store = FileStores.parts(uri, consensus, consensus::close, folder);
  }

  SharedStore store() {
    return store;
  }

  PostgresServer server() {
    return server;
  }

  TcpProxy proxy() {
    return proxy;
  }

  @Override
  public void close() {
    proxy.close();
    Await.result(vertx.close());
  }
}
