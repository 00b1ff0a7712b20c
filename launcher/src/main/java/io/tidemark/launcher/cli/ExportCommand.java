package io.tidemark.launcher.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code export}: the rows of a collection at a time, as a Parquet file. */
@Command(
    name = "export",
    description =
        "Writes the rows of a collection at one time to a Parquet file that any engine reads as a"
            + " table: the columns of the collection, and nothing else.")
final class ExportCommand implements Callable<Integer> {

  private static final String UNFINISHED = ".unfinished";

  private final Terminal terminal;

  @Mixin private NodeOption node = new NodeOption();

  @Parameters(index = "0", paramLabel = "COLLECTION", description = "The collection.")
  private String collection = "";

  @Parameters(
      index = "1",
      paramLabel = "FILE",
      description = "The file; replaced once the new one is whole.")
  private Path file = Path.of("");

  @Option(
      names = "--as-of",
      paramLabel = "TIME",
      description = "The time, a number (default: the newest that is complete).")
  private @Nullable Long asOf;

  ExportCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    NodeClient client = node.client();
    NodeClient.Snapshot snapshot =
        client.snapshot(collection, SnapshotCommand.time(asOf), "plain-parquet");
    Path unfinished = file.resolveSibling(file.getFileName() + UNFINISHED);
    try {
      store(client, snapshot, unfinished);
      Path unused = Files.move(unfinished, file, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      boolean unused = Files.deleteIfExists(unfinished);
    }
    terminal
        .out()
        .write(
            ("'" + collection + "' at time " + snapshot.asOf() + " was written to " + file + "\n")
                .getBytes(StandardCharsets.UTF_8));
    return ExitCode.OK.number();
  }

  private static void store(NodeClient client, NodeClient.Snapshot snapshot, Path to) {
    try (InputStream rows = snapshot.rows();
        OutputStream out = created(to)) {
      byte[] buffer = new byte[SnapshotCommand.BUFFER_BYTES];
      for (int n = read(client, rows, buffer); n >= 0; n = read(client, rows, buffer)) {
        out.write(buffer, 0, n);
      }
    } catch (IOException e) {
      throw CommandException.failure("cannot write " + to + ": " + e.getMessage());
    }
  }

  private static OutputStream created(Path to) {
    try {
      return Files.newOutputStream(to);
    } catch (IOException e) {
      throw CommandException.failure("cannot write " + to + ": " + e);
    }
  }

  private static int read(NodeClient client, InputStream rows, byte[] buffer) {
    try {
      return rows.read(buffer);
    } catch (IOException e) {
      throw client.broken(e);
    }
  }
}
