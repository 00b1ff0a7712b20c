package io.tidemark.launcher.demo;

import io.tidemark.catalog.Catalog;
import io.tidemark.catalog.CollectionSpec;
import io.tidemark.environment.Environment;
import io.tidemark.launcher.cli.CommandException;
import io.tidemark.launcher.cli.Progress;
import io.tidemark.launcher.node.Node;
import io.tidemark.persist.PersistClient;
import io.tidemark.persist.SnapshotOptions;
import io.tidemark.protocol.Addresses;
import io.tidemark.protocol.FailureCode;
import io.tidemark.protocol.RefusedException;
import io.tidemark.row.SchemaJson;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One run of the demo on a node: creates the collections, publishes what is missing in them, and
 * reads them back. Runs on one context.
 */
final class Demo {

  /** How often what is due is published: as one message to each collection. */
  private static final long TICK_MILLIS = 100;

  private static final long ADMIN_MILLIS = 30_000;
  private static final long SNAPSHOT_MEMORY_BYTES = 32 << 20;
  private static final int SNAPSHOT_BLOCK_UPDATES = 4096;

  private final Node node;
  private final DemoOptions options;
  private final Progress progress;
  private final List<Flight> flights;
  private final List<Change> changes;
  private final List<ChangeStream> streams = new ArrayList<>();
  private final Promise<Void> published = Promise.promise();
  private long sinceMillis;
  private int from;

  Demo(Node node, DemoOptions options, List<Flight> flights, Progress progress) {
    this.node = node;
    this.options = options;
    this.flights = flights;
    this.changes = Change.of(flights);
    this.progress = progress;
  }

  /** Runs it. Fails with a {@link CommandException} if the demo cannot be done in this folder. */
  Future<DemoResult> run() {
    FlightsFeed flightsFeed = new FlightsFeed();
    AirportsFeed airportsFeed = new AirportsFeed();
    return prepare(flightsFeed)
        .compose(ready -> prepare(airportsFeed))
        .compose(ready -> publish())
        .compose(done -> readBack(flightsFeed))
        .compose(
            readFlights ->
                readBack(airportsFeed).map(readAirports -> result(readFlights, readAirports)));
  }

  private Future<Void> prepare(Feed feed) {
    JsonObject create =
        new JsonObject()
            .put("action", "create")
            .put("name", feed.collection())
            .put("columns", SchemaJson.toJson(feed.schema()));
    return node.bus()
        .request(Addresses.ADMIN, create, ADMIN_MILLIS)
        .<Void>mapEmpty()
        .recover(Demo::unlessThere)
        .compose(there -> ChangeStream.open(feed, changes, environment(), node.bus()))
        .map(
            stream -> {
              streams.add(stream);
              return null;
            });
  }

  /** A collection that an earlier run has created is as good. */
  private static Future<Void> unlessThere(Throwable failure) {
    return RefusedException.of(failure).code() == FailureCode.COLLECTION_EXISTS
        ? Future.succeededFuture()
        : Future.failedFuture(failure);
  }

  private Environment environment() {
    return node.environment();
  }

  private Future<Void> publish() {
    sinceMillis = environment().clock().monotonicMillis();
    from = streams.stream().mapToInt(ChangeStream::next).min().orElse(0);
    tick();
    return published
        .future()
        .compose(all -> Future.all(streams.stream().map(ChangeStream::flush).toList()))
        .onComplete(flushed -> progress.clear())
        .mapEmpty();
  }

  private void tick() {
    int due = due();
    streams.forEach(stream -> stream.publishBefore(due));
    progress.at(this::state);
    @Nullable Throwable failure =
        streams.stream()
            .map(ChangeStream::failure)
            .filter(each -> each != null)
            .findFirst()
            .orElse(null);
    if (failure != null) {
      published.fail(failure);
    } else if (streams.stream().allMatch(ChangeStream::isAllPublished)) {
      published.complete();
    } else {
      environment().timers().after(TICK_MILLIS, this::tick);
    }
  }

  /** Before which change all have to be published by now. */
  private int due() {
    if (options.changesPerSecond() == 0) {
      return changes.size();
    }
    long elapsedMillis = environment().clock().monotonicMillis() - sinceMillis + TICK_MILLIS;
    long due = from + elapsedMillis * options.changesPerSecond() / 1000;
    return (int) Math.min(due, changes.size());
  }

  private String state() {
    return streams.stream().map(ChangeStream::state).collect(Collectors.joining("; "));
  }

  private Future<ReadBack> readBack(Feed feed) {
    PersistClient persist = node.persist();
    SnapshotOptions reading =
        new SnapshotOptions(
            SNAPSHOT_MEMORY_BYTES,
            node.config().snapshot().spillFolder(),
            SNAPSHOT_BLOCK_UPDATES,
            ADMIN_MILLIS);
    Catalog catalog = new Catalog(persist.consensus(), environment(), persist.options().retry());
    return catalog
        .read()
        .compose(
            collections -> {
              CollectionSpec collection =
                  Objects.requireNonNull(collections.get(feed.collection()), feed.collection());
              return persist
                  .open(collection.shard(), collection.schema(), environment())
                  .compose(shard -> ReadBack.of(shard, reading, environment()));
            });
  }

  private DemoResult result(ReadBack readFlights, ReadBack readAirports) {
    List<Long> commitNanos = new ArrayList<>();
    streams.forEach(stream -> commitNanos.addAll(stream.commitNanos()));
    return new DemoResult(
        List.of(
            collection(streams.get(0), readFlights, readFlights.differences(flightRows())),
            collection(streams.get(1), readAirports, readAirports.differences(airportRows()))),
        commitNanos);
  }

  private Map<List<Object>, Long> flightRows() {
    return Expected.flights(flights);
  }

  private Map<List<Object>, Long> airportRows() {
    return Expected.airports(flights);
  }

  private static DemoResult.Collection collection(
      ChangeStream stream, ReadBack read, long differences) {
    return new DemoResult.Collection(
        stream.feed().collection(),
        stream.feed().schema(),
        stream.committed(),
        stream.resumed(),
        read,
        differences);
  }
}
