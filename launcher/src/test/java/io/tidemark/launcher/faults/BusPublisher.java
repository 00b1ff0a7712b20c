package io.tidemark.launcher.faults;

import com.hazelcast.config.XmlConfigBuilder;
import io.tidemark.client.Publisher;
import io.tidemark.client.PublisherOptions;
import io.tidemark.environment.Environment;
import io.tidemark.environment.VertxEnvironment;
import io.tidemark.launcher.cluster.BusOptions;
import io.tidemark.launcher.config.NodeConfig;
import io.tidemark.protocol.Messages.Receipt;
import io.tidemark.protocol.VertxBus;
import io.tidemark.row.UpdateBlockBuilder;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.spi.cluster.hazelcast.HazelcastClusterManager;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A process that joins the cluster without being a node, as an application of a user's does, and
 * publishes through a {@link Publisher}: a row every few milliseconds, each a message of its own in
 * the history. An append that fails is printed, and is a violation.
 */
public final class BusPublisher {

  private static final Logger log = LoggerFactory.getLogger(BusPublisher.class);

  /** What a line begins with that says of an append that failed. */
  static final String FAILED = "append failed: ";

  /** What it prints once it publishes. */
  static final String PUBLISHING = "publishing";

  private static final long PERIOD_MILLIS = 10;

  private final String producer;
  private final History history;
  private long next = 1;
  private Publisher publisher;

  private BusPublisher(String producer, History history) {
    this.producer = producer;
    this.history = history;
  }

  /** Arguments: hazelcast.xml, the address of the event bus, collection, producer, history file. */
  public static void main(String[] args) throws IOException {
    HazelcastClusterManager manager;
    try (InputStream in = new FileInputStream(args[0])) {
      manager = new HazelcastClusterManager(new XmlConfigBuilder(in).build());
    }
    BusPublisher publishing = new BusPublisher(args[3], new History(Path.of(args[4])));
    VertxOptions options =
        new VertxOptions()
            .setEventBusOptions(BusOptions.of(new NodeConfig.Cluster(args[1], 0, args[0], null)));
    Vertx.builder()
        .with(options)
        .withClusterManager(manager)
        .buildClustered()
        .onSuccess(vertx -> vertx.runOnContext(run -> publishing.open(vertx, args[2])))
        .onFailure(BusPublisher::fail);
  }

  private static void fail(Throwable failure) {
    log.error("the publisher ends", failure);
    Runtime.getRuntime().halt(1);
  }

  private void open(Vertx vertx, String collection) {
    Environment environment =
        VertxEnvironment.of(vertx, vertx.createSharedWorkerExecutor("publisher"));
    Publisher.open(collection, PublisherOptions.of(producer), environment, new VertxBus(vertx))
        .onFailure(BusPublisher::fail)
        .onSuccess(
            opened -> {
              publisher = opened;
              System.out.println(PUBLISHING);
              long unused = vertx.setPeriodic(PERIOD_MILLIS, tick -> append());
            });
  }

  private void append() {
    if (publisher.isFull()) {
      return;
    }
    long sequence = next++;
    history.sent(producer, sequence, 1);
    publisher
        .append(row -> set(row, sequence))
        .onSuccess(receipt -> acked(sequence, receipt))
        .onFailure(failure -> System.out.println(FAILED + sequence + " " + failure));
  }

  private void set(UpdateBlockBuilder row, long sequence) {
    row.string(0, producer)
        .int64(1, sequence)
        .int32(2, 0)
        .int32(3, 1)
        .string(4, StoredRow.text(producer, sequence, 0));
  }

  private void acked(long sequence, Receipt receipt) {
    long upper = receipt.upper().isEmpty() ? Long.MAX_VALUE : receipt.upper().time();
    history.acked(producer, sequence, receipt.time(), upper);
  }
}
