package io.tidemark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * A real S3 server on files, in a process of its own, that tests start, stop, kill and hold. A
 * bucket is a folder below {@link #data}. Its class path is what the module {@code s3server} wrote.
 */
public final class S3Server implements AutoCloseable {

  /** What it takes for credentials; tests give them to the client as system properties. */
  public static final String ACCESS_KEY = "tidemark";

  public static final String SECRET_KEY = "tidemark-secret";

  private static final int DEADLINE_SECONDS = 120;
  private static final int POLL_MILLIS = 50;
  private static final int STOP_SECONDS = 20;

  private static final String LOGGING =
      """
      <configuration>
        <appender name="OUT" class="ch.qos.logback.core.ConsoleAppender">
          <encoder><pattern>%d %level %logger %msg%n</pattern></encoder>
        </appender>
        <root level="WARN"><appender-ref ref="OUT"/></root>
      </configuration>
      """;

  private final Path folder;
  private final URI endpoint;
  private final Map<String, String> settings;
  private Process process;

  private S3Server(Path folder, URI endpoint, Map<String, String> settings) {
    this.folder = folder;
    this.endpoint = endpoint;
    this.settings = settings;
  }

  /** Starts a server on a free port of loopback, with its files in {@code folder}. */
  public static S3Server start(Path folder) {
    return start(folder, URI.create("http://127.0.0.1:" + freePort()), Map.of());
  }

  /** Starts a server that speaks TLS, with the certificate and key of a key store (PKCS #12). */
  public static S3Server startTls(Path folder, Path keyStore, String password) {
    return start(
        folder,
        URI.create("https://localhost:" + freePort()),
        Map.of(
            "s3proxy.keystore-path", keyStore.toString(), "s3proxy.keystore-password", password));
  }

  private static S3Server start(Path folder, URI endpoint, Map<String, String> settings) {
    System.setProperty("aws.accessKeyId", ACCESS_KEY);
    System.setProperty("aws.secretAccessKey", SECRET_KEY);
    S3Server server = new S3Server(folder, endpoint, settings);
    server.restart();
    return server;
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where it listens. */
  public URI endpoint() {
    return endpoint;
  }

  /** The folder of its buckets. */
  public Path data() {
    return folder.resolve("buckets");
  }

  /** Makes a bucket. */
  public void createBucket(String bucket) {
    try {
      Files.createDirectories(data().resolve(bucket));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Keeps a folder of a bucket, by a file whose name no key can have. This server removes folders
   * that become empty, and fails a write into one that it removes just then.
   */
  public void keepFolder(String bucket, String name) {
    try {
      Path kept = Files.createDirectories(data().resolve(bucket).resolve(name));
      Files.write(kept.resolve(".keep"), new byte[0]);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The URI of a store in a bucket of this server, which is made if it is not there. */
  public String uri(String bucket, String prefix) {
    createBucket(bucket);
    return "s3://" + bucket + "/" + prefix + "?endpoint=" + endpoint + "&pathStyle=true";
  }

  /** Starts it, on the same port and files, and waits until it answers. */
  public void restart() {
    try {
      Files.createDirectories(data());
      Path properties = folder.resolve("s3server.properties");
      Files.write(properties, properties());
      Path logging = Files.writeString(folder.resolve("s3server-logback.xml"), LOGGING);
      String classPath = Files.readString(Path.of(System.getProperty("s3server.classpath")));
      Path log = folder.resolve("s3server.log");
      process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-Xmx256m",
                  "-XX:+UseSerialGC",
                  "-XX:TieredStopAtLevel=1",
                  "-Dlogback.configurationFile=" + logging,
                  "-cp",
                  classPath.strip(),
                  "org.gaul.s3proxy.Main",
                  "--properties",
                  properties.toString())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
              .start();
      Process started = process;
      Runtime.getRuntime().addShutdownHook(new Thread(started::destroyForcibly));
      awaitAnswer(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<String> properties() {
    Map<String, String> all = new TreeMap<>(settings);
    all.put("s3proxy.authorization", "aws-v2-or-v4");
    all.put("s3proxy.identity", ACCESS_KEY);
    all.put("s3proxy.credential", SECRET_KEY);
    all.put(
        endpoint.getScheme().equals("https") ? "s3proxy.secure-endpoint" : "s3proxy.endpoint",
        endpoint.toString());
    all.put("jclouds.provider", "filesystem-nio2");
    all.put("jclouds.filesystem.basedir", data().toString());
    List<String> lines = new ArrayList<>();
    all.forEach((key, value) -> lines.add(key + "=" + value));
    return lines;
  }

  private void awaitAnswer(Path log) throws IOException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
    while (!answers()) {
      assertTrue(
          process.isAlive() && System.nanoTime() < deadline,
          () -> "the S3 server did not start: see " + log);
      pause();
    }
  }

  private void pause() {
    try {
      boolean ended = process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS);
      assertTrue(!ended, "the S3 server has ended");
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Over TLS a connection says enough, since its certificate is for the test to judge. */
  private boolean answers() {
    try {
      if (endpoint.getScheme().equals("https")) {
        new Socket(endpoint.getHost(), endpoint.getPort()).close();
        return true;
      }
      HttpURLConnection connection = (HttpURLConnection) endpoint.toURL().openConnection();
      return connection.getResponseCode() > 0;
    } catch (IOException e) {
      return false;
    }
  }

  /** Stops it in order. */
  public void stop() {
    process.destroy();
    awaitEnd();
  }

  /** Kills it, with no warning. */
  public void kill() {
    process.destroyForcibly();
    awaitEnd();
  }

  private void awaitEnd() {
    try {
      if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        assertTrue(process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS));
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Holds it: it keeps its connections and answers nothing. */
  public void pauseProcess() {
    signal("-STOP");
  }

  /** Lets it go on. */
  public void resumeProcess() {
    signal("-CONT");
  }

  private void signal(String signal) {
    try {
      Process sent =
          new ProcessBuilder("kill", signal, Long.toString(process.pid())).inheritIO().start();
      assertEquals(0, sent.waitFor());
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
    awaitEnd();
  }
}
