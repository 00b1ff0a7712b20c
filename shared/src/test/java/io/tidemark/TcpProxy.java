package io.tidemark;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.tidemark.location.Await;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A TCP proxy of this machine that forwards, until it is told to do harm. Any thread may use it but
 * an event loop.
 */
public final class TcpProxy implements AutoCloseable {

  private static final String HERE = "127.0.0.1";

  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
  private final NetClient client = vertx.createNetClient();
  private final String host;
  private final int targetPort;
  private final Set<Link> links = ConcurrentHashMap.newKeySet();
  private volatile NetServer server;
  private volatile long delayMillis;
  private final int port;

  private enum Replies {
    PASS,
    CUT,
    SWALLOW
  }

  /** A proxy that listens on any free port. */
  public TcpProxy(String host, int targetPort) {
    this.host = host;
    this.targetPort = targetPort;
    this.port = listen(0);
  }

  private int listen(int where) {
    server = vertx.createNetServer().connectHandler(this::connect);
    return Await.result(server.listen(where, HERE)).actualPort();
  }

  /** Where it listens, on {@code 127.0.0.1}. */
  public int port() {
    return port;
  }

  /** How many connections are open through it. */
  public int connections() {
    return links.size();
  }

  /** Lets every byte, either way, pass so much later. */
  public void delay(long millis) {
    delayMillis = millis;
  }

  /** Closes every connection. New ones are taken. */
  public void cut() {
    links.forEach(Link::close);
  }

  /** Closes every connection, and refuses new ones. */
  public void refuse() {
    Await.result(server.close());
    cut();
  }

  /** Takes connections again, after {@link #refuse}. */
  public void accept() {
    int same = listen(port);
    if (same != port) {
      throw new IllegalStateException("the proxy listens on " + same + " now");
    }
  }

  /**
   * Of every connection that is open now: what the server answers next is lost, and the connection
   * closed with it.
   */
  public void dropReplies() {
    links.forEach(link -> link.replies = Replies.CUT);
  }

  /** Of every connection that is open now: whatever the server answers is lost. */
  public void swallowReplies() {
    links.forEach(link -> link.replies = Replies.SWALLOW);
  }

  private void connect(NetSocket near) {
    var unused = near.pause();
    client
        .connect(targetPort, host)
        .onSuccess(far -> new Link(near, far).start())
        .onFailure(refused -> close(near));
  }

  private static void close(NetSocket socket) {
    var unused = socket.close();
  }

  /** Two connections, joined. */
  private final class Link {
    private final NetSocket near;
    private final NetSocket far;
    private volatile Replies replies = Replies.PASS;

    Link(NetSocket near, NetSocket far) {
      this.near = near;
      this.far = far;
    }

    void start() {
      links.add(this);
      var unusedFar = far.handler(this::reply).closeHandler(closed -> close());
      var unusedNear =
          near.handler(bytes -> forward(far, bytes)).closeHandler(closed -> close()).resume();
    }

    private void reply(Buffer bytes) {
      switch (replies) {
        case PASS -> forward(near, bytes);
        case CUT -> close();
        case SWALLOW -> {}
      }
    }

    private void forward(NetSocket to, Buffer bytes) {
      long millis = delayMillis;
      if (millis == 0) {
        write(to, bytes);
      } else {
        var unused = vertx.setTimer(millis, late -> write(to, bytes));
      }
    }

    private void write(NetSocket to, Buffer bytes) {
      var unused = to.write(bytes);
    }

    @CanIgnoreReturnValue
    private boolean close() {
      TcpProxy.close(near);
      TcpProxy.close(far);
      return links.remove(this);
    }
  }

  @Override
  public void close() {
    Await.result(vertx.close());
  }
}
