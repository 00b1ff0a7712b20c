package io.tidemark.read;

import io.tidemark.catalog.CollectionSpec;
import io.tidemark.persist.ReadHandle;
import io.tidemark.persist.Shard;
import io.tidemark.persist.ShardDroppedException;
import io.tidemark.protocol.Addresses;
import io.tidemark.protocol.Bus.Delivery;
import io.tidemark.protocol.Bus.Registration;
import io.tidemark.protocol.FailureCode;
import io.tidemark.protocol.ReadPosition;
import io.tidemark.protocol.ReadPosition.Kind;
import io.tidemark.protocol.RefusedException;
import io.tidemark.row.Schema;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A collection that can be read here. While it is being read its shard is open, once for all
 * readings, and each advance of the upper wakes them. Belongs to one context.
 */
final class CollectionReader {

  private static final Logger log = LoggerFactory.getLogger(CollectionReader.class);

  private final ReadContext world;
  private final CollectionSpec collection;
  private final Turns turns;
  private final List<ReadSession> sessions = new ArrayList<>();
  private int opening;
  private @Nullable Registration listening;
  private @Nullable Future<Shard> shard;
  private @Nullable Future<Registration> uppers;

  CollectionReader(ReadContext world, CollectionSpec collection, Turns turns) {
    this.world = world;
    this.collection = collection;
    this.turns = turns;
  }

  CollectionSpec collection() {
    return collection;
  }

  /** Takes openings from now on. */
  Future<Void> listen(Consumer<Delivery> opening) {
    return world
        .bus()
        .consume(Addresses.read(collection.name()), opening)
        .onSuccess(registered -> listening = registered)
        .mapEmpty();
  }

  /**
   * Begins a reading.
   *
   * @return it, and where it begins; fails with {@link FailureCode#INVALID_ROW} if that cannot be
   *     read any more
   */
  Future<Opened> open(ReadPosition from, String purpose) {
    opening++;
    return begin(from, purpose)
        .onComplete(
            done -> {
              opening--;
              releaseIfUnused();
            });
  }

  private Future<Opened> begin(ReadPosition from, String purpose) {
    return shard()
        .compose(open -> open.openReader(purpose).compose(handle -> undropped(open, handle)))
        .compose(
            handle -> {
              ReadPosition start =
                  from.kind() == Kind.NOW ? ReadPosition.since(handle.upper()) : from;
              if (handle.registered(start.schema()).isEmpty()) {
                return handle.close().transform(closed -> Future.failedFuture(unknown(start)));
              }
              if (start.kind() == Kind.CHANGES
                  && !start.frontier().isEmpty()
                  && start.frontier().time() > 0
                  && !handle.since().lessEqual(start.frontier().time() - 1)) {
                return handle
                    .close()
                    .transform(closed -> Future.failedFuture(unreadable(start, handle.since())));
              }
              ReadSource source = new ReadSource(world, turns, handle, start);
              Schema schema = handle.registered().schema();
              ReadSession session = new ReadSession(world, collection.name(), source, schema);
              sessions.add(session);
              return Future.succeededFuture(new Opened(session, start, schema));
            });
  }

  /** What was dropped is at its end, which is not the end of what was in it. */
  private static Future<ReadHandle> undropped(Shard open, ReadHandle handle) {
    return open.isDropped()
        ? Future.failedFuture(new ShardDroppedException(open.id()))
        : Future.succeededFuture(handle);
  }

  /** A reading, where it begins, and the columns that are told. */
  record Opened(ReadSession session, ReadPosition from, Schema schema) {}

  private static RefusedException unknown(ReadPosition from) {
    return new RefusedException(
        FailureCode.INVALID_ROW,
        "'" + from + "' is no place to read from: the collection has no such schema");
  }

  private static RefusedException unreadable(ReadPosition from, Object since) {
    return new RefusedException(
        FailureCode.INVALID_ROW,
        "what changes from "
            + from.frontier()
            + " on cannot be read any more: the earliest time that can is "
            + since
            + "; begin with a snapshot");
  }

  private Future<Shard> shard() {
    Future<Shard> known = shard;
    if (known != null) {
      return known;
    }
    Future<Shard> opening =
        world.persist().open(collection.shard(), collection.schema(), world.environment());
    shard = opening;
    uppers =
        world
            .bus()
            .consume(
                Addresses.upper(collection.name()), upper -> sessions.forEach(ReadSession::wake))
            .onFailure(e -> log.warn("'{}': its upper is not watched", collection.name(), e));
    return opening;
  }

  /** A reading has ended. */
  void closed(ReadSession session) {
    sessions.remove(session);
    releaseIfUnused();
  }

  private void releaseIfUnused() {
    if (sessions.isEmpty() && opening == 0) {
      shard = null;
      unwatch().onFailure(e -> log.debug("'{}' was not given up", collection.name(), e));
    }
  }

  private Future<Void> unwatch() {
    Future<Registration> watching = uppers;
    uppers = null;
    return watching == null
        ? Future.succeededFuture()
        : watching.compose(Registration::unregister).otherwiseEmpty();
  }

  /** The collection was dropped: takes no more openings, and readings end. */
  Future<Void> drop() {
    RefusedException gone =
        new RefusedException(
            FailureCode.UNKNOWN_COLLECTION, "collection '" + collection.name() + "' was dropped");
    List.copyOf(sessions).forEach(session -> session.drop(gone));
    return unlisten();
  }

  /** Takes no more openings. Readings go on. */
  Future<Void> unlisten() {
    Registration taken = listening;
    listening = null;
    return taken == null ? Future.succeededFuture() : taken.unregister();
  }
}
