package io.tidemark.launcher.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code snapshot}: the contents of a collection at a time, on standard output. */
@Command(
    name = "snapshot",
    description =
        "Writes the contents of a collection at one time to standard output: each distinct row"
            + " once, with its multiplicity as _diff.")
final class SnapshotCommand implements Callable<Integer> {

  static final int BUFFER_BYTES = 64 << 10;

  private final Terminal terminal;

  @Mixin private NodeOption node = new NodeOption();

  @Parameters(index = "0", paramLabel = "COLLECTION", description = "The collection.")
  private String collection = "";

  @Option(
      names = "--as-of",
      paramLabel = "TIME",
      description = "The time, a number (default: the newest that is complete).")
  private @Nullable Long asOf;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "ndjson",
      description =
          "ndjson: one JSON object to a line; csv; parquet; or table: columns that line up, to look"
              + " at (default: ${DEFAULT-VALUE}).")
  private Format format = Format.ndjson;

  /** What the rows are written as; the names are what the user types. */
  @SuppressWarnings("checkstyle:ConstantName")
  enum Format {
    ndjson,
    csv,
    parquet,
    table;

    /** What the node is asked for. */
    String asked() {
      return this == table ? ndjson.name() : name();
    }
  }

  SnapshotCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    NodeClient client = node.client();
    NodeClient.Snapshot snapshot = client.snapshot(collection, time(asOf), format.asked());
    try (InputStream rows = snapshot.rows();
        Sink sink = new Sink(terminal.out())) {
      if (format == Format.table) {
        RowTable.write(client.describe(collection), rows, sink);
      } else {
        copy(rows, sink);
      }
    } catch (Sink.ClosedException e) {
      return ExitCode.OK.number(); // whoever read has seen enough, like head
    } catch (IOException e) {
      throw client.broken(e);
    }
    return ExitCode.OK.number();
  }

  /** A time that may be left out. */
  static OptionalLong time(@Nullable Long asOf) {
    if (asOf != null && asOf < 0) {
      throw CommandException.usage("--as-of cannot be negative");
    }
    return asOf == null ? OptionalLong.empty() : OptionalLong.of(asOf);
  }

  private static void copy(InputStream rows, Sink sink) throws IOException {
    byte[] buffer = new byte[BUFFER_BYTES];
    for (int n = rows.read(buffer); n >= 0; n = rows.read(buffer)) {
      sink.write(buffer, n);
    }
  }
}
