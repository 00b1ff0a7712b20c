package io.tidemark.launcher.http;

import io.tidemark.environment.Offload;
import io.tidemark.launcher.http.Collections.Collection;
import io.tidemark.persist.Shard;
import io.tidemark.persist.ShardDroppedException;
import io.tidemark.persist.Snapshot;
import io.tidemark.persist.part.TableWriter;
import io.tidemark.protocol.FailureCode;
import io.tidemark.protocol.RefusedException;
import io.tidemark.row.CsvRowWriter;
import io.tidemark.row.JsonRowWriter;
import io.tidemark.row.RowFields;
import io.tidemark.row.Schema;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gives the contents of a collection at one time. */
final class SnapshotRoute {

  static final String AS_OF = "Tidemark-As-Of";

  /** How many snapshots are read at once: each takes {@code snapshot.memoryBytes}. */
  static final int MAX_READING = 4;

  private static final Logger log = LoggerFactory.getLogger(SnapshotRoute.class);

  private final HttpContext world;
  private final Collections collections;
  private int reading;

  SnapshotRoute(HttpContext world, Collections collections) {
    this.world = world;
    this.collections = collections;
  }

  /** In which form the rows are written. */
  private enum Format {
    NDJSON("ndjson", "application/x-ndjson"),
    CSV("csv", "text/csv; charset=utf-8; header=present"),
    PARQUET("parquet", "application/vnd.apache.parquet"),
    PLAIN_PARQUET("plain-parquet", "application/vnd.apache.parquet");

    private final String text;
    private final String contentType;

    Format(String text, String contentType) {
      this.text = text;
      this.contentType = contentType;
    }

    SnapshotPieces pieces(Schema schema, Snapshot snapshot, Offload offload) {
      return switch (this) {
        case NDJSON -> SnapshotPieces.text(snapshot, new JsonRowWriter(schema, RowFields.SNAPSHOT));
        case CSV -> SnapshotPieces.text(snapshot, new CsvRowWriter(schema, RowFields.SNAPSHOT));
        case PARQUET -> SnapshotPieces.table(snapshot, TableWriter.withDiffs(schema), offload);
        case PLAIN_PARQUET -> SnapshotPieces.table(snapshot, TableWriter.plain(schema), offload);
      };
    }

    static Format of(@Nullable String text) {
      if (text == null) {
        return NDJSON;
      }
      for (Format format : values()) {
        if (format.text.equals(text)) {
          return format;
        }
      }
      throw Replies.invalid(
          "'format' is '" + text + "': use ndjson or csv, or parquet or plain-parquet");
    }
  }

  void read(RoutingContext request) {
    Format format;
    OptionalLong asOf;
    try {
      format = Format.of(request.queryParams().get("format"));
      asOf = asOf(request.queryParams().get("asOf"));
      admit();
    } catch (RefusedException e) {
      Replies.refuse(request, e);
      return;
    }
    collections
        .find(request.pathParam("name"))
        .compose(
            collection ->
                begin(collection, asOf).compose(snapshot -> write(request, format, snapshot)))
        .onComplete(done -> reading--)
        .onFailure(failed -> broken(request, failed));
  }

  private void admit() {
    if (reading >= MAX_READING) {
      throw new RefusedException(
          FailureCode.OVERLOADED,
          MAX_READING + " snapshots are being read already: try again a little later");
    }
    reading++;
  }

  private static OptionalLong asOf(@Nullable String text) {
    if (text == null) {
      return OptionalLong.empty();
    }
    try {
      long asOf = Long.parseLong(text);
      if (asOf >= 0) {
        return OptionalLong.of(asOf);
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw Replies.invalid("'asOf' is '" + text + "': it has to be a time, a whole number from 0");
  }

  private Future<Snapshot> begin(Collection collection, OptionalLong asOf) {
    return world
        .persist()
        .open(collection.shard(), collection.schema(), world.environment())
        .compose(this::undropped)
        .compose(shard -> shard.snapshot(asOf, SnapshotReply.options(world.config().snapshot())));
  }

  private Future<Shard> undropped(Shard shard) {
    if (shard.isDropped()) {
      collections.forget();
      return Future.failedFuture(new ShardDroppedException(shard.id()));
    }
    return Future.succeededFuture(shard);
  }

  private Future<Void> write(RoutingContext request, Format format, Snapshot snapshot) {
    request
        .response()
        .setChunked(true)
        .putHeader(AS_OF, Long.toString(snapshot.asOf()))
        .putHeader(HttpHeaders.CONTENT_TYPE, format.contentType);
    SnapshotPieces pieces =
        format.pieces(snapshot.schema().schema(), snapshot, world.environment().offload());
    return new SnapshotReply(pieces, request.response()).run();
  }

  /**
   * What has begun cannot be refused any more: it is broken off, so that nobody takes it for all.
   */
  private static void broken(RoutingContext request, Throwable failed) {
    if (!request.response().headWritten()) {
      HttpServerResponse unused = request.response().setChunked(false);
      Replies.refuse(request, failed);
    } else {
      log.warn("a snapshot was broken off", failed);
      request.response().reset().onFailure(e -> log.debug("it was closed already", e));
    }
  }
}
