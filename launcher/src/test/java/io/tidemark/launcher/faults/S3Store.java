package io.tidemark.launcher.faults;

import io.tidemark.S3Server;
import io.tidemark.TcpProxy;
import io.tidemark.environment.VertxEnvironment;
import io.tidemark.location.Await;
import io.tidemark.location.s3.S3Blob;
import io.tidemark.location.s3.S3Consensus;
import io.tidemark.location.s3.S3Location;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.util.List;

/**
 * State and parts in one bucket of a real S3 server, which nodes reach through a proxy and the
 * checker does not.
 */
final class S3Store implements AutoCloseable {

  private static final String LOOPBACK = "127.0.0.1";
  private static final String BUCKET = "faults";
  private static final String PREFIX = "cluster";

  private final Vertx vertx = Vertx.vertx();
  private final S3Server server;
  private final TcpProxy proxy;
  private final SharedStore store;

  /** Starts the server, with its files in {@code folder}. */
  S3Store(Path folder) {
    server = S3Server.start(folder);
    String uri = server.uri(BUCKET, PREFIX);
    server.keepFolder(BUCKET, PREFIX + "/consensus"); // nodes start at the same time
    int port = server.endpoint().getPort();
    proxy = new TcpProxy(LOOPBACK, port);
    S3Location location = S3Location.parse(uri);
    S3Consensus consensus =
        S3Consensus.open(
            location, VertxEnvironment.of(vertx, vertx.createSharedWorkerExecutor("s3")));
    S3Blob blob = S3Blob.open(location);
    String proxied = uri.replace(":" + port, ":" + proxy.port());
    store =
        new SharedStore(
            proxied,
            proxied,
            List.of(
                "-Daws.accessKeyId=" + S3Server.ACCESS_KEY,
                "-Daws.secretAccessKey=" + S3Server.SECRET_KEY),
            consensus,
            blob,
            () -> {
              consensus.close();
              blob.close();
            });
  }

  SharedStore store() {
    return store;
  }

  S3Server server() {
    return server;
  }

  TcpProxy proxy() {
    return proxy;
  }

  @Override
  public void close() {
    proxy.close();
    Await.result(vertx.close());
    server.close();
  }
}
