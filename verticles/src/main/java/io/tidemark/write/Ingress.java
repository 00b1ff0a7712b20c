package io.tidemark.write;

import io.tidemark.catalog.Catalog;
import io.tidemark.client.ProducerSession;
import io.tidemark.client.PublisherOptions;
import io.tidemark.persist.PersistClient;
import io.tidemark.persist.ShardId;
import io.tidemark.persist.VersionedSchema;
import io.tidemark.progress.Antichain;
import io.tidemark.protocol.Addresses;
import io.tidemark.protocol.Bus.Delivery;
import io.tidemark.protocol.Bus.Registration;
import io.tidemark.protocol.FailureCode;
import io.tidemark.protocol.Messages.Frontier;
import io.tidemark.protocol.Messages.Join;
import io.tidemark.protocol.Messages.Receipt;
import io.tidemark.protocol.Messages.Submit;
import io.tidemark.protocol.Messages.SubmitSource;
import io.tidemark.protocol.Messages.Taken;
import io.tidemark.protocol.Mode;
import io.tidemark.protocol.RefusedException;
import io.tidemark.protocol.Rows;
import io.tidemark.row.InvalidRowException;
import io.tidemark.row.UpdateBlock;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The public addresses of one collection on one write verticle: checks what comes, and hands it to
 * the writer it belongs to. What comes without a producer goes through a session of the verticle's
 * own, so that it survives a change of epoch exactly once, too.
 */
final class Ingress {

  /**
   * How long the outcome of a numbered message is pursued: a little less than a default request.
   */
  static final long RELAY_MILLIS = 25_000;

  /** How long a writer may take to make a message durable before it is asked again. */
  private static final long ANSWER_MILLIS = 5_000;

  private final WriteContext context;
  private final CollectionWriter writer;
  private final String collection;
  private final Mode mode;
  private final ProducerSession own;
  private final Openings openings;
  private final SchemaDoubts doubts;
  private ShardId shard;
  private VersionedSchema known;
  private RowDecoder decoder;

  /** Messages of producers that other writers have, and that are not answered. */
  private final Map<Long, Delivery> handedOn = new TreeMap<>();

  private long lastHandedOn;
  private Future<Registration> rows = Future.failedFuture("not registered yet");
  private Future<Registration> open = rows;

  Ingress(WriteContext context, CollectionWriter writer, Join join, String incarnation) {
    this.context = context;
    this.writer = writer;
    this.collection = join.collection();
    this.mode = join.mode();
    this.shard = join.shard();
    this.known = join.registered();
    this.decoder = decoder();
    this.own =
        new ProducerSession(
            collection,
            Assignment.ownProducer(context.writer(), incarnation),
            context.environment(),
            context.bus(),
            context.settings().session());
    this.openings = new Openings(context, writer, collection);
    this.doubts = new SchemaDoubts(catalog(context), collection);
  }

  private static Catalog catalog(WriteContext context) {
    PersistClient stores = context.persist();
    return new Catalog(stores.consensus(), context.environment(), stores.options().retry());
  }

  private RowDecoder decoder() {
    return new RowDecoder(known.schema(), mode, context.settings().maxMessageBytes());
  }

  /** An epoch is joined: from now on rows may be of its schema, if that is newer. */
  void joined(Join join) {
    if (!join.shard().equals(shard) || join.registered().id() > known.id()) {
      shard = join.shard();
      known = join.registered();
      decoder = decoder();
    }
  }

  /** Begins to listen. Completes when messages can come from anywhere. */
  Future<Void> listen() {
    rows = context.bus().consume(Addresses.rows(collection), guarded(this::received));
    open = context.bus().consume(Addresses.open(collection), guarded(openings::received));
    return Future.all(rows, open, writer.watchEpochs(own::epochBegan)).mapEmpty();
  }

  /** Stops listening; what was taken goes on. */
  Future<Void> unlisten() {
    return rows.compose(Registration::unregister)
        .eventually(() -> open.compose(Registration::unregister));
  }

  /** Gives up what was taken and is not durable: its timers are about to end. */
  void close() {
    own.close();
    refuseAll(
        new RefusedException(
            FailureCode.OUTCOME_UNKNOWN,
            "the writer has stopped: send it again with the same producer and sequence"));
  }

  /** There is nowhere to go for what was taken, or may still come. */
  void closeForGood(RefusedException why) {
    own.end(why);
    refuseAll(why);
  }

  private void refuseAll(RefusedException why) {
    List.copyOf(handedOn.keySet()).forEach(number -> answered(number, Future.failedFuture(why)));
  }

  /** Whether everything that was taken is answered. */
  boolean isIdle() {
    return own.isIdle() && handedOn.isEmpty();
  }

  private Consumer<Delivery> guarded(Consumer<Delivery> handler) {
    return delivery -> {
      try {
        handler.accept(delivery);
      } catch (RefusedException e) {
        refuse(delivery, e);
      } catch (InvalidRowException e) {
        doubts.refusal(known.schema(), e, refusal -> refuse(delivery, refusal));
      }
    };
  }

  private void received(Delivery delivery) {
    if (mode == Mode.SOURCE) {
      relaySource(delivery);
      return;
    }
    UpdateBlock block = decoder.decode(delivery.body());
    context.meters().received(collection, block.bytes());
    String producer = delivery.header(Headers.PRODUCER);
    if (producer == null) {
      own.send(Rows.of(block)).onComplete(done -> answer(delivery, done));
    } else {
      relay(delivery, producer, Rows.of(block));
    }
  }

  private void relay(Delivery delivery, String producer, Rows block) {
    checkProducer(producer);
    long sequence = Headers.number(delivery, Headers.SEQUENCE, 1);
    long session = Headers.number(delivery, Headers.SESSION, 0, 0);
    long number = ++lastHandedOn;
    handedOn.put(number, delivery);
    Relay.of(
            context.environment(),
            RELAY_MILLIS,
            writer::onNewEpoch,
            () ->
                writer.route().compose(route -> submit(route, producer, session, sequence, block)))
        .map(Receipt.class::cast)
        .onComplete(done -> answered(number, done));
  }

  private void answered(long number, AsyncResult<Receipt> done) {
    Delivery delivery = handedOn.remove(number);
    if (delivery != null) {
      answer(delivery, done);
    }
  }

  private Future<Object> submit(
      CollectionWriter.Route route, String producer, long session, long sequence, Rows block) {
    Submit message = new Submit(collection, route.epoch(), producer, session, sequence, block);
    String to = Assignment.writerOf(producer, route.writers());
    return context.bus().request(Addresses.writer(to), message, Relay.HEADERS, ANSWER_MILLIS);
  }

  /** Not sent again in a new epoch: the source then has to claim, and resume from the upper. */
  private void relaySource(Delivery delivery) {
    Antichain frontier = Headers.frontier(delivery);
    UpdateBlock block =
        delivery.body() == null && frontier != null ? null : decoder.decode(delivery.body());
    context.meters().received(collection, block == null ? 0 : block.bytes());
    int partition = Headers.partition(delivery);
    SubmitSource message =
        new SubmitSource(
            collection,
            0,
            partition,
            Headers.number(delivery, Headers.SESSION, 1),
            Headers.number(delivery, Headers.SEQUENCE, 1),
            block == null ? null : Rows.of(block),
            frontier == null ? null : new Frontier(frontier),
            delivery.header(Headers.OFFSET));
    writer
        .route()
        .compose(route -> submit(route, message))
        .map(Taken.class::cast)
        .onComplete(done -> answerSource(delivery, done));
  }

  private Future<Object> submit(CollectionWriter.Route route, SubmitSource message) {
    SubmitSource addressed =
        new SubmitSource(
            collection,
            route.epoch(),
            message.partition(),
            message.session(),
            message.sequence(),
            message.rows(),
            message.frontier(),
            message.offset());
    String to = Assignment.writerOf(message.partition(), route.writers());
    return context.bus().request(Addresses.writer(to), addressed, Relay.HEADERS, RELAY_MILLIS);
  }

  private void answer(Delivery delivery, AsyncResult<Receipt> done) {
    if (done.failed()) {
      refuse(delivery, RefusedException.of(done.cause()));
    } else {
      Receipt receipt = done.result();
      delivery.reply(upper(receipt.upper()).put("time", receipt.time()));
    }
  }

  private void answerSource(Delivery delivery, AsyncResult<Taken> done) {
    if (done.failed()) {
      refuse(delivery, RefusedException.of(done.cause()));
    } else {
      delivery.reply(upper(done.result().upper()));
    }
  }

  private void refuse(Delivery delivery, RefusedException refusal) {
    context.meters().refused(collection, refusal.code());
    delivery.refuse(refusal);
  }

  static JsonObject upper(Antichain upper) {
    return new JsonObject().put("upper", upper.isEmpty() ? null : upper.time());
  }

  static void checkProducer(@Nullable String producer) {
    if (producer == null || !PublisherOptions.isProducer(producer)) {
      throw new RefusedException(FailureCode.INVALID_ROW, PublisherOptions.PRODUCER_RULE);
    }
  }
}
