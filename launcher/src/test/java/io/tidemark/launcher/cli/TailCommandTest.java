package io.tidemark.launcher.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.tidemark.launcher.CommandLines;
import io.tidemark.launcher.cluster.Eventually;
import io.tidemark.launcher.config.NodeConfig;
import io.tidemark.launcher.node.Node;
import io.tidemark.location.Await;
import io.tidemark.location.RealEnvironment;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code tail} and {@code export}, against a node that is stopped and started meanwhile. */
@Timeout(120)
class TailCommandTest {

  @TempDir private Path folder;
  private Vertx vertx;
  private Node node;
  private int port;

  @BeforeEach
  void start() throws IOException {
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    startNode();
  }

  private void startNode() {
    vertx = Vertx.vertx();
    node =
        Await.result(
            Node.start(
                vertx,
                NodeConfig.DEFAULTS.withData(folder.resolve("data")).withHttp("127.0.0.1", port),
                new PrometheusMeterRegistry(PrometheusConfig.DEFAULT)));
  }

  @AfterEach
  void stopNode() {
    Await.result(node.stop());
    Await.result(vertx.close());
  }

  /** Standard output that somebody stops reading when there are so many lines. */
  private static final class Pipe extends OutputStream {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final int lines;

    Pipe(int lines) {
      this.lines = lines;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public synchronized void write(byte[] bytes, int from, int length) throws IOException {
      if (lines().size() >= lines) {
        throw new IOException("Broken pipe");
      }
      out.write(bytes, from, length);
    }

    synchronized List<JsonObject> lines() {
      return out.toString(StandardCharsets.UTF_8).lines().map(JsonObject::new).toList();
    }

    List<Long> ids() {
      return lines().stream().map(line -> line.getLong("id")).toList();
    }
  }

  private int run(OutputStream out, CapturedTerminal captured, String... arguments) {
    String[] all = Arrays.copyOf(arguments, arguments.length + 1);
    all[arguments.length] = "--url=http://127.0.0.1:" + port;
    Terminal terminal =
        new Terminal(
            captured.terminal().in(),
            out,
            captured.terminal().err(),
            false,
            RealEnvironment.CLOCK,
            CapturedTerminal::pause);
    return CommandLines.commandLine(terminal).execute(all);
  }

  @CanIgnoreReturnValue
  private String run(String input, String... arguments) {
    CapturedTerminal captured = CapturedTerminal.withInput(input);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertEquals(0, run(out, captured, arguments), captured.err());
    return out.toString(StandardCharsets.UTF_8);
  }

  private void create() {
    run("", "create", "orders", "--column", "id:int64", "--column", "note:string?");
  }

  @Test
  void shouldGoOnWhenTheNodeIsBack() throws InterruptedException {
    create();
    run("{\"id\": 1}\n", "publish", "orders");
    Pipe pipe = new Pipe(4);
    CapturedTerminal captured = CapturedTerminal.withInput("");
    int[] exitCode = {-1};
    Thread tail =
        new Thread(() -> exitCode[0] = run(pipe, captured, "tail", "orders", "--from=snapshot"));
    tail.start();
    Eventually.eventually(() -> pipe.ids().equals(List.of(1L)));
    run("{\"id\": 2}\n", "publish", "orders");
    Eventually.eventually(() -> pipe.ids().equals(List.of(1L, 2L)));
    stopNode();
    startNode();
    run("{\"id\": 3}\n", "publish", "orders");
    run("{\"id\": 1, \"_diff\": -1}\n", "publish", "orders");
    Eventually.eventually(() -> pipe.lines().size() == 4);
    // Now nobody reads on, and it ends.
    run("{\"id\": 5}\n", "publish", "orders");
    tail.join();
    assertEquals(0, exitCode[0], captured.err());
    assertEquals(List.of(1L, 2L, 3L, 1L), pipe.ids());
    assertEquals(-1, pipe.lines().get(3).getLong("_diff"));
    assertTrue(pipe.lines().get(3).containsKey("_time"));
    assertEquals("", captured.err());
  }

  @Test
  void shouldSayWhatItCannotFollow() {
    create();
    assertFailed(ExitCode.FAILURE, "no collection 'none'", "tail", "none");
    assertFailed(ExitCode.FAILURE, "no place to read from", "tail", "orders", "--from=x");
    assertFailed(ExitCode.USAGE, "--retry-seconds", "tail", "orders", "--retry-seconds=-1");
    CapturedTerminal captured = CapturedTerminal.withInput("");
    String[] away = {"tail", "orders", "--retry-seconds=0", "--url=http://127.0.0.1:1"};
    assertEquals(
        ExitCode.UNAVAILABLE.number(), CommandLines.commandLine(captured.terminal()).execute(away));
    assertTrue(captured.err().contains("no node answers"), captured.err());
  }

  private void assertFailed(ExitCode code, String text, String... arguments) {
    CapturedTerminal captured = CapturedTerminal.withInput("");
    assertEquals(code.number(), run(OutputStream.nullOutputStream(), captured, arguments));
    assertTrue(captured.err().contains(text), captured.err());
  }

  @Test
  void shouldExportATable() throws SQLException, IOException {
    create();
    run("{\"id\": 1, \"note\": \"a\"}\n{\"id\": 2}\n{\"id\": 2}\n", "publish", "orders");
    Path file = folder.resolve("orders.parquet");
    assertTrue(run("", "export", "orders", file.toString()).startsWith("'orders' at time "));
    assertEquals(
        List.of("1 a", "2 null", "2 null"),
        select("SELECT id, note FROM '" + file + "' ORDER BY 1"));
    assertEquals(
        List.of("id", "note"),
        select("SELECT column_name FROM (DESCRIBE SELECT * FROM '" + file + "')"));

    Path raw = folder.resolve("raw.parquet");
    try (OutputStream out = Files.newOutputStream(raw)) {
      CapturedTerminal captured = CapturedTerminal.withInput("");
      assertEquals(0, run(out, captured, "snapshot", "orders", "--format=parquet"));
    }
    assertEquals(List.of("1 1", "2 2"), select("SELECT id, _diff FROM '" + raw + "' ORDER BY 1"));

    assertFailed(
        ExitCode.FAILURE, "cannot write", "export", "orders", folder + "/none/orders.parquet");
    run("{\"_error\": \"torn\"}\n", "publish", "orders");
    byte[] before = Files.readAllBytes(file);
    assertFailed(ExitCode.FAILURE, "\"torn\"", "export", "orders", file.toString());
    assertTrue(Arrays.equals(before, Files.readAllBytes(file)));
    assertFalse(Files.exists(folder.resolve("orders.parquet.unfinished")));
  }

  private static List<String> select(String sql) throws SQLException {
    try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = duckdb.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      List<String> found = new ArrayList<>();
      while (rows.next()) {
        StringBuilder row = new StringBuilder(String.valueOf(rows.getString(1)));
        for (int c = 2; c <= rows.getMetaData().getColumnCount(); c++) {
          row.append(' ').append(rows.getString(c));
        }
        found.add(row.toString());
      }
      return found;
    }
  }
}
