package io.tidemark.sim;

import io.tidemark.client.Publisher;
import io.tidemark.client.PublisherOptions;
import io.tidemark.client.SessionSettings;
import io.tidemark.protocol.Messages.Receipt;
import java.util.HashMap;
import java.util.Map;

/**
 * An application that publishes numbered rows with our client, crashes now and then, and resumes
 * where its producer stands.
 */
final class PublisherActor implements Application {

  private final String name;
  private final Cluster cluster;
  private final Map<Long, Long> acknowledged = new HashMap<>();
  private Node node;
  private Publisher publisher;
  private long next;
  private long mostSent;
  private boolean stopping;

  PublisherActor(String name, Cluster cluster) {
    this.name = name;
    this.cluster = cluster;
  }

  String name() {
    return name;
  }

  /** By number, the time of each row that was said to be durable. */
  Map<Long, Long> acknowledged() {
    return acknowledged;
  }

  /** How many rows have been handed to a publisher, at least once. */
  long sent() {
    return mostSent;
  }

  boolean isDone() {
    return acknowledged.size() == mostSent;
  }

  @Override
  public void start() {
    node = cluster.client(name);
    publisher = null;
    open(node);
  }

  @Override
  public void crash() {
    node.crash();
  }

  /** Publishes no new rows; those of before are still waited for. */
  void stop() {
    stopping = true;
  }

  private void open(Node on) {
    int messageRows = 1 + cluster.random().nextInt(5);
    Publisher.open(
            "orders",
            new PublisherOptions(
                name,
                messageRows,
                2_000,
                cluster.random().nextInt(4),
                new SessionSettings(6_000, 40, 1_200, 600_000, 5, 300)),
            on.environment(),
            cluster.bus(on))
        .onComplete(
            opened -> {
              if (opened.failed()) {
                throw new AssertionError(name + " could not open", opened.cause());
              }
              publisher = opened.result();
              resume(publisher.committed().updates());
              step(on);
            });
  }

  /** Rows below this are durable, whatever became of their answers. */
  private void resume(long committed) {
    if (committed > mostSent) {
      throw new AssertionError(
          name + ": " + committed + " rows are committed, more than were sent");
    }
    for (long number = 0; number < committed; number++) {
      acknowledged.putIfAbsent(number, -1L);
    }
    next = committed;
  }

  private void step(Node on) {
    if (!stopping || next < mostSent) {
      int rows = 1 + cluster.random().nextInt(4);
      for (int i = 0; i < rows && !publisher.isFull() && (!stopping || next < mostSent); i++) {
        append(next++);
      }
    }
    on.after(1_000_000L * (1 + cluster.random().nextInt(60)), () -> step(on));
  }

  private void append(long number) {
    mostSent = Math.max(mostSent, number + 1);
    publisher
        .append(row -> Rows.set(row, name, number))
        .onComplete(
            done -> {
              if (done.failed()) {
                throw new AssertionError(name + ": row " + number + " failed", done.cause());
              }
              acknowledge(number, done.result());
            });
  }

  private void acknowledge(long number, Receipt receipt) {
    cluster.scheduler().trace(name + " row " + number + " at " + receipt.time());
    acknowledged.merge(number, receipt.time(), (before, now) -> before < 0 ? now : before);
  }
}
