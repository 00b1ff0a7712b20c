package io.tidemark.launcher.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code publish}: rows from a file or standard input into a collection. */
@Command(
    name = "publish",
    description = {
      "Publishes rows to a collection, one JSON object to a line, and returns once they are"
          + " durable. A row is an object of the columns; \"_diff\": -1 takes one away again.",
      "With --producer the stream is published exactly once, however often it is sent: what is"
          + " durable already is passed over, so after a failure simply run the same command"
          + " again. The id stands for one stream: a longer one goes on where it ended, another"
          + " one needs another id.",
    })
final class PublishCommand implements Callable<Integer> {

  private final Terminal terminal;

  @Mixin private NodeOption node = new NodeOption();

  @Parameters(index = "0", paramLabel = "COLLECTION", description = "The collection.")
  private String collection = "";

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "FILE",
      description = "The rows; standard input if it is left out, or -.")
  private @Nullable Path file;

  @Option(
      names = "--producer",
      paramLabel = "ID",
      description = "Names the stream, which makes it resumable and exactly-once.")
  private @Nullable String producer;

  @Option(
      names = "--retry-seconds",
      paramLabel = "SECONDS",
      defaultValue = "60",
      description =
          "How long to try again while the node is away (default: ${DEFAULT-VALUE}). Without"
              + " --producer, only what was surely not stored is sent again.")
  private int retrySeconds;

  @Option(
      names = {"-q", "--quiet"},
      description = "Shows no progress.")
  private boolean quiet;

  PublishCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws InterruptedException {
    if (retrySeconds < 0) {
      throw CommandException.usage("--retry-seconds cannot be negative");
    }
    if (producer != null && producer.isBlank()) {
      throw CommandException.usage("--producer needs an id");
    }
    Publication publication =
        new Publication(
            terminal,
            node.client(),
            new Publication.Target(collection, producer, retrySeconds * 1000L, quiet));
    try (InputStream in = open();
        LineChunks chunks = new LineChunks(in);
        Sink sink = new Sink(terminal.out())) {
      sink.line(publication.run(chunks));
      return ExitCode.OK.number();
    } catch (NoSuchFileException e) {
      throw CommandException.failure("there is no file " + file);
    } catch (IOException e) {
      throw CommandException.failure("the rows could not be read: " + e.getMessage());
    }
  }

  private InputStream open() throws IOException {
    return file == null || file.toString().equals("-") ? terminal.in() : Files.newInputStream(file);
  }
}
