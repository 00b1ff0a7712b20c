package io.tidemark.read;

import io.tidemark.catalog.Catalog;
import io.tidemark.catalog.CollectionSpec;
import io.tidemark.environment.Timers;
import io.tidemark.persist.ShardDroppedException;
import io.tidemark.protocol.Addresses;
import io.tidemark.protocol.Bus.Delivery;
import io.tidemark.protocol.Bus.Registration;
import io.tidemark.protocol.FailureCode;
import io.tidemark.protocol.Messages.Ack;
import io.tidemark.protocol.Messages.Block;
import io.tidemark.protocol.Messages.CloseReading;
import io.tidemark.protocol.Messages.NextBlock;
import io.tidemark.protocol.Messages.OpenReading;
import io.tidemark.protocol.Messages.Reading;
import io.tidemark.protocol.ReadPosition;
import io.tidemark.protocol.RefusedException;
import io.tidemark.read.CollectionReader.Opened;
import io.tidemark.row.SchemaJson;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves the reading of every collection, on any node: that takes neither a lease on the collection
 * nor its coordinator, only the stores. A reading is opened at {@link Addresses#read}; its blocks
 * are asked for at {@link Addresses#reader}, by our own clients with records and by everybody else
 * with JSON.
 */
public final class ReadVerticle extends VerticleBase {

  private static final long TICK_MILLIS = 250;

  private static final Logger log = LoggerFactory.getLogger(ReadVerticle.class);

  private final ReadContext world;
  private final Catalog catalog;
  private final Turns turns;
  private final Map<String, CollectionReader> collections = new TreeMap<>();
  private final Map<String, Session> sessions = new TreeMap<>();
  private final List<Registration> registrations = new ArrayList<>();
  private Timers.Timer ticking = () -> {};
  private Timers.Timer refreshing = () -> {};
  private int opening;
  private boolean looking;

  /** Whether the list of collections has changed since it was last looked at. */
  private boolean stale;

  private boolean stopped;

  public ReadVerticle(ReadContext world) {
    this.world = world;
    this.catalog =
        new Catalog(
            world.persist().consensus(), world.environment(), world.persist().options().retry());
    this.turns = new Turns(world.settings().maxLarge());
  }

  /** A reading, and of which collection. */
  private record Session(CollectionReader of, ReadSession reading, JsonBlocks json) {}

  @Override
  public Future<?> start() {
    tickLater();
    return world
        .bus()
        .consume(Addresses.reader(world.reader()), this::asked)
        .onSuccess(registrations::add)
        .compose(
            done ->
                world
                    .bus()
                    .consume(Addresses.CATALOG, changed -> refresh())
                    .onSuccess(registrations::add))
        .onSuccess(done -> refresh());
  }

  /** Ends all readings: whoever reads goes on at another node. */
  @Override
  public Future<?> stop() {
    stopped = true;
    ticking.cancel();
    refreshing.cancel();
    List<Future<Void>> ending = new ArrayList<>();
    collections.values().forEach(readable -> ending.add(readable.unlisten()));
    List.copyOf(sessions.keySet()).forEach(id -> ending.add(end(id)));
    registrations.forEach(registration -> ending.add(registration.unregister()));
    return Future.join(ending).otherwiseEmpty();
  }

  /** Listens for every collection there is, and looks again later. One look at a time. */
  private void refresh() {
    refreshing.cancel();
    stale = true;
    if (looking || stopped) {
      return;
    }
    looking = true;
    stale = false;
    catalog
        .read()
        .compose(this::serve)
        .onFailure(e -> log.warn("the list of collections was not read", e))
        .onComplete(done -> refreshLater());
  }

  private void refreshLater() {
    looking = false;
    if (!stopped) {
      long millis = stale ? 0 : world.settings().refreshMillis();
      refreshing = world.environment().timers().after(millis, this::refresh);
    }
  }

  private Future<Void> serve(Map<String, CollectionSpec> existing) {
    List<Future<Void>> changing = new ArrayList<>();
    for (CollectionReader readable : List.copyOf(collections.values())) {
      if (!isStill(readable.collection(), existing)) {
        collections.remove(readable.collection().name());
        changing.add(readable.drop());
      }
    }
    for (CollectionSpec collection : existing.values()) {
      if (!stopped && !collections.containsKey(collection.name())) {
        CollectionReader readable = new CollectionReader(world, collection, turns);
        collections.put(collection.name(), readable);
        changing.add(readable.listen(delivery -> open(readable, delivery)));
      }
    }
    return Future.join(changing).mapEmpty();
  }

  /** Whether a collection is there; it may have been altered. */
  private static boolean isStill(CollectionSpec before, Map<String, CollectionSpec> existing) {
    @Nullable CollectionSpec now = existing.get(before.name());
    return now != null && now.shard().equals(before.shard());
  }

  private void open(CollectionReader readable, Delivery delivery) {
    try {
      if (delivery.body() instanceof OpenReading open) {
        open(readable, ReadPosition.parse(open.from()), delivery, ReadVerticle::reply);
      } else if (delivery.body() instanceof JsonObject json) {
        String from = json.getValue("from") instanceof Number time ? time + "" : from(json);
        open(readable, ReadPosition.parse(from), delivery, ReadVerticle::replyJson);
      } else {
        throw invalid("send {\"from\": …} to begin a reading");
      }
    } catch (RefusedException e) {
      delivery.refuse(e);
    }
  }

  private static String from(JsonObject json) {
    if (json.getValue("from", ReadPosition.SNAPSHOT.text()) instanceof String text) {
      return text;
    }
    throw invalid("\"from\" has to be a time or a text");
  }

  private void open(
      CollectionReader readable,
      ReadPosition from,
      Delivery delivery,
      BiConsumer<Delivery, Reading> answer) {
    if (sessions.size() + opening >= world.settings().maxSessions()) {
      throw new RefusedException(
          FailureCode.OVERLOADED,
          "this node serves "
              + world.settings().maxSessions()
              + " readings already: try again a little later, or another node");
    }
    opening++;
    readable
        .open(from, "read at " + world.reader())
        .onComplete(
            opened -> {
              opening--;
              if (opened.failed()) {
                delivery.refuse(refusal(opened.cause()));
              } else if (stopped) {
                delivery.refuse(new RefusedException(FailureCode.UNAVAILABLE, "the node stops"));
                opened
                    .result()
                    .session()
                    .close()
                    .onComplete(done -> readable.closed(opened.result().session()));
              } else {
                answer.accept(delivery, begun(readable, opened.result()));
              }
            });
  }

  private Reading begun(CollectionReader readable, Opened opened) {
    String id = world.environment().entropy().nextId();
    sessions.put(id, new Session(readable, opened.session(), new JsonBlocks(opened.schema())));
    world.meters().sessions(sessions.size());
    return new Reading(
        world.reader(), id, opened.from().text(), opened.schema(), readable.collection().shard());
  }

  private static void reply(Delivery delivery, Reading reading) {
    delivery.reply(reading);
  }

  private static void replyJson(Delivery delivery, Reading reading) {
    delivery.reply(
        new JsonObject()
            .put("reader", Addresses.reader(reading.reader()))
            .put("session", reading.session())
            .put("from", reading.from())
            .put("shard", reading.shard().text())
            .put("columns", SchemaJson.toJson(reading.schema())));
  }

  private static RefusedException refusal(Throwable cause) {
    if (cause instanceof RefusedException refused) {
      return refused;
    }
    FailureCode code =
        cause instanceof ShardDroppedException
            ? FailureCode.UNKNOWN_COLLECTION
            : FailureCode.UNAVAILABLE;
    return new RefusedException(code, String.valueOf(cause.getMessage()));
  }

  private static RefusedException invalid(String text) {
    return new RefusedException(FailureCode.INVALID_ROW, text);
  }

  private void asked(Delivery delivery) {
    try {
      if (delivery.body() instanceof NextBlock next) {
        session(next.session()).reading().next(next, delivery, ReadVerticle::reply);
      } else if (delivery.body() instanceof CloseReading close) {
        close(close.session(), delivery, new Ack());
      } else if (delivery.body() instanceof JsonObject json) {
        asked(json, delivery);
      } else {
        throw invalid("a reader does not take that message");
      }
    } catch (RefusedException e) {
      delivery.refuse(e);
    }
  }

  private void asked(JsonObject json, Delivery delivery) {
    String id = json.getValue("session") instanceof String text ? text : "";
    if (json.getValue("close") == Boolean.TRUE) {
      close(id, delivery, new JsonObject());
      return;
    }
    if (!(json.getValue("number") instanceof Number number)) {
      throw invalid("\"number\" has to say which block, counted from 1");
    }
    long received =
        json.getValue("received", number.longValue() - 1) instanceof Number upTo
            ? upTo.longValue()
            : number.longValue() - 1;
    Session session = session(id);
    session
        .reading()
        .next(new NextBlock(id, number.longValue(), received), delivery, session.json()::reply);
  }

  private static void reply(Delivery delivery, Block block) {
    delivery.reply(block);
  }

  private void close(String id, Delivery delivery, Object answer) {
    end(id).onComplete(done -> delivery.reply(answer));
  }

  private Session session(String id) {
    Session session = sessions.get(id);
    if (session == null) {
      throw new RefusedException(
          FailureCode.STALE_EPOCH, "there is no such reading (any more): open it again");
    }
    return session;
  }

  private Future<Void> end(String id) {
    @Nullable Session session = sessions.remove(id);
    world.meters().sessions(sessions.size());
    if (session == null) {
      return Future.succeededFuture();
    }
    return session
        .reading()
        .close()
        .onComplete(done -> session.of().closed(session.reading()))
        .otherwiseEmpty();
  }

  private void tickLater() {
    ticking = world.environment().timers().after(TICK_MILLIS, this::tick);
  }

  private void tick() {
    for (Map.Entry<String, Session> each : List.copyOf(sessions.entrySet())) {
      if (!each.getValue().reading().tick()) {
        end(each.getKey())
            .onComplete(
                done -> log.info("reading {} was closed: nothing is heard of it", each.getKey()));
      }
    }
    tickLater();
  }
}
