package io.tidemark.launcher.cluster;

import io.tidemark.environment.Environment;
import io.tidemark.environment.Timers;
import io.tidemark.protocol.Bus;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A bus that finds its consumers again if the cluster has forgotten them, as it happens when a
 * partition heals: messages to them are then lost, or fail, for ever. It keeps looking at the
 * cluster's own registry, in turns, whether it knows them; and if it does not know one at the
 * second look, or the cluster was merged, every consumer is registered anew.
 *
 * <p>Thread-safe. {@link #watch} begins, and {@link #close} ends the looking.
 */
public final class WatchedBus implements Bus {

  /** How often some consumers are looked for. */
  static final long CHECK_MILLIS = 2_000;

  /** How long after a consumer was missed it is looked for again: it may just come or go. */
  static final long AGAIN_MILLIS = 500;

  /** How many addresses are looked for at once. */
  static final int MAX_CHECKED = 64;

  /** How long after a merge: the cluster manager sets right what it can first. */
  static final long MERGED_MILLIS = 1_000;

  private static final Logger log = LoggerFactory.getLogger(WatchedBus.class);

  private final Bus bus;
  private final Function<String, Future<Integer>> registrations;
  private final Environment environment;
  private final Set<Consumed> consumers = ConcurrentHashMap.newKeySet();
  private final Context context;
  private Timers.Timer due = () -> {};
  private String last = "";
  private boolean closed;

  /**
   * Wraps a bus.
   *
   * @param context where it looks after the consumers
   * @param registrations how many consumers of an address the cluster believes this node to have
   */
  public WatchedBus(
      Context context,
      Bus bus,
      Function<String, Future<Integer>> registrations,
      Environment environment) {
    this.bus = bus;
    this.registrations = registrations;
    this.environment = environment;
    this.context = context;
  }

  @Override
  public Future<Object> request(
      String address, Object body, Map<String, String> headers, long millis) {
    return bus.request(address, body, headers, millis);
  }

  @Override
  public void send(String address, Object body) {
    bus.send(address, body);
  }

  @Override
  public void publish(String address, Object body) {
    bus.publish(address, body);
  }

  @Override
  public Future<Registration> consume(String address, Consumer<Delivery> handler) {
    return bus.consume(address, handler)
        .map(
            registered -> {
              Consumed consumed = new Consumed(address, handler, registered);
              consumers.add(consumed);
              return consumed;
            });
  }

  /** Begins to look after the consumers, those that there are and those to come. */
  public void watch() {
    context.runOnContext(run -> checkLater());
  }

  /** After a merge nothing is known of what the other side knows. */
  public void merged() {
    context.runOnContext(
        run ->
            environment
                .timers()
                .after(
                    MERGED_MILLIS,
                    () -> {
                      log.info("the cluster was merged: all consumers are registered anew");
                      registerAnew();
                    }));
  }

  /** Looks after the consumers no more. They stay. */
  public void close() {
    context.runOnContext(
        run -> {
          closed = true;
          due.cancel();
        });
  }

  private void checkLater() {
    if (!closed) {
      due = environment.timers().after(CHECK_MILLIS, this::check);
    }
  }

  private void check() {
    missing(turn())
        .onComplete(
            first -> {
              if (closed || first.failed() || first.result().isEmpty()) {
                checkLater();
              } else {
                due = environment.timers().after(AGAIN_MILLIS, () -> checkAgain(first.result()));
              }
            });
  }

  private void checkAgain(List<String> suspects) {
    missing(suspects)
        .onComplete(
            second -> {
              if (!closed && second.succeeded() && !second.result().isEmpty()) {
                log.warn(
                    "the cluster has forgotten consumers of {} addresses ({}, …): all are"
                        + " registered anew",
                    second.result().size(),
                    second.result().get(0));
                registerAnew();
              }
              checkLater();
            });
  }

  /** The addresses that are looked at this time, so that in time all are. */
  private List<String> turn() {
    List<String> all = consumers.stream().map(each -> each.address).distinct().sorted().toList();
    List<String> turn = new ArrayList<>();
    all.stream().filter(address -> address.compareTo(last) > 0).forEach(turn::add);
    all.stream().filter(address -> address.compareTo(last) <= 0).forEach(turn::add);
    List<String> bounded = turn.subList(0, Math.min(MAX_CHECKED, turn.size()));
    last = bounded.isEmpty() ? "" : bounded.get(bounded.size() - 1);
    return List.copyOf(bounded);
  }

  /** Of some addresses those of which fewer consumers are known than there have been all along. */
  private Future<List<String>> missing(List<String> addresses) {
    Map<String, List<Consumed>> expected =
        consumers.stream()
            .filter(each -> addresses.contains(each.address))
            .collect(
                Collectors.groupingBy(each -> each.address, TreeMap::new, Collectors.toList()));
    List<Future<Integer>> known = new ArrayList<>();
    expected.keySet().forEach(address -> known.add(registrations.apply(address)));
    return Future.all(known)
        .map(
            all -> {
              List<String> missing = new ArrayList<>();
              int i = 0;
              for (Map.Entry<String, List<Consumed>> each : expected.entrySet()) {
                long still = each.getValue().stream().filter(consumers::contains).count();
                if (known.get(i++).result() < still) {
                  missing.add(each.getKey());
                }
              }
              return missing;
            });
  }

  private void registerAnew() {
    if (!closed) {
      consumers.forEach(Consumed::registerAnew);
    }
  }

  /** A consumer, under whichever registration it has at the moment. Used on its own context. */
  private final class Consumed implements Registration {
    private final String address;
    private final Consumer<Delivery> handler;
    private final @Nullable Context home = Vertx.currentContext();
    private Registration registration;
    private Future<Void> settled = Future.succeededFuture();
    private boolean gone;

    Consumed(String address, Consumer<Delivery> handler, Registration registration) {
      this.address = address;
      this.handler = handler;
      this.registration = registration;
    }

    @Override
    public Future<Void> unregister() {
      consumers.remove(this);
      gone = true;
      return settled.transform(done -> registration.unregister());
    }

    void registerAnew() {
      if (home == null) {
        replace();
      } else {
        home.runOnContext(run -> replace());
      }
    }

    /** The new one first: no message finds nobody, but some may arrive twice. */
    private void replace() {
      if (gone || !settled.isComplete()) {
        return;
      }
      Promise<Void> done = Promise.promise();
      settled = done.future();
      bus.consume(address, handler)
          .compose(
              anew -> {
                Registration old = registration;
                registration = anew;
                return old.unregister();
              })
          .onFailure(e -> log.warn("a consumer of '{}' was not registered anew", address, e))
          .onComplete(replaced -> done.complete());
    }
  }
}
