package io.tidemark.launcher.demo;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.tidemark.launcher.cli.CommandException;
import io.tidemark.launcher.cli.ExitCode;
import io.tidemark.launcher.cli.Progress;
import io.tidemark.launcher.cli.Terminal;
import io.tidemark.launcher.config.NodeConfig;
import io.tidemark.launcher.node.Node;
import io.tidemark.persist.PersistOptions;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code demo}: a node, real data, and the proof that it is there. */
@Command(
    name = "demo",
    description = {
      "Runs a whole node in a local folder and streams 20,000 real flights through it: each as it"
          + " is scheduled, corrected when it has flown, retracted when it is cancelled, and"
          + " counted for its airport. Then reads everything back and checks it.",
      "Interrupt it at any moment, even with kill -9, and run it again: it goes on where it stood."
    })
public final class DemoCommand implements Callable<Integer> {

  private static final long LOGGED_MILLIS = 1_000;

  private final Terminal terminal;

  @Option(
      names = "--dir",
      paramLabel = "FOLDER",
      defaultValue = "./tidemark-demo",
      description = "Where the data lies (default: ${DEFAULT-VALUE}).")
  private Path folder = Path.of("");

  @Option(
      names = "--rate",
      paramLabel = "N",
      defaultValue = "5000",
      description =
          "How many changes are published in a second; 0 for as many as go"
              + " (default: ${DEFAULT-VALUE}; there are 40,000).")
  private int changesPerSecond;

  public DemoCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws InterruptedException, IOException {
    if (changesPerSecond < 0) {
      throw CommandException.usage("--rate cannot be negative");
    }
    List<Flight> flights = Flight.sample();
    Vertx vertx = Vertx.vertx();
    try {
      DemoResult result = await(run(vertx, flights));
      return report(result);
    } finally {
      Future<Void> unused = vertx.close();
    }
  }

  private Future<DemoResult> run(Vertx vertx, List<Flight> flights) {
    // Every batch goes into Parquet at once, however small it is: so that there is something to
    // look at. A node keeps small ones in its state for a while.
    PersistOptions defaults = PersistOptions.DEFAULTS;
    Progress progress = new Progress(terminal, LOGGED_MILLIS);
    return Node.start(
            vertx,
            NodeConfig.DEFAULTS.withData(folder).withHttp("127.0.0.1", 0),
            defaults.withInlinePartBytes(1),
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT))
        .compose(
            node -> {
              progress.say(
                  String.format("node on http://127.0.0.1:%d, data in %s", node.port(), folder));
              Demo demo =
                  new Demo(node, new DemoOptions(folder, changesPerSecond), flights, progress);
              return onContext(vertx, demo).eventually(node::stop);
            });
  }

  private static Future<DemoResult> onContext(Vertx vertx, Demo demo) {
    Context context = vertx.getOrCreateContext();
    Promise<DemoResult> result = Promise.promise();
    context.runOnContext(now -> demo.run().onComplete(result));
    return result.future();
  }

  private static DemoResult await(Future<DemoResult> running) throws InterruptedException {
    try {
      return running.toCompletionStage().toCompletableFuture().get();
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      throw cause instanceof CommandException known
          ? known
          : CommandException.failure("the demo did not come to its end: " + cause);
    }
  }

  private int report(DemoResult result) throws IOException {
    Path parts = folder.resolve("parts");
    DuckDbScript script = new DuckDbScript(parts);
    result
        .collections()
        .forEach(each -> script.view(each.name(), each.schema(), each.read().partKeys()));
    Path file = folder.resolve("demo.sql").toAbsolutePath().normalize();
    Files.writeString(file, script.toString());
    DemoReport report = new DemoReport(result, parts.toAbsolutePath().normalize(), file);
    terminal.out().write(report.text().getBytes(StandardCharsets.UTF_8));
    terminal.out().flush();
    return (result.isAsExpected() ? ExitCode.OK : ExitCode.FAILURE).number();
  }
}
