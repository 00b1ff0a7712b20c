package io.tidemark.sim;

import io.tidemark.protocol.Addresses;
import io.tidemark.protocol.FailureCode;
import io.tidemark.protocol.RefusedException;
import io.tidemark.row.JsonRowWriter;
import io.tidemark.row.RowFields;
import io.tidemark.row.UpdateBlockBuilder;
import io.vertx.core.AsyncResult;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * An application that uses the event bus alone: numbers its messages itself, keeps a few under way,
 * and sends each again until it is answered. Also sends some without any number, once.
 */
final class RawActor {

  private final String name;
  private final Cluster cluster;
  private final Node node;
  private final Map<Long, Long> acknowledged = new HashMap<>();
  private final TreeSet<Long> unnumberedSure = new TreeSet<>();
  private final TreeSet<Long> unnumberedMaybe = new TreeSet<>();
  private long sent;
  private long unnumbered;
  private final boolean calm;
  private boolean stopping;

  /**
   * @param calm whether no request may fail
   */
  RawActor(String name, Cluster cluster, boolean calm) {
    this.calm = calm;
    this.name = name;
    this.cluster = cluster;
    this.node = cluster.client(name);
  }

  String name() {
    return name;
  }

  Map<Long, Long> acknowledged() {
    return acknowledged;
  }

  /** Rows without a number that were said to be durable. */
  Set<Long> unnumberedSure() {
    return unnumberedSure;
  }

  /** Rows without a number of which that is not known. */
  Set<Long> unnumberedMaybe() {
    return unnumberedMaybe;
  }

  long sent() {
    return sent;
  }

  boolean isDone() {
    return acknowledged.size() == sent;
  }

  void start() {
    step();
  }

  void stop() {
    stopping = true;
  }

  private void step() {
    if (stopping) {
      return;
    }
    if (sent - acknowledged.size() < 4) {
      send(sent++);
    }
    if (cluster.random().nextInt(3) == 0) {
      sendUnnumbered(unnumbered++);
    }
    node.after(1_000_000L * (1 + cluster.random().nextInt(150)), this::step);
  }

  private void send(long number) {
    cluster
        .bus(node)
        .request(
            Addresses.rows("orders"),
            row(name, number),
            Map.of("producer", name, "seq", String.valueOf(number + 1)),
            3_000)
        .onComplete(done -> answered(number, done));
  }

  private void answered(long number, AsyncResult<Object> done) {
    if (done.succeeded()) {
      acknowledged.putIfAbsent(number, ((JsonObject) done.result()).getLong("time"));
      return;
    }
    RefusedException refused = RefusedException.of(done.cause());
    if (calm) {
      throw new AssertionError(name + ": message " + number + " failed in a calm world", refused);
    }
    if (!refused.code().isTransient() && refused.code() != FailureCode.SEQUENCE_GAP) {
      throw new AssertionError(name + ": message " + number + " failed", refused);
    }
    node.after(1_000_000L * (20 + cluster.random().nextInt(200)), () -> send(number));
  }

  private void sendUnnumbered(long number) {
    unnumberedMaybe.add(number);
    cluster
        .bus(node)
        .request(Addresses.rows("orders"), new JsonArray().add(row(name + "?", number)), 30_000)
        .onComplete(
            done -> {
              if (done.succeeded()) {
                unnumberedMaybe.remove(number);
                unnumberedSure.add(number);
              } else if (calm) {
                throw new AssertionError("a row failed in a calm world", done.cause());
              } else if (RefusedException.of(done.cause()).code() != FailureCode.OUTCOME_UNKNOWN) {
                unnumberedMaybe.remove(number);
              }
            });
  }

  private static JsonObject row(String sender, long number) {
    UpdateBlockBuilder builder = new UpdateBlockBuilder(Rows.SCHEMA);
    Rows.set(builder, sender, number);
    builder.row(0, 1);
    return new JsonRowWriter(Rows.SCHEMA, new RowFields(false, false)).object(builder.build(), 0);
  }
}
