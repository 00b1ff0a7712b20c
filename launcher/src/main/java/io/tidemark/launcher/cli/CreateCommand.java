package io.tidemark.launcher.cli;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code create}: a new collection. */
@Command(
    name = "create",
    description =
        "Creates a collection. One that exists already with the same columns is left as it is.")
final class CreateCommand implements Callable<Integer> {

  private static final int CREATED = 201;

  private final Terminal terminal;

  @Mixin private NodeOption node = new NodeOption();

  @Parameters(index = "0", paramLabel = "COLLECTION", description = "Its name.")
  private String collection = "";

  @ArgGroup(multiplicity = "1")
  private Columns columns = new Columns();

  /** Either way to say what it is like. */
  static final class Columns {
    @Option(
        names = "--column",
        paramLabel = "NAME:TYPE[?]",
        description = {
          "A column, in order; with ? it may be null. Types: bool, int32, int64, float64,"
              + " decimal(p,s), string, bytes, date, timestamp, json."
        })
    private List<String> each = List.of();

    @Option(
        names = "--file",
        paramLabel = "SPEC",
        description = "A file with the JSON of the collection, as POST /collections takes it.")
    private @Nullable Path file;
  }

  @Option(
      names = "--mode",
      paramLabel = "MODE",
      description = "ingest: Tidemark gives the times (the default); source: the rows carry them.")
  private @Nullable String mode;

  @Option(
      names = "--partitions",
      paramLabel = "N",
      description = "Into how many partitions the sources of a collection in source mode divide.")
  private @Nullable Integer partitions;

  @Option(
      names = "--retention",
      paramLabel = "SPAN",
      description =
          "How far back it stays readable: a span of time such as 7d or 12h; in source mode a number"
              + " in the unit of its times; forever (the default).")
  private @Nullable String retention;

  CreateCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    NodeClient.Reply reply = node.client().create(spec());
    try (Sink sink = new Sink(terminal.out())) {
      sink.line(
          reply.status() == CREATED
              ? "collection '" + collection + "' was created"
              : "collection '" + collection + "' exists already, with the same columns");
    }
    return ExitCode.OK.number();
  }

  private JsonObject spec() {
    JsonObject spec = columns.file == null ? fromColumns() : fromFile(columns.file);
    if (mode != null) {
      spec.put("mode", mode);
    }
    if (partitions != null) {
      spec.put("partitions", partitions);
    }
    if (retention != null) {
      spec.put("retention", retention);
    }
    return spec;
  }

  private JsonObject fromColumns() {
    JsonArray all = new JsonArray();
    columns.each.forEach(column -> all.add(ColumnOption.parse(column)));
    return new JsonObject().put("name", collection).put("columns", all);
  }

  private JsonObject fromFile(Path file) {
    JsonObject spec;
    try {
      spec = new JsonObject(Files.readString(file));
    } catch (IOException e) {
      throw CommandException.failure(file + " could not be read: " + e.getMessage());
    } catch (DecodeException e) {
      throw CommandException.usage(file + " is no JSON object: " + e.getMessage());
    }
    if (!spec.getString("name", collection).equals(collection)) {
      throw CommandException.usage(
          file + " is of '" + spec.getString("name") + "', not of '" + collection + "'");
    }
    return spec.put("name", collection);
  }
}
