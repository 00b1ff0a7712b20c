package io.tidemark.location.postgresql;

import io.tidemark.TestCertificates;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * A PostgreSQL server of this JVM, with durable commits and TLS, that can be killed, frozen and
 * started again. Who stops it must start it again.
 */
public final class PostgresServer {

  /** A user who must give {@link #PASSWORD}. */
  public static final String PASSWORD_USER = "with_password";

  public static final String PASSWORD = "s3cret:/@ %";

  /** A user who must show a client's certificate, over TLS. */
  public static final String CERTIFICATE_USER = "with_certificate";

  private static final AtomicInteger SCHEMAS = new AtomicInteger();
  private static final long DEADLINE_SECONDS = 60;
  private static PostgresServer shared;

  private final Path folder;
  private final TestCertificates certificates;
  private EmbeddedPostgres postgres;
  private int port;

  private PostgresServer() throws IOException {
    folder = Files.createTempDirectory("tidemark-postgres");
    certificates = TestCertificates.create(folder, CERTIFICATE_USER);
    start();
    configure();
    Runtime.getRuntime().addShutdownHook(new Thread(this::end));
  }

  /** The one of this JVM, started when it is first asked for. */
  public static synchronized PostgresServer shared() {
    if (shared == null) {
      try {
        shared = new PostgresServer();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return shared;
  }

  /** Starts it, on the port and the data that it had before. */
  public void start() throws IOException {
    postgres =
        EmbeddedPostgres.builder()
            .setDataDirectory(folder.resolve("data"))
            .setCleanDataDirectory(false)
            .setRegisterShutdownHook(false)
            .setPort(port)
            .setServerConfig("fsync", "on")
            .setServerConfig("synchronous_commit", "on")
            .setServerConfig("listen_addresses", "localhost,127.0.0.2")
            .setServerConfig("max_connections", "200")
            .setServerConfig("ssl", "on")
            .setServerConfig("ssl_cert_file", certificates.serverCertificate().toString())
            .setServerConfig("ssl_key_file", certificates.serverKey().toString())
            .setServerConfig("ssl_ca_file", certificates.ca().toString())
            .start();
    port = postgres.getPort();
  }

  private void configure() throws IOException {
    execute("SET password_encryption = 'scram-sha-256'");
    execute("CREATE ROLE " + PASSWORD_USER + " LOGIN SUPERUSER PASSWORD '" + PASSWORD + "'");
    execute("CREATE ROLE " + CERTIFICATE_USER + " LOGIN SUPERUSER");
    Files.write(
        folder.resolve("data/pg_hba.conf"),
        List.of(
            "local all all trust",
            "host all " + PASSWORD_USER + " all scram-sha-256",
            "hostssl all " + CERTIFICATE_USER + " all cert",
            "hostnossl all " + CERTIFICATE_USER + " all reject",
            "host all all all trust"));
    execute("SELECT pg_reload_conf()");
  }

  public int port() {
    return port;
  }

  public TestCertificates certificates() {
    return certificates;
  }

  /** A name that no schema had before. */
  public static String newSchema() {
    return "test_" + SCHEMAS.incrementAndGet();
  }

  /** The location of a store in a schema. */
  public String uri(String schema) {
    return uri(schema, port);
  }

  /** The same, through a proxy on another port. */
  public static String uri(String schema, int throughPort) {
    return "postgresql://postgres@127.0.0.1:" + throughPort + "/postgres?schema=" + schema;
  }

  /** A connection of a superuser's. */
  public Connection connection() throws SQLException {
    return postgres.getPostgresDatabase().getConnection();
  }

  /** Runs some statements. */
  public void execute(String sql) {
    try (Connection connection = connection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  /** The number that a query finds. */
  public long number(String sql) {
    try (Connection connection = connection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getLong(1);
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  /** Kills all of its processes with SIGKILL. */
  public void kill() throws IOException {
    List<ProcessHandle> processes = processes();
    processes.forEach(ProcessHandle::destroyForcibly);
    for (ProcessHandle process : processes) {
      process.onExit().orTimeout(DEADLINE_SECONDS, TimeUnit.SECONDS).join();
    }
    postgres.close();
  }

  /** Stops all of its processes with SIGSTOP, until {@link #thaw}. */
  public void freeze() {
    signal("-STOP");
  }

  /** Lets what is frozen go on. */
  public void thaw() {
    signal("-CONT");
  }

  private void signal(String name) {
    List<String> command = new ArrayList<>(List.of("kill", name));
    processes().forEach(process -> command.add(Long.toString(process.pid())));
    try {
      int code = new ProcessBuilder(command).inheritIO().start().waitFor();
      if (code != 0) {
        throw new IllegalStateException(command + " failed with " + code);
      }
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(command.toString(), e);
    }
  }

  private List<ProcessHandle> processes() {
    try {
      String pid = Files.readAllLines(folder.resolve("data/postmaster.pid")).get(0).trim();
      ProcessHandle postmaster = ProcessHandle.of(Long.parseLong(pid)).orElseThrow();
      return Stream.concat(Stream.of(postmaster), postmaster.descendants()).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void end() {
    try {
      kill();
      try (Stream<Path> files = Files.walk(folder)) {
        files.sorted((a, b) -> b.compareTo(a)).forEach(file -> file.toFile().delete());
      }
    } catch (IOException | RuntimeException e) {
      System.err.println("the PostgreSQL server of the tests did not end: " + e);
    }
  }
}
