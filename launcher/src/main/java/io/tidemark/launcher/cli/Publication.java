package io.tidemark.launcher.cli;

import io.tidemark.environment.Backoff;
import io.tidemark.environment.VertxEnvironment;
import io.tidemark.launcher.cli.NodeException.Outcome;
import io.tidemark.protocol.FailureCode;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One stream of rows on its way to a node, in messages. With a producer they are numbered, and a
 * few are under way at once: whenever one fails, a new session says how many rows are durable, and
 * it goes on from there. Without one each message is durable before the next is sent, and is sent
 * again only if it was surely not stored.
 *
 * <p>Invariant: the rows that are not durable are those of the messages under way, then of {@code
 * waiting}, then of the input, in the order of the stream.
 */
final class Publication {

  /** How many messages of a producer are under way at once. */
  static final int WINDOW = 4;

  private static final long FIRST_RETRY_MILLIS = 50;
  private static final long CAP_RETRY_MILLIS = 500;
  private static final long LOGGED_MILLIS = 5_000;

  /** How a node begins the text about a bad line, counted from the beginning of the message. */
  private static final Pattern LINE = Pattern.compile("^line (\\d+)(?=[: ])");

  private final Terminal terminal;
  private final NodeClient client;
  private final Target target;
  private final Progress progress;
  private final ArrayDeque<Sent> underWay = new ArrayDeque<>();
  private final ArrayDeque<Chunk> waiting = new ArrayDeque<>();
  private final Backoff backoff =
      new Backoff(VertxEnvironment.entropy(), FIRST_RETRY_MILLIS, CAP_RETRY_MILLIS);
  private long failingSinceMillis;
  private long epoch;
  private long session;
  private long nextSequence;
  private long toPassOver;
  private long passedOver;
  private long published;
  private @Nullable Long time;

  /**
   * Where the rows go.
   *
   * @param producer names the stream, or null
   * @param retryMillis how long to go on while nothing becomes durable
   * @param quiet whether to show no progress
   */
  record Target(String collection, @Nullable String producer, long retryMillis, boolean quiet) {}

  private record Sent(Chunk chunk, CompletableFuture<JsonObject> reply) {}

  Publication(Terminal terminal, NodeClient client, Target target) {
    this.terminal = terminal;
    this.client = client;
    this.target = target;
    this.progress = new Progress(terminal, LOGGED_MILLIS);
  }

  /** Publishes everything. Returns a line that says what became of it. */
  String run(LineChunks input) throws IOException, InterruptedException {
    if (target.producer() != null) {
      toPassOver = open();
    }
    fill(input);
    while (!underWay.isEmpty()) {
      awaitFirst();
      if (!target.quiet()) {
        progress.at(this::state);
      }
      fill(input);
    }
    progress.clear();
    return published + " rows published to '" + target.collection() + "'" + details();
  }

  private String state() {
    return published + " rows published" + details();
  }

  private String details() {
    return (passedOver > 0 ? ", " + passedOver + " were durable already" : "")
        + (time != null ? "; complete at time " + time : "");
  }

  /** Sends what there is, as far as there is room. Waits for input only if nothing is under way. */
  private void fill(LineChunks input) throws IOException, InterruptedException {
    int window = target.producer() == null ? 1 : WINDOW;
    while (underWay.size() < window) {
      Chunk chunk = waiting.poll();
      if (chunk == null) {
        chunk = underWay.isEmpty() ? input.take() : input.poll();
      }
      if (chunk == null) {
        return;
      }
      Chunk left = passOver(chunk);
      if (left.rows() > 0) {
        send(left);
      }
    }
  }

  /** Leaves out the rows that an earlier run has published. */
  private Chunk passOver(Chunk chunk) {
    if (toPassOver == 0) {
      return chunk;
    }
    long passed = Math.min(toPassOver, chunk.rows());
    toPassOver -= passed;
    passedOver += passed;
    return chunk.after(passed);
  }

  private void send(Chunk chunk) {
    String producer = target.producer();
    NodeClient.Numbered number =
        producer == null ? null : new NodeClient.Numbered(producer, session, nextSequence++);
    underWay.add(new Sent(chunk, client.publish(target.collection(), number, chunk)));
  }

  private void awaitFirst() throws InterruptedException {
    Sent first = underWay.element();
    try {
      JsonObject reply = await(first.reply());
      underWay.remove();
      durable(first.chunk(), reply.getLong("time"));
    } catch (NodeException e) {
      recover(e);
    }
  }

  private static JsonObject await(CompletableFuture<JsonObject> reply) throws InterruptedException {
    try {
      return reply.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof NodeException known
          ? known
          : CommandException.failure(String.valueOf(e.getCause()));
    }
  }

  private void durable(Chunk chunk, @Nullable Long atTime) {
    published += chunk.rows();
    time = atTime == null ? time : atTime;
    backoff.reset();
  }

  /** The first message has failed: finds out what is durable, and has the rest sent again. */
  private void recover(NodeException failure) throws InterruptedException {
    List<Chunk> chunks = takeUnderWay();
    Chunk first = chunks.get(0);
    boolean split = failure.code() == FailureCode.TOO_LARGE && first.halves().size() > 1;
    if (split) {
      chunks.remove(0);
      chunks.addAll(0, first.halves());
    } else {
      checkRepeatable(failure, first);
      pause(failure, first);
    }
    Collections.reverse(chunks);
    chunks.forEach(waiting::addFirst);
    if (target.producer() != null) {
      resume(open());
    }
  }

  /** What is under way, in order, once nothing is any more. */
  private List<Chunk> takeUnderWay() throws InterruptedException {
    List<Chunk> chunks = new ArrayList<>();
    for (Sent sent = underWay.poll(); sent != null; sent = underWay.poll()) {
      chunks.add(sent.chunk());
      // The session that is opened next tells what became of it.
      JsonObject unused = await(sent.reply().exceptionally(failed -> new JsonObject()));
    }
    return chunks;
  }

  private void checkRepeatable(NodeException failure, Chunk chunk) {
    boolean repeatable =
        switch (failure.outcome()) {
          case REFUSED -> false;
          case NOT_NOW -> true;
          case UNKNOWN -> target.producer() != null;
        };
    if (!repeatable) {
      throw told(failure, chunk);
    }
    if (failure.code() == FailureCode.FENCED && isEpochStillThere()) {
      throw shared();
    }
  }

  /** A session ends with its epoch; if that has not ended, somebody else has opened one. */
  private boolean isEpochStillThere() {
    try {
      return epoch == client.describe(target.collection()).getLong("epoch", -1L);
    } catch (NodeException e) {
      return false; // that is not known: opening will tell
    }
  }

  /** Waits before the next try, unless it has been tried for long enough. */
  private void pause(NodeException failure, @Nullable Chunk chunk) throws InterruptedException {
    long nowMillis = terminal.clock().monotonicMillis();
    failingSinceMillis = backoff.tries() == 0 ? nowMillis : failingSinceMillis;
    long delayMillis = backoff.nextMillis();
    if (nowMillis + delayMillis > failingSinceMillis + target.retryMillis()) {
      throw chunk == null ? failure : told(failure, chunk);
    }
    if (backoff.tries() == 1 && !target.quiet()) {
      progress.say(
          "trying again for " + target.retryMillis() / 1000 + " s: " + failure.getMessage());
    }
    terminal.pause().millis(delayMillis);
  }

  /** Opens a session, under a new name. Returns how many rows of the producer are durable. */
  private long open() throws InterruptedException {
    while (true) {
      try {
        // Under a new name the node answers when all that earlier ones have sent is decided.
        String instance = VertxEnvironment.entropy().nextId();
        JsonObject opened =
            client.open(target.collection(), String.valueOf(target.producer()), instance);
        epoch = opened.getLong("epoch");
        session = opened.getLong("session");
        nextSequence = opened.getLong("sequence") + 1;
        return opened.getLong("updates");
      } catch (NodeException e) {
        if (e.outcome() == Outcome.REFUSED) {
          throw e;
        }
        pause(e, waiting.peek());
      }
    }
  }

  /** Goes on from where the producer stands. */
  private void resume(long durableRows) {
    long known = passedOver + toPassOver + published;
    for (long left = durableRows - known; left != 0; ) {
      Chunk chunk = waiting.poll();
      if (left < 0 || chunk == null || chunk.rows() > left) {
        throw shared();
      }
      left -= chunk.rows();
      durable(chunk, null);
    }
  }

  private CommandException shared() {
    return CommandException.failure(
        "somebody else publishes to '"
            + target.collection()
            + "' as producer '"
            + target.producer()
            + "': give each stream its own id ("
            + published
            + " rows were published)");
  }

  /** The failure, with what became of the rows. */
  private CommandException told(NodeException e, Chunk chunk) {
    progress.clear();
    StringBuilder text = new StringBuilder(inStream(String.valueOf(e.getMessage()), chunk));
    text.append(" (")
        .append(passedOver + published)
        .append(" rows are durable, those before line ");
    text.append(chunk.firstLine());
    if (e.outcome() == Outcome.UNKNOWN && target.producer() == null) {
      text.append("; it is not known what became of the next ").append(chunk.rows());
      text.append(": with --producer it would be)");
    } else {
      text.append(target.producer() == null ? ")" : ": run the same command again to go on)");
    }
    return new CommandException(e.exitCode(), text.toString());
  }

  /** Lines are counted from the beginning of the stream, for the user. */
  private static String inStream(String text, Chunk chunk) {
    Matcher line = LINE.matcher(text);
    return line.replaceFirst(
        number -> "line " + (chunk.firstLine() + Long.parseLong(number.group(1)) - 1));
  }
}
