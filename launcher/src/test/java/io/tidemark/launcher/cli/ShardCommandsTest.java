package io.tidemark.launcher.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.tidemark.launcher.CommandLines;
import io.tidemark.launcher.config.NodeConfig;
import io.tidemark.launcher.node.Node;
import io.tidemark.location.Await;
import io.tidemark.persist.PersistOptions;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.junit5.VertxExtension;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** inspect, compact and gc, against a node whose every batch is a part. */
@ExtendWith(VertxExtension.class)
class ShardCommandsTest {

  private static final int BATCHES = 7;

  @TempDir private Path folder;
  private Node node;

  @BeforeEach
  void start(Vertx vertx) {
    node =
        Await.result(
            Node.start(
                vertx,
                NodeConfig.DEFAULTS.withData(folder).withHttp("127.0.0.1", 0),
                PersistOptions.DEFAULTS.withInlinePartBytes(1),
                new PrometheusMeterRegistry(PrometheusConfig.DEFAULT)));
    run("", "create", "orders", "--column", "id:int64");
    for (int i = 0; i < BATCHES; i++) {
      run("{\"id\": " + i + "}\n", "publish", "orders");
    }
  }

  @AfterEach
  void stop() {
    Await.result(node.stop());
  }

  @CanIgnoreReturnValue
  private String run(String input, String... arguments) {
    CapturedTerminal terminal = CapturedTerminal.withInput(input);
    int exitCode = execute(terminal, arguments);
    assertEquals(0, exitCode, terminal.err());
    return terminal.out();
  }

  private int execute(CapturedTerminal terminal, String... arguments) {
    String[] all = Arrays.copyOf(arguments, arguments.length + 1);
    all[arguments.length] = "--url=http://127.0.0.1:" + node.port();
    return CommandLines.commandLine(terminal.terminal()).execute(all);
  }

  private JsonObject inspect() {
    return new JsonObject(run("", "inspect", "orders", "--json"));
  }

  private static long sum(JsonObject inspected, String member) {
    return inspected.getJsonArray("levels").stream()
        .flatMap(level -> ((JsonObject) level).getJsonArray("groups").stream())
        .flatMap(group -> ((JsonObject) group).getJsonArray("batches").stream())
        .mapToLong(batch -> ((JsonObject) batch).getLong(member))
        .sum();
  }

  @Test
  void shouldShowWhatACollectionIsMadeOf() {
    JsonObject inspected = inspect();
    assertEquals(inspected.getLong("updates"), sum(inspected, "updates"));
    assertEquals(inspected.getLong("parts"), sum(inspected, "parts"));
    assertEquals(BATCHES, sum(inspected, "updates"));
    JsonArray levels = inspected.getJsonArray("levels");
    for (int i = 1; i < levels.size(); i++) {
      assertTrue(
          levels.getJsonObject(i - 1).getInteger("level")
              > levels.getJsonObject(i).getInteger("level"));
    }
    JsonObject history = inspected.getJsonObject("history");
    assertEquals(0, history.getLong("earliestSeqno"));
    assertEquals(1, history.getJsonArray("rollups").size());
    assertEquals(1, inspected.getJsonArray("writers").size());

    String text = run("", "inspect", "orders");
    for (String line : new String[] {"level  times", "history", "versions 0 to ", "writers"}) {
      assertTrue(text.contains("\n" + line), text);
    }
    assertTrue(text.contains("epoch begun by node "), text);
    assertTrue(text.lines().anyMatch(line -> line.matches("L\\d+ .*\\[0, \\d+\\).*#+")), text);
  }

  @Test
  void shouldCompactAndCollect() {
    JsonObject before = inspect();
    assertTrue(before.getLong("parts") > 1, before.encode());

    String compacted = run("", "compact", "orders");

    assertTrue(compacted.startsWith("'orders' was compacted: "), compacted);
    assertTrue(compacted.contains("→ 1 parts"), compacted);
    String contents = run("", "snapshot", "orders");
    assertEquals(BATCHES, contents.lines().count());
    assertTrue(run("", "compact", "orders").contains("1 → 1 parts"));

    String collected = run("", "gc", "orders");
    assertTrue(collected.startsWith("garbage of 'orders' was collected: "), collected);
    JsonObject after = inspect();
    assertTrue(after.getJsonObject("history").getLong("earliestSeqno") > 0, after.encode());
    assertEquals(contents, run("", "snapshot", "orders"));
  }

  @Test
  void shouldSayWhatCannotBeDone() {
    CapturedTerminal unknown = CapturedTerminal.withInput("");
    assertEquals(ExitCode.FAILURE.number(), execute(unknown, "compact", "other"));
    assertTrue(unknown.err().contains("there is no collection 'other'"), unknown.err());
    CapturedTerminal negative = CapturedTerminal.withInput("");
    assertEquals(ExitCode.USAGE.number(), execute(negative, "gc", "orders", "--wait-seconds=-1"));
  }
}
