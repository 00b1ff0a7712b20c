package io.tidemark.write;

import io.tidemark.client.PublisherOptions;
import io.tidemark.protocol.Addresses;
import io.tidemark.protocol.Bus.Delivery;
import io.tidemark.protocol.FailureCode;
import io.tidemark.protocol.Messages.Claim;
import io.tidemark.protocol.Messages.ClaimPartition;
import io.tidemark.protocol.Messages.CurrentEpoch;
import io.tidemark.protocol.Messages.InEpoch;
import io.tidemark.protocol.Messages.OpenProducer;
import io.tidemark.protocol.Messages.Session;
import io.tidemark.protocol.Messages.WhichEpoch;
import io.tidemark.protocol.RefusedException;
import io.tidemark.row.SchemaJson;
import io.tidemark.write.CollectionWriter.Route;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.function.Function;

/**
 * The public address where producers open sessions and sources claim partitions: hands the request
 * to the writer that the roster gives it to. Our own clients send and get records, everybody else
 * JSON.
 */
final class Openings {

  /** How long an opening is pursued while the pipeline starts. */
  static final long RELAY_MILLIS = 10_000;

  private static final long ANSWER_MILLIS = 5_000;

  private final WriteContext context;
  private final CollectionWriter writer;
  private final String collection;

  Openings(WriteContext context, CollectionWriter writer, String collection) {
    this.context = context;
    this.writer = writer;
    this.collection = collection;
  }

  void received(Delivery delivery) {
    if (delivery.body() instanceof OpenProducer open) {
      answer(delivery, forward(route -> openIn(route, open)));
    } else if (delivery.body() instanceof ClaimPartition claim) {
      answer(delivery, forward(route -> claimIn(route, claim)));
    } else if (delivery.body() instanceof WhichEpoch) {
      EpochRun run = writer.run();
      if (run == null) {
        throw writer.starting();
      }
      delivery.reply(new CurrentEpoch(run.join().epoch(), run.roster()));
    } else if (delivery.body() instanceof JsonObject json) {
      Function<Route, Addressed> request = request(json);
      answer(
          delivery,
          Relay.of(
                  context.environment(),
                  RELAY_MILLIS,
                  writer::onNewEpoch,
                  () -> writer.route().compose(route -> send(request.apply(route))))
              .map(this::json));
    } else {
      throw new RefusedException(
          FailureCode.INVALID_ROW,
          "send {\"producer\": \"…\"} to open a session, or {\"partition\": 0} to claim one");
    }
  }

  /** A request, and the writer that it is for. */
  private record Addressed(String writer, InEpoch message) {}

  private Function<Route, Addressed> request(JsonObject json) {
    String instance = instance(json.getValue("instance", context.environment().entropy().nextId()));
    long attempt = attempt(json.getValue("attempt", 1L));
    if (json.getValue("partition") instanceof Integer partition) {
      return route ->
          claimIn(route, new ClaimPartition(collection, 0, partition, instance, attempt));
    }
    if (json.getValue("producer") instanceof String producer) {
      Ingress.checkProducer(producer);
      return route -> openIn(route, new OpenProducer(collection, 0, producer, instance, attempt));
    }
    throw new RefusedException(
        FailureCode.INVALID_ROW,
        "give \"producer\", a text, to open a session, or \"partition\", a number, to claim one");
  }

  private static String instance(Object value) {
    if (value instanceof String text && PublisherOptions.isProducer(text)) {
      return text;
    }
    throw new RefusedException(
        FailureCode.INVALID_ROW,
        "\"instance\" is '"
            + value
            + "': it names who opens, with 1 to "
            + PublisherOptions.MAX_PRODUCER_LENGTH
            + " characters");
  }

  private static long attempt(Object value) {
    if (value instanceof Long || value instanceof Integer) {
      return ((Number) value).longValue();
    }
    throw new RefusedException(
        FailureCode.INVALID_ROW,
        "\"attempt\" is '" + value + "': it must be a whole number, greater at each opening");
  }

  private static Addressed openIn(Route route, OpenProducer open) {
    return new Addressed(
        Assignment.writerOf(open.producer(), route.writers()),
        new OpenProducer(
            open.collection(), route.epoch(), open.producer(), open.instance(), open.attempt()));
  }

  private static Addressed claimIn(Route route, ClaimPartition claim) {
    return new Addressed(
        Assignment.writerOf(claim.partition(), route.writers()),
        new ClaimPartition(
            claim.collection(),
            route.epoch(),
            claim.partition(),
            claim.instance(),
            claim.attempt()));
  }

  /** Our own clients ask again by themselves, and then perhaps somebody who is in the epoch. */
  private Future<Object> forward(Function<Route, Addressed> request) {
    EpochRun run = writer.run();
    return run == null
        ? Future.failedFuture(writer.starting())
        : send(request.apply(new Route(run.join().epoch(), run.roster())));
  }

  private Future<Object> send(Addressed addressed) {
    return context
        .bus()
        .request(
            Addresses.writer(addressed.writer()),
            addressed.message(),
            Relay.HEADERS,
            ANSWER_MILLIS);
  }

  /** Counts what it refuses: the writer to which it was handed on leaves that to us. */
  private void answer(Delivery delivery, Future<Object> answer) {
    answer.onComplete(
        done -> {
          if (done.succeeded()) {
            delivery.reply(done.result());
          } else {
            RefusedException refusal = RefusedException.of(done.cause());
            context.meters().refused(collection, refusal.code());
            delivery.refuse(refusal);
          }
        });
  }

  private Object json(Object answer) {
    if (answer instanceof Session session) {
      return Ingress.upper(session.upper())
          .put("epoch", session.epoch())
          .put("writer", Addresses.writer(session.writer()))
          .put("session", session.session())
          .put("sequence", session.committed().sequence())
          .put("updates", session.committed().updates())
          .put("accepted", session.accepted())
          .put("credit", session.credit())
          .put("columns", SchemaJson.toJson(session.schema()));
    }
    Claim claim = (Claim) answer;
    return Ingress.upper(claim.upper())
        .put("epoch", claim.epoch())
        .put("writer", Addresses.writer(claim.writer()))
        .put("session", claim.session())
        .put("offset", claim.offset())
        .put("credit", claim.credit())
        .put("columns", SchemaJson.toJson(claim.schema()));
  }
}
