package io.tidemark.launcher.cli;

import io.tidemark.launcher.cli.EventStream.Event;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tail}: the changes of a collection as they are committed, on standard output. */
@Command(
    name = "tail",
    description =
        "Writes the changes of a collection to standard output as they are committed, one JSON"
            + " object to a line, until it is interrupted or the collection ends. While the node is"
            + " away it waits, and goes on without a gap or a repeat.")
final class TailCommand implements Callable<Integer> {

  /** What comes between two places from where one can go on; a node sends far less. */
  static final long MAX_HELD_CHARS = 64L << 20;

  /** How long to wait before the node is asked again. */
  private static final long RETRY_MILLIS = 200;

  private final Terminal terminal;

  @Mixin private NodeOption node = new NodeOption();

  @Parameters(index = "0", paramLabel = "COLLECTION", description = "The collection.")
  private String collection = "";

  @Option(
      names = "--from",
      paramLabel = "TIME",
      description =
          "Where to begin: a time, a number; snapshot: with the contents, then what changes; or now"
              + " (default: ${DEFAULT-VALUE}).",
      defaultValue = "now")
  private String from = "now";

  @Option(
      names = "--retry-seconds",
      paramLabel = "SECONDS",
      defaultValue = "60",
      description = "How long to try again while the node is away (default: ${DEFAULT-VALUE}).")
  private int retrySeconds;

  private final List<String> held = new ArrayList<>();
  private long heldChars;
  private long brokenMillis = -1;

  TailCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  /** How one connection went. */
  private enum Outcome {
    /** The node ended it, or it broke. */
    BROKEN,
    /** The collection has ended. */
    ENDED
  }

  @Override
  public Integer call() throws InterruptedException {
    if (retrySeconds < 0) {
      throw CommandException.usage("--retry-seconds cannot be negative");
    }
    NodeClient client = node.client();
    try (Sink sink = new Sink(terminal.out())) {
      while (follow(client, sink) == Outcome.BROKEN) {
        terminal.pause().millis(RETRY_MILLIS);
      }
      return ExitCode.OK.number();
    } catch (Sink.ClosedException e) {
      return ExitCode.OK.number(); // whoever read has seen enough, like head
    }
  }

  private Outcome follow(NodeClient client, Sink sink) throws Sink.ClosedException {
    forget();
    try (EventStream events = new EventStream(client.changes(collection, from))) {
      for (Event event = events.next(); event != null; event = events.next()) {
        brokenMillis = -1;
        if (take(event, sink)) {
          return Outcome.ENDED;
        }
      }
      return broken(client.broken(new IOException("it ended")));
    } catch (Sink.ClosedException e) {
      throw e;
    } catch (NodeException e) {
      return broken(e);
    } catch (IOException e) {
      return broken(client.broken(e));
    }
  }

  /** Whether it was the last event there can be. */
  private boolean take(Event event, Sink sink) throws Sink.ClosedException {
    switch (event.type()) {
      case "update" -> hold(event.data());
      case "progress" -> {
        write(sink);
        from = event.id() == null ? from : event.id();
        return new JsonObject(event.data()).getValue("frontier") == null;
      }
      case "failure" -> throw NodeException.refused(409, new JsonObject(event.data()));
      default -> {} // of a newer node
    }
    return false;
  }

  /** Nothing is written before one can go on after it: else it would be written twice. */
  private void hold(String update) {
    heldChars += update.length();
    if (heldChars > MAX_HELD_CHARS) {
      throw CommandException.failure(
          "the node sent more than " + MAX_HELD_CHARS + " characters without saying how far it is");
    }
    held.add(update);
  }

  private void write(Sink sink) throws Sink.ClosedException {
    for (String line : held) {
      sink.line(line);
    }
    sink.flush();
    forget();
  }

  private void forget() {
    held.clear();
    heldChars = 0;
  }

  private Outcome broken(NodeException failure) {
    long nowMillis = terminal.clock().monotonicMillis();
    brokenMillis = brokenMillis < 0 ? nowMillis : brokenMillis;
    if (failure.outcome() == NodeException.Outcome.REFUSED
        || nowMillis - brokenMillis >= retrySeconds * 1_000L) {
      throw failure;
    }
    return Outcome.BROKEN;
  }
}
