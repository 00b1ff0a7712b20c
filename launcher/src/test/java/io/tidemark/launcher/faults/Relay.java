package io.tidemark.launcher.faults;

import io.tidemark.location.Await;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;

/** Forwards TCP connections from an address of this machine to a port of its loopback interface. */
final class Relay {

  private Relay() {}

  /** Begins, until {@code vertx} is closed. Returns the port on {@code address}. */
  static int start(Vertx vertx, String address, int targetPort) {
    NetServer server =
        vertx.createNetServer().connectHandler(near -> connect(vertx, near, targetPort));
    return Await.result(server.listen(0, address)).actualPort();
  }

  private static void connect(Vertx vertx, NetSocket near, int targetPort) {
    var paused = near.pause();
    vertx
        .createNetClient()
        .connect(targetPort, "127.0.0.1")
        .onSuccess(
            far -> {
              var unused = paused.pipeTo(far).onComplete(end -> close(far));
              unused = far.pipeTo(paused).onComplete(end -> close(paused));
            })
        .onFailure(refused -> close(paused));
  }

  private static void close(NetSocket socket) {
    var unused = socket.close();
  }
}
