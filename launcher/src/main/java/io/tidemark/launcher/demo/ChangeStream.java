package io.tidemark.launcher.demo;

import io.tidemark.client.Publisher;
import io.tidemark.client.PublisherOptions;
import io.tidemark.environment.Environment;
import io.tidemark.launcher.cli.CommandException;
import io.tidemark.protocol.Bus;
import io.tidemark.protocol.Messages.Receipt;
import io.tidemark.row.UpdateBlock;
import io.tidemark.row.UpdateBlockBuilder;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The changes on their way into one collection. It goes on where the collection's producer stands:
 * the same changes give the same updates every time, so the number of those that are committed says
 * how many changes are. Belongs to the context that opened it.
 */
final class ChangeStream {

  /** Under this name the demo publishes, run after run. */
  static final String PRODUCER = "demo";

  /** The most changes of one message, all of which are committed together. */
  private static final int MESSAGE_CHANGES = 2_000;

  private final Feed feed;
  private final List<Change> changes;
  private final Environment environment;
  private final Publisher publisher;
  private final long resumed;
  private final List<Long> commitNanos = new ArrayList<>();
  private int next;
  private long staged;
  private long committed;
  private long upper;
  private @Nullable Throwable failure;

  private ChangeStream(
      Feed feed, List<Change> changes, Environment environment, Publisher publisher) {
    this.feed = feed;
    this.changes = changes;
    this.environment = environment;
    this.publisher = publisher;
    this.resumed = publisher.committed().updates();
    this.staged = resumed;
    this.committed = resumed;
    passOver(resumed);
  }

  /**
   * Opens it.
   *
   * @return fails with a {@link CommandException} if the collection is not one of this demo
   */
  static Future<ChangeStream> open(
      Feed feed, List<Change> changes, Environment environment, Bus bus) {
    return Publisher.open(feed.collection(), PublisherOptions.of(PRODUCER), environment, bus)
        .map(
            publisher -> {
              if (!publisher.schema().equals(feed.schema())) {
                throw foreign(feed);
              }
              return new ChangeStream(feed, changes, environment, publisher);
            });
  }

  private static CommandException foreign(Feed feed) {
    return CommandException.failure(
        "the collection '"
            + feed.collection()
            + "' in this folder is not of this demo: use another --dir");
  }

  private void passOver(long updates) {
    UpdateBlockBuilder scratch = new UpdateBlockBuilder(feed.schema());
    long passed = 0;
    while (passed < updates && next < changes.size()) {
      feed.add(changes.get(next++), scratch);
      passed += scratch.size();
      scratch.truncate(0);
    }
    if (passed != updates) {
      throw foreign(feed); // a message holds whole changes
    }
  }

  /** Publishes the changes before {@code end} that it has not yet, as far as there is room. */
  void publishBefore(int end) {
    while (next < end && failure == null && !publisher.isFull()) {
      UpdateBlockBuilder message = new UpdateBlockBuilder(feed.schema());
      int messageEnd = Math.min(end, next + MESSAGE_CHANGES);
      while (next < messageEnd) {
        feed.add(changes.get(next++), message);
      }
      if (message.size() > 0) {
        publish(message.build());
      }
    }
  }

  private void publish(UpdateBlock message) {
    staged += message.size();
    long since = environment.clock().monotonicNanos();
    publisher
        .append(message)
        .onSuccess(receipt -> committed(message.size(), since, receipt))
        .onFailure(failed -> failure = failure == null ? failed : failure);
  }

  private void committed(int updates, long since, Receipt receipt) {
    commitNanos.add(environment.clock().monotonicNanos() - since);
    committed += updates;
    upper = receipt.upper().time();
  }

  /** Whether nothing is left to publish. */
  boolean isAllPublished() {
    return next == changes.size();
  }

  /** Completes when all that was published is durable. Fails if some is not. */
  Future<Void> flush() {
    return publisher.flush();
  }

  @Nullable Throwable failure() {
    return failure;
  }

  Feed feed() {
    return feed;
  }

  /** The index of the first change that is not published. */
  int next() {
    return next;
  }

  /** How many updates were durable when this began. */
  long resumed() {
    return resumed;
  }

  /** How many updates are durable. */
  long committed() {
    return committed;
  }

  /** How long each message took to become durable, in nanoseconds. */
  List<Long> commitNanos() {
    return commitNanos;
  }

  /** Where it stands, in a few words. */
  String state() {
    String latency =
        commitNanos.isEmpty()
            ? ""
            : String.format(
                Locale.ROOT,
                ", upper %d, last commit %.1f ms",
                upper,
                commitNanos.get(commitNanos.size() - 1) / 1e6);
    return String.format(
            Locale.ROOT, "%s: %,d staged, %,d committed", feed.collection(), staged, committed)
        + latency;
  }
}
