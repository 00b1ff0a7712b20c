package io.tidemark.launcher.cli;

import static io.tidemark.launcher.cluster.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.tidemark.launcher.CommandLines;
import io.tidemark.launcher.config.NodeConfig;
import io.tidemark.launcher.node.Node;
import io.tidemark.location.Await;
import io.tidemark.location.RealEnvironment;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The commands, against a node. */
class CommandsTest {

  @TempDir private static Path folder;
  private static Vertx vertx;
  private static Node node;

  @BeforeAll
  static void start() {
    vertx = Vertx.vertx();
    node =
        Await.result(
            Node.start(
                vertx,
                NodeConfig.DEFAULTS.withData(folder.resolve("data")).withHttp("127.0.0.1", 0),
                new PrometheusMeterRegistry(PrometheusConfig.DEFAULT)));
  }

  @AfterAll
  static void stop() {
    Await.result(node.stop());
    Await.result(vertx.close());
  }

  /** What a command printed and how it ended. */
  record Run(int exitCode, String out, String err) {

    @CanIgnoreReturnValue
    Run ok() {
      assertEquals(0, exitCode, err);
      return this;
    }
  }

  static Run run(String input, String... arguments) {
    CapturedTerminal terminal = CapturedTerminal.withInput(input);
    int exitCode = execute(terminal.terminal(), arguments);
    return new Run(exitCode, terminal.out(), terminal.err());
  }

  private static int execute(Terminal terminal, String... arguments) {
    String[] all = Arrays.copyOf(arguments, arguments.length + 1);
    all[arguments.length] = "--url=http://127.0.0.1:" + node.port();
    return CommandLines.commandLine(terminal).execute(all);
  }

  private static void create(String name) {
    assertEquals(
        0, run("", "create", name, "--column", "id:int64", "--column", "note:string?").exitCode());
  }

  private static String rows(int from, int to) {
    return IntStream.range(from, to)
        .mapToObj(id -> "{\"id\": " + id + "}\n")
        .collect(Collectors.joining());
  }

  @Test
  void shouldCreatePublishAndShow() {
    assertEquals(
        "collection 'shown' was created\n",
        run("", "create", "shown", "--column", "id:int64", "--column", "note:string?").ok().out());
    assertEquals(
        "collection 'shown' exists already, with the same columns\n",
        run("", "create", "shown", "--column", "id:int64", "--column", "note:string?").ok().out());
    assertEquals(1, run("", "create", "shown", "--column", "id:int32").exitCode());

    Run published =
        run(
            "{\"id\": 1, \"note\": \"a\"}\n\n{\"id\": 2}\n{\"id\": 2}\n"
                + "{\"id\": 3}\n{\"id\": 3, \"_diff\": -1}",
            "publish",
            "shown");
    assertTrue(published.ok().out().startsWith("5 rows published to 'shown'; complete at time "));

    assertEquals(
        "{\"id\":1,\"note\":\"a\",\"_diff\":1}\n{\"id\":2,\"note\":null,\"_diff\":2}\n",
        sorted(run("", "snapshot", "shown").ok().out()));
    assertTrue(
        run("", "snapshot", "shown", "--format", "csv").ok().out().startsWith("id,note,_diff"));
    String table = run("", "snapshot", "shown", "--format=table").ok().out();
    assertTrue(table.startsWith("id  note  _diff\n--  ----  -----\n"), table);
    assertEquals(4, table.lines().count());
    assertEquals("", run("", "snapshot", "shown", "--as-of", "0").ok().out());

    assertTrue(run("", "collections").ok().out().contains("id:int64 note:string?"));
    String inspected = run("", "inspect", "shown").ok().out();
    for (String member : new String[] {"since", "upper", "epoch", "batches", "parts"}) {
      assertTrue(inspected.contains("\n" + member + " "), inspected);
    }
    assertTrue(run("", "inspect", "shown", "--json").ok().out().startsWith("{"));
  }

  @Test
  void shouldAlterTheRetention() {
    assertEquals(
        0, run("", "create", "kept", "--column", "id:int64", "--retention", "7d").exitCode());
    assertTrue(run("", "inspect", "kept").ok().out().contains("7d\n"));
    assertEquals(0, run("{\"id\": 1}", "publish", "kept").exitCode());
    eventually(() -> run("", "inspect", "kept").ok().out().contains("critical: retention"));
    assertEquals(
        "collection 'kept' has a retention of 36h\n",
        run("", "alter", "kept", "--retention", "PT36H").ok().out());
    assertEquals(
        "collection 'kept' has a retention of forever\n",
        run("", "alter", "kept", "--retention", "forever").ok().out());
    Run refused = run("", "alter", "kept", "--retention", "30");
    assertEquals(1, refused.exitCode());
    assertTrue(refused.err().contains("such as 7d"), refused.err());
    assertEquals(2, run("", "alter", "kept").exitCode());
  }

  @Test
  void shouldDropWhatIsMeantToGo() {
    create("going");
    Run asked = run("", "drop", "going");
    assertEquals(2, asked.exitCode());
    assertTrue(asked.err().contains("nothing was done"), asked.err());
    assertEquals(1, asked.err().lines().count());
    assertTrue(run("", "collections").ok().out().contains("going"));

    String dropped = run("", "drop", "going", "--yes").ok().out();
    assertTrue(dropped.startsWith("collection 'going' was dropped"), dropped);
    assertFalse(run("", "collections").ok().out().contains("going"));
    Run again = run("", "drop", "going", "--yes");
    assertEquals(1, again.exitCode());
    assertTrue(again.err().contains("it was dropped"), again.err());
  }

  @Test
  void shouldAlterTheColumns() {
    assertEquals(0, run("", "create", "wider", "--column", "id:int64").exitCode());
    run("{\"id\": 1}", "publish", "wider").ok();
    assertEquals(
        "collection 'wider' has the columns id:int64? note:string? at:date?\n",
        run(
                "",
                "alter",
                "wider",
                "--add-column",
                "note:string?",
                "--add-column=at:date?",
                "--nullable",
                "id")
            .ok()
            .out());
    run("{\"note\": \"n\"}\n{\"id\": 1, \"_diff\": -1}", "publish", "wider").ok();
    assertEquals(
        "{\"id\":null,\"note\":\"n\",\"at\":null,\"_diff\":1}\n",
        run("", "snapshot", "wider").ok().out());
    Run refused = run("", "alter", "wider", "--add-column", "more:int64");
    assertEquals(1, refused.exitCode());
    assertTrue(refused.err().contains("has to be nullable"), refused.err());
  }

  @Test
  void shouldPublishAStreamOfAProducerOnce() throws IOException {
    create("resumed");
    Path file = folder.resolve("rows.ndjson");
    Files.writeString(file, rows(0, 100));
    String[] publish = {"publish", "resumed", file.toString(), "--producer", "p"};
    assertTrue(run("", publish).ok().out().startsWith("100 rows published"));
    assertTrue(run("", publish).ok().out().contains("0 rows published"));

    Files.writeString(file, rows(0, 200_000));
    String longer = run("", publish).ok().out();
    assertTrue(longer.startsWith("199900 rows published"), longer);
    assertTrue(longer.contains("100 were durable already"), longer);
    assertEquals(200_000, run("", "snapshot", "resumed").ok().out().lines().distinct().count());
    String inspected = run("", "inspect", "resumed").ok().out();
    assertTrue(inspected.contains("producer"), inspected);
    assertTrue(inspected.contains("200000"), inspected);
  }

  @Test
  void shouldSplitMessagesThatAreTooLargeForTheNode() {
    // Short lines that become large rows: null columns have no bytes in JSON.
    String columns =
        IntStream.range(0, 60)
            .mapToObj(i -> "{\"name\":\"c" + i + "\",\"type\":\"decimal(38,0)\"}")
            .collect(Collectors.joining(",", "[", "]"));
    Path spec = folder.resolve("spec.json");
    write(spec, "{\"columns\": " + columns + "}");
    run("", "create", "larger", "--file", spec.toString()).ok();
    String input = "{\"c1\":1}\n".repeat(20_000);
    assertTrue(run(input, "publish", "larger", "--producer=p").ok().out().startsWith("20000 rows"));
    assertTrue(run(input, "publish", "larger").ok().out().startsWith("20000 rows"));
    assertTrue(run("", "snapshot", "larger").ok().out().contains("\"_diff\":40000"));
  }

  @Test
  void shouldSayWhichLineOfTheStreamIsBad() {
    create("strict");
    String input = rows(0, 100_000) + "{\"id\": \"x\"}\n" + rows(0, 10);
    Run failed = run(input, "publish", "strict", "--producer=p");
    assertEquals(ExitCode.FAILURE.number(), failed.exitCode());
    assertTrue(failed.err().startsWith("tidemark: line 100001: column 'id'"), failed.err());
    assertEquals(1, failed.err().lines().count(), failed.err());
    long durable = run("", "snapshot", "strict").ok().out().lines().count();
    assertTrue(failed.err().contains("(" + durable + " rows are durable"), failed.err());

    String mended = rows(0, 100_000) + rows(100_000, 100_010);
    run(mended, "publish", "strict", "--producer=p").ok();
    assertEquals(100_010, run("", "snapshot", "strict").ok().out().lines().distinct().count());
  }

  @Test
  void shouldEndWithTheDocumentedExitCodes() {
    assertUsage(run("", "publish"));
    assertUsage(run("", "publish", "x", "--unknown"));
    assertUsage(run("", "snapshot", "x", "--format", "xml"));
    assertUsage(run("", "snapshot", "x", "--as-of=-1"));
    assertUsage(run("", "create", "x", "--column", "id"));
    assertUsage(run("", "create", "x"));
    for (String command : new String[] {"snapshot", "inspect"}) {
      Run unknown = run("", command, "missing");
      assertEquals(ExitCode.FAILURE.number(), unknown.exitCode(), unknown.err());
      assertTrue(unknown.err().contains("there is no collection 'missing'"), unknown.err());
    }
    Run noFile = run("", "publish", "x", folder.resolve("none").toString());
    assertEquals(ExitCode.FAILURE.number(), noFile.exitCode());

    CapturedTerminal terminal = CapturedTerminal.withInput("{}");
    int away =
        CommandLines.commandLine(terminal.terminal())
            .execute("publish", "x", "--url=http://127.0.0.1:1", "--retry-seconds=0");
    assertEquals(ExitCode.UNAVAILABLE.number(), away, terminal.err());
    assertTrue(terminal.err().contains("no node answers at http://127.0.0.1:1"), terminal.err());
  }

  private static void assertUsage(Run run) {
    assertEquals(ExitCode.USAGE.number(), run.exitCode(), run.err());
    assertEquals(1, run.err().lines().count(), run.err());
  }

  @Test
  void shouldRefuseASecondPublisherOfTheSameProducer() throws Exception {
    create("shared");
    // The first one publishes a row, and has no more input until the second has been there.
    PipedOutputStream feed = new PipedOutputStream();
    CapturedTerminal first = new CapturedTerminal(new PipedInputStream(feed));
    int[] exitCode = {-1};
    Thread running =
        new Thread(
            () -> exitCode[0] = execute(first.terminal(), "publish", "shared", "--producer=p"));
    running.start();
    feed.write(rows(0, 1).getBytes(StandardCharsets.UTF_8));
    feed.flush();
    while (!run("", "snapshot", "shared").ok().out().contains("\"id\":0,")) {
      CapturedTerminal.pause(20);
    }
    run(rows(0, 2), "publish", "shared", "--producer=p").ok();
    feed.write(rows(5, 6).getBytes(StandardCharsets.UTF_8));
    feed.close();
    running.join();
    assertEquals(ExitCode.FAILURE.number(), exitCode[0], first.err());
    assertTrue(first.err().contains("somebody else publishes to 'shared'"), first.err());
    assertEquals(2, run("", "snapshot", "shared").ok().out().lines().count());
  }

  @Test
  void shouldEndQuietlyWhenNobodyReadsTheOutput() {
    create("piped");
    run(rows(0, 50_000), "publish", "piped").ok();
    OutputStream closed =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("Broken pipe");
          }
        };
    CapturedTerminal captured = CapturedTerminal.withInput("");
    for (String format : new String[] {"ndjson", "csv", "table"}) {
      Terminal terminal =
          new Terminal(
              InputStream.nullInputStream(),
              closed,
              captured.terminal().err(),
              false,
              RealEnvironment.CLOCK,
              CapturedTerminal::pause);
      assertEquals(0, execute(terminal, "snapshot", "piped", "--format", format));
    }
    assertEquals("", captured.err());
  }

  @Test
  void shouldShowHelpEverywhere() {
    CommandLine root = CommandLines.commandLine(CapturedTerminal.withInput("").terminal());
    for (String command : root.getSubcommands().keySet()) {
      CapturedTerminal terminal = CapturedTerminal.withInput("");
      int exitCode = CommandLines.commandLine(terminal.terminal()).execute(command, "--help");
      assertEquals(0, exitCode, command + terminal.err());
      assertTrue(terminal.out().contains("Usage: tidemark " + command), terminal.out());
    }
  }

  private static String sorted(String lines) {
    return lines.lines().sorted().map(line -> line + "\n").collect(Collectors.joining());
  }

  private static void write(Path file, String text) {
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
