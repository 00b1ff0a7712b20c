package io.tidemark.sim;

import io.tidemark.protocol.Bus;
import io.tidemark.protocol.FailureCode;
import io.tidemark.protocol.RefusedException;
import io.tidemark.protocol.WireRoundTrip;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * A simulated event bus: between processes messages get lost, come twice, late and in any order;
 * within one they do not. A message that crosses is encoded and decoded as it would be.
 */
final class Network {

  private static final long LINGER_NANOS = 20_000_000;

  private final Scheduler scheduler;
  private final SplittableRandom random;
  private final Map<String, List<Consuming>> consumers = new HashMap<>();
  private final Map<String, Integer> turns = new HashMap<>();
  private final Set<Consuming> lingering = Collections.newSetFromMap(new IdentityHashMap<>());
  private UnaryOperator<Object> tampering = UnaryOperator.identity();
  private double lost;
  private double twice;
  private double late;
  private String cutOff = "";

  Network(Scheduler scheduler, SplittableRandom random) {
    this.scheduler = scheduler;
    this.random = random;
  }

  /** How likely a message is to be lost, to come twice, or to come up to a minute late. */
  void faults(double lostShare, double twiceShare, double lateShare) {
    lost = lostShare;
    twice = twiceShare;
    late = lateShare;
  }

  /** No message reaches or leaves the node of this name; "" for nobody. */
  void cutOff(String name) {
    cutOff = name;
  }

  /** Changes each message before it is delivered: how a test switches a check off. */
  void tamper(UnaryOperator<Object> change) {
    tampering = change;
  }

  Bus bus(Node node) {
    return new NodeBus(node);
  }

  private record Consuming(Node node, Consumer<Bus.Delivery> handler) {}

  private boolean isCut(Node from, Node to) {
    return from != to && (from.name().equals(cutOff) || to.name().equals(cutOff));
  }

  /** Brings something from one process to another, or not. */
  private void carry(Node from, Node to, boolean mayComeTwice, Runnable arrival) {
    if (from == to) {
      to.after(random.nextLong(200_000), arrival);
      return;
    }
    int copies = mayComeTwice && random.nextDouble() < twice ? 2 : 1;
    for (int copy = 0; copy < copies; copy++) {
      if (random.nextDouble() >= lost && !isCut(from, to)) {
        long nanos = 50_000 + random.nextLong(1_500_000);
        if (random.nextDouble() < late) {
          nanos += random.nextLong(60_000_000_000L);
        }
        to.after(nanos, arrival);
      }
    }
  }

  private Object onTheWire(Node from, Node to, Object body) {
    return tampering.apply(from == to ? body : WireRoundTrip.of(body));
  }

  private final class NodeBus implements Bus {
    private final Node node;

    NodeBus(Node node) {
      this.node = node;
    }

    @Override
    public Future<Object> request(
        String address, Object body, Map<String, String> headers, long millis) {
      Promise<Object> promise = Promise.promise();
      node.after(
          millis * 1_000_000,
          () ->
              promise.tryFail(
                  new RefusedException(FailureCode.OUTCOME_UNKNOWN, "no reply in time")));
      Consuming consumer = next(address);
      if (consumer == null) {
        node.after(
            50_000,
            () ->
                promise.tryFail(
                    new RefusedException(FailureCode.UNAVAILABLE, "nobody at " + address)));
        return promise.future();
      }
      trace("request", address, body);
      // Whoever numbers nothing cannot tell a repeat: the real bus does not repeat either.
      boolean numbered = !address.matches("tidemark\\.[a-z]+") || headers.containsKey("producer");
      Object sent = onTheWire(node, consumer.node(), body);
      carry(
          node,
          consumer.node(),
          numbered,
          () -> deliver(consumer, address, new Reply(sent, headers, consumer.node(), promise)));
      return promise.future();
    }

    @Override
    public void send(String address, Object body) {
      Consuming consumer = next(address);
      if (consumer != null) {
        trace("send", address, body);
        Object sent = onTheWire(node, consumer.node(), body);
        carry(
            node,
            consumer.node(),
            true,
            () -> deliver(consumer, address, new Reply(sent, Map.of(), consumer.node(), null)));
      }
    }

    @Override
    public void publish(String address, Object body) {
      trace("publish", address, body);
      for (Consuming consumer : List.copyOf(consumers.getOrDefault(address, List.of()))) {
        Object sent = onTheWire(node, consumer.node(), body);
        carry(
            node,
            consumer.node(),
            true,
            () -> deliver(consumer, address, new Reply(sent, Map.of(), consumer.node(), null)));
      }
    }

    @Override
    public Future<Registration> consume(String address, Consumer<Delivery> handler) {
      Promise<Registration> promise = Promise.promise();
      Consuming consuming = new Consuming(node, handler);
      node.after(
          random.nextLong(1_000_000),
          () -> {
            consumers.computeIfAbsent(address, a -> new ArrayList<>()).add(consuming);
            promise.complete(() -> unregister(address, consuming));
          });
      return promise.future();
    }

    /** No message is sent there any more; those on their way are taken for a moment. */
    private Future<Void> unregister(String address, Consuming consuming) {
      consumers.getOrDefault(address, List.of()).remove(consuming);
      lingering.add(consuming);
      Promise<Void> gone = Promise.promise();
      node.after(
          LINGER_NANOS,
          () -> {
            lingering.remove(consuming);
            gone.complete();
          });
      return gone.future();
    }

    private void trace(String how, String address, Object body) {
      scheduler.trace(node.name() + " " + how + " " + address + " " + body.getClass());
    }

    /** A message that has arrived; its reply goes back the same way. */
    private final class Reply implements Delivery {
      private final Object body;
      private final Map<String, String> headers;
      private final Node at;
      private final Promise<Object> promise;

      Reply(Object body, Map<String, String> headers, Node at, Promise<Object> promise) {
        this.body = body;
        this.headers = headers;
        this.at = at;
        this.promise = promise;
      }

      @Override
      public Object body() {
        return body;
      }

      @Override
      public String header(String name) {
        return headers.get(name);
      }

      @Override
      public void reply(Object answer) {
        if (promise != null) {
          Object sent = onTheWire(at, node, answer);
          carry(at, node, true, () -> promise.tryComplete(sent));
        }
      }

      @Override
      public void refuse(RefusedException refusal) {
        if (promise != null) {
          carry(at, node, true, () -> promise.tryFail(refusal));
        }
      }
    }
  }

  private void deliver(Consuming consumer, String address, Bus.Delivery delivery) {
    if (lingering.contains(consumer)
        || consumers.getOrDefault(address, List.of()).contains(consumer)) {
      consumer.handler().accept(delivery);
    }
  }

  private Consuming next(String address) {
    List<Consuming> all = consumers.computeIfAbsent(address, a -> new ArrayList<>());
    all.removeIf(each -> !each.node().isUp());
    if (all.isEmpty()) {
      return null;
    }
    int turn = turns.merge(address, 1, Integer::sum);
    return all.get(turn % all.size());
  }
}
