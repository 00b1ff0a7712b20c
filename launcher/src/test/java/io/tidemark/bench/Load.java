package io.tidemark.bench;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.tidemark.catalog.Catalog;
import io.tidemark.client.Publisher;
import io.tidemark.client.PublisherOptions;
import io.tidemark.environment.Loop;
import io.tidemark.launcher.config.NodeConfig;
import io.tidemark.launcher.node.Node;
import io.tidemark.persist.PersistClient;
import io.tidemark.persist.Snapshot;
import io.tidemark.persist.SnapshotOptions;
import io.tidemark.persist.part.BareParquet.Row;
import io.tidemark.persist.part.SampleRows;
import io.tidemark.row.SchemaJson;
import io.tidemark.row.UpdateBlock;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** A node in this process, and what the benchmark does to it. */
final class Load implements AutoCloseable {

  private static final int TURN_ROWS = 4096;
  private static final long SNAPSHOT_MEMORY_BYTES = 512 << 20;
  private static final int SNAPSHOT_BLOCK_ROWS = 8192;
  private static final long WAIT_SECONDS = 300;

  private final Vertx vertx;
  private final Context context;
  private final Path folder;
  private final Node node;

  Load(Path folder) throws TimeoutException {
    this(Vertx.vertx(), folder);
  }

  /** A node on a Vert.x instance, which may be clustered; it is closed with the node. */
  Load(Vertx vertx, Path folder) throws TimeoutException {
    this(vertx, folder, NodeConfig.DEFAULTS.withData(folder).store().consensus());
  }

  /** A node with its parts in {@code folder} and its state elsewhere. */
  Load(Vertx vertx, Path folder, String consensus) throws TimeoutException {
    this.vertx = vertx;
    this.context = ((VertxInternal) vertx).createEventLoopContext();
    this.folder = folder;
    NodeConfig config =
        NodeConfig.DEFAULTS.withHttp("127.0.0.1", 0).withData(folder).withConsensus(consensus);
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    this.node = await(() -> Node.start(vertx, config, registry));
  }

  @CanIgnoreReturnValue
  private <T> T await(Supplier<Future<T>> call) throws TimeoutException {
    Promise<T> promise = Promise.promise();
    context.runOnContext(run -> call.get().onComplete(promise));
    return promise.future().await(WAIT_SECONDS, TimeUnit.SECONDS);
  }

  void create(String collection) throws TimeoutException {
    JsonObject request =
        new JsonObject()
            .put("action", "create")
            .put("name", collection)
            .put("columns", SchemaJson.toJson(SampleRows.SCHEMA));
    await(() -> vertx.eventBus().request("tidemark.admin", request).mapEmpty());
  }

  /** How many writers the cluster has. */
  int writers() throws TimeoutException {
    JsonObject request = new JsonObject().put("action", "cluster");
    return await(
        () ->
            vertx
                .eventBus()
                .<JsonObject>request("tidemark.admin", request)
                .map(reply -> reply.body().getJsonArray("writers").size()));
  }

  /** Publishes all rows, one by one, with one publisher; returns once the last is durable. */
  void publish(String collection, Row[] rows) throws TimeoutException {
    await(
        () ->
            Publisher.open(collection, PublisherOptions.of("load"), node.environment(), node.bus())
                .compose(publisher -> new Feed(publisher, rows).run()));
  }

  /**
   * Sends messages of JSON rows one after the other, each once the one before is durable, from an
   * event loop as an application does, and notes how many microseconds each takes.
   */
  void request(String collection, Iterator<JsonArray> messages, Samples micros)
      throws TimeoutException {
    await(
        () ->
            Loop.whileTrue(
                () -> {
                  if (!messages.hasNext()) {
                    return Future.succeededFuture(false);
                  }
                  JsonArray message = messages.next();
                  long start = System.nanoTime();
                  return vertx
                      .eventBus()
                      .request("tidemark." + collection, message)
                      .map(
                          reply -> {
                            micros.add((System.nanoTime() - start) / 1e3);
                            return true;
                          });
                }));
  }

  /** Sends a message to every collection once a second; see {@link SteadyLoad}. */
  @CanIgnoreReturnValue
  Samples steady(String[] collections, Iterator<JsonArray> messages, int seconds)
      throws TimeoutException {
    return await(() -> new SteadyLoad(vertx, collections, messages, 1_000).run(seconds));
  }

  /** Appends as long as the publisher is not full, and lets others have a turn. */
  private final class Feed {
    private final Publisher publisher;
    private final Row[] rows;
    private final Promise<Void> durable = Promise.promise();
    private int next;

    Feed(Publisher publisher, Row[] rows) {
      this.publisher = publisher;
      this.rows = rows;
    }

    Future<Void> run() {
      turn();
      return durable.future();
    }

    private void turn() {
      int end = Math.min(rows.length, next + TURN_ROWS);
      while (next < end && !publisher.isFull()) {
        Row row = rows[next++];
        publisher.append(into -> SampleRows.set(row, into)).onFailure(durable::tryFail);
      }
      if (next == rows.length) {
        publisher.close().onComplete(closed -> durable.tryComplete());
      } else if (next < end) {
        publisher.onDrain(this::turn);
      } else {
        context.runOnContext(again -> turn());
      }
    }
  }

  /** Reads the newest snapshot, and returns how many rows it has. */
  long read(String collection) throws TimeoutException {
    return await(() -> open(collection).compose(snapshot -> new Reading(snapshot).run()));
  }

  private Future<Snapshot> open(String collection) {
    PersistClient persist = node.persist();
    SnapshotOptions options =
        new SnapshotOptions(
            SNAPSHOT_MEMORY_BYTES, folder.resolve("spill"), SNAPSHOT_BLOCK_ROWS, WAIT_SECONDS);
    return new Catalog(persist.consensus(), node.environment(), persist.options().retry())
        .read()
        .map(collections -> collections.get(collection))
        .compose(spec -> persist.open(spec.shard(), spec.schema(), node.environment()))
        .compose(shard -> shard.snapshot(OptionalLong.empty(), options));
  }

  private static final class Reading {
    private final Snapshot snapshot;
    private long rows;

    Reading(Snapshot snapshot) {
      this.snapshot = snapshot;
    }

    Future<Long> run() {
      return Loop.whileTrue(this::next).eventually(snapshot::close).map(done -> rows);
    }

    private Future<Boolean> next() {
      return snapshot
          .next()
          .map(
              block -> {
                rows += block.map(UpdateBlock::size).orElse(0);
                return block.isPresent();
              });
    }
  }

  @Override
  public void close() throws TimeoutException {
    await(node::stop);
    vertx.close().await(WAIT_SECONDS, TimeUnit.SECONDS);
  }
}
