package io.tidemark.launcher.cluster;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.TestCertificates;
import io.tidemark.launcher.config.ConfigException;
import io.tidemark.launcher.config.NodeConfig;
import io.tidemark.launcher.config.TlsFiles;
import io.tidemark.location.Await;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.EventBusOptions;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.impl.CodecManager;
import io.vertx.core.eventbus.impl.clustered.ClusteredMessage;
import io.vertx.core.http.ClientAuth;
import io.vertx.test.fakecluster.FakeClusterManager;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.SocketFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real event buses on real sockets; only the membership is in memory. */
@Timeout(120)
class BusOptionsTest {

  private static final String ADDRESS = "echo";

  private static final byte[] PONG = {1};

  /** How long a request waits that must not be answered. */
  private static final long REFUSED_MILLIS = 2_000;

  @TempDir private Path folder;
  private final List<Vertx> nodes = new ArrayList<>();
  private final AtomicInteger received = new AtomicInteger();
  private TestCertificates ours;
  private TestCertificates foreign;

  @BeforeEach
  void certificates() throws IOException {
    ours = TestCertificates.create(Files.createDirectory(folder.resolve("ours")), "node");
    foreign = TestCertificates.create(Files.createDirectory(folder.resolve("foreign")), "node");
  }

  @AfterEach
  void close() {
    nodes.forEach(node -> Await.result(node.close()));
    FakeClusterManager.reset();
  }

  private static NodeConfig.Cluster cluster(TlsFiles tls) {
    return new NodeConfig.Cluster("127.0.0.1", 0, "unused.xml", tls);
  }

  private TlsFiles node() {
    return new TlsFiles(ours.serverCertificate(), ours.serverKey(), ours.ca());
  }

  private TlsFiles otherNode() {
    return new TlsFiles(ours.clientCertificate(), ours.clientKey(), ours.ca());
  }

  private record Node(Vertx vertx, int port) {}

  private Node start(TlsFiles tls) {
    return start(BusOptions.of(cluster(tls)));
  }

  private Node start(EventBusOptions options) {
    FakeClusterManager members = new FakeClusterManager();
    Vertx vertx =
        Await.result(
            Vertx.builder()
                .with(new VertxOptions().setEventBusOptions(options))
                .withClusterManager(members)
                .buildClustered());
    nodes.add(vertx);
    return new Node(vertx, members.getNodeInfo().port());
  }

  private void startEcho(TlsFiles tls) {
    Node node = start(tls);
    Await.result(
        node.vertx()
            .eventBus()
            .consumer(
                ADDRESS,
                message -> {
                  received.incrementAndGet();
                  message.reply(message.body());
                })
            .completion());
  }

  private void assertNothingPasses(Node outsider) {
    Await.failure(
        ReplyException.class,
        outsider
            .vertx()
            .eventBus()
            .request(ADDRESS, "x", new DeliveryOptions().setSendTimeout(REFUSED_MILLIS)));
    assertEquals(0, received.get());
  }

  @Test
  void shouldPassWhatNodesOfOneAuthoritySend() {
    startEcho(node());
    Node other = start(otherNode());
    assertEquals("x", Await.result(other.vertx().eventBus().<String>request(ADDRESS, "x")).body());
    assertEquals(1, received.get());
  }

  @Test
  void shouldTakeNothingOfANodeWithAForeignCertificate() {
    startEcho(node());
    // It trusts the node that it talks to: only its own certificate is wrong.
    assertNothingPasses(
        start(new TlsFiles(foreign.clientCertificate(), foreign.clientKey(), ours.ca())));
  }

  @Test
  void shouldTakeNothingOfANodeWithoutTls() {
    startEcho(node());
    assertNothingPasses(start((TlsFiles) null));
  }

  @Test
  void shouldSendNothingToAForeignNode() {
    startEcho(new TlsFiles(foreign.serverCertificate(), foreign.serverKey(), ours.ca()));
    assertNothingPasses(start(otherNode()));
  }

  @Test
  void shouldAnswerNobodyWhoShowsNoCertificate() throws Exception {
    SocketFactory plain = SocketFactory.getDefault();
    Node open = start((TlsFiles) null);
    assertArrayEquals(PONG, answerToPing(open, plain), "whoever reaches a plain bus may speak");
    Node closed = start(node());
    assertEquals(0, answerToPing(closed, plain).length);
    assertEquals(0, answerToPing(closed, encrypted(null)).length);
    TlsFiles stranger = new TlsFiles(foreign.clientCertificate(), foreign.clientKey(), null);
    assertEquals(0, answerToPing(closed, encrypted(stranger)).length);
    assertArrayEquals(PONG, answerToPing(closed, encrypted(otherNode())));
  }

  /** Trusts the node, and shows a certificate or none. */
  private SocketFactory encrypted(TlsFiles own) throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(
        own == null ? null : own.keyCert().getKeyManagerFactory(null).getKeyManagers(),
        TlsFiles.trustManagers(ours.ca()),
        null);
    return context.getSocketFactory();
  }

  /** What somebody gets who knows the protocol of the event bus. */
  private static byte[] answerToPing(Node node, SocketFactory sockets) throws IOException {
    ClusteredMessage<String, String> ping =
        new ClusteredMessage<>(
            "nobody", "ping", null, null, CodecManager.PING_MESSAGE_CODEC, true, null);
    try (Socket socket = sockets.createSocket("127.0.0.1", node.port())) {
      socket.setSoTimeout((int) TimeUnit.SECONDS.toMillis(30));
      socket.getOutputStream().write(ping.encodeToWire().getBytes());
      int first = socket.getInputStream().read();
      // TLS may say goodbye to a plain client, with a record of type 21.
      return first < 0 || first == 21 ? new byte[0] : new byte[] {(byte) first};
    } catch (SocketException | SSLException refused) {
      return new byte[0];
    }
  }

  @Test
  void shouldLetGoOfADeadConnectionWithinSeconds() {
    EventBusOptions options =
        BusOptions.of(new NodeConfig.Cluster("192.0.2.7", 15_702, "unused.xml", null));
    assertEquals("192.0.2.7", options.getHost());
    assertEquals(15_702, options.getPort());
    assertEquals(1_000, options.getClusterPingInterval());
    assertEquals(1_000, options.getClusterPingReplyInterval());
    assertEquals(4, options.getReadIdleTimeout());
    assertEquals(TimeUnit.SECONDS, options.getIdleTimeoutUnit());
    assertEquals(0, options.getIdleTimeout());
    assertEquals(0, options.getSoLinger());
    assertEquals(2_000, options.getConnectTimeout());
    assertEquals(0, options.getReconnectAttempts());
    assertTrue(options.isTcpNoDelay());
    assertFalse(options.isSsl());
  }

  @Test
  void shouldTrustNobodyButTheAuthority() {
    EventBusOptions options = BusOptions.of(cluster(node()));
    assertTrue(options.isSsl());
    assertFalse(options.isTrustAll());
    assertEquals(ClientAuth.REQUIRED, options.getClientAuth());
  }

  @Test
  void shouldSayWhichFileCannotBeUsed() throws IOException {
    Path none = folder.resolve("none.pem");
    Path text = Files.writeString(folder.resolve("text.pem"), "no certificate");
    for (TlsFiles wrong :
        List.of(
            new TlsFiles(none, ours.serverKey(), ours.ca()),
            new TlsFiles(ours.serverCertificate(), none, ours.ca()),
            new TlsFiles(ours.serverCertificate(), ours.serverKey(), none))) {
      assertRefused(none, wrong);
    }
    for (TlsFiles wrong :
        List.of(
            new TlsFiles(text, ours.serverKey(), ours.ca()),
            new TlsFiles(ours.serverCertificate(), text, ours.ca()),
            new TlsFiles(ours.serverCertificate(), ours.serverKey(), text))) {
      assertRefused(text, wrong);
    }
  }

  private static void assertRefused(Path file, TlsFiles wrong) {
    String message =
        assertThrows(ConfigException.class, () -> BusOptions.of(cluster(wrong))).getMessage();
    assertTrue(message.contains("'" + file + "'"), message);
    assertEquals(1, message.lines().count());
  }
}
