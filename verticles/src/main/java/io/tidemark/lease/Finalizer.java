package io.tidemark.lease;

import io.tidemark.catalog.CollectionSpec;
import io.tidemark.catalog.DroppedCollection;
import io.tidemark.catalog.Finalization;
import io.tidemark.environment.Environment;
import io.tidemark.persist.ShardId;
import io.tidemark.protocol.Addresses;
import io.tidemark.protocol.Bus;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees dropped collections to their end, one at a time: deletes what is there, and once more a
 * while later what writers have uploaded that did not know yet; then the list forgets them. What
 * waits, waits in the list. Whoever coordinated the collection begins at once, everybody else only
 * if it is still listed after a while; that two do it at once does no harm.
 */
final class Finalizer {

  private static final Logger log = LoggerFactory.getLogger(Finalizer.class);

  private final Finalization finalization;
  private final Environment environment;
  private final Bus bus;
  private final FinalizerSettings settings;

  /** By shard, as many as the list has; nothing that matters is lost with them. */
  private final Map<String, Going> goings = new TreeMap<>();

  /** What was coordinated here, and is not listed as dropped yet. */
  private final Set<ShardId> ours = new HashSet<>();

  private boolean running;
  private boolean stopped;

  Finalizer(
      Finalization finalization, Environment environment, Bus bus, FinalizerSettings settings) {
    this.finalization = finalization;
    this.environment = environment;
    this.bus = bus;
    this.settings = settings;
  }

  /** How far this process is with one of them. */
  private static final class Going {
    private DroppedCollection dropped;
    private long dueMillis;
    private boolean deleted;

    Going(DroppedCollection dropped, long dueMillis) {
      this.dropped = dropped;
      this.dueMillis = dueMillis;
    }
  }

  /** This process coordinated what is, or is about to be, listed as dropped. */
  void coordinated(ShardId shard) {
    ours.add(shard);
  }

  /** The list of collections has these, by shard. */
  void listed(Map<String, DroppedCollection> dropped) {
    goings.keySet().retainAll(dropped.keySet());
    dropped.forEach(
        (shard, each) -> {
          Going known = goings.get(shard);
          if (known == null) {
            begin(each);
          } else {
            known.dropped = each;
          }
        });
    next();
  }

  private void begin(DroppedCollection dropped) {
    ShardId shard = dropped.collection().shard();
    long wait = ours.remove(shard) ? 0 : jittered(settings.takeOverMillis());
    goings.put(shard.text(), new Going(dropped, now() + wait));
    tell(dropped);
  }

  /** Writers do not read the list: they hear of it from each node, and before each deletion. */
  private void tell(DroppedCollection dropped) {
    CollectionSpec collection = dropped.collection();
    bus.publish(
        Addresses.DROPPED,
        new JsonObject().put("name", collection.name()).put("shard", collection.shard().text()));
  }

  /** Begins nothing more. */
  void stop() {
    stopped = true;
  }

  private void next() {
    Going due = running || stopped ? null : due();
    if (due != null) {
      running = true;
      step(due)
          .onComplete(
              done -> {
                running = false;
                if (done.failed() && !stopped) {
                  failed(due, done.cause());
                }
                environment.timers().after(0, this::next);
              });
    }
  }

  private @Nullable Going due() {
    for (Going going : goings.values()) {
      if (going.dueMillis <= now()) {
        return going;
      }
    }
    return null;
  }

  private Future<Void> step(Going due) {
    tell(due.dropped);
    return finalization.delete(due.dropped).compose(done -> deleted(due));
  }

  private Future<Void> deleted(Going due) {
    if (!due.deleted) {
      due.deleted = true;
      due.dueMillis = now() + settings.settleMillis();
      return Future.succeededFuture();
    }
    return finalization
        .forget(due.dropped)
        .onSuccess(
            done -> {
              String shard = due.dropped.collection().shard().text();
              Going unused = goings.remove(shard);
              log.info("'{}': all that shard {} held is gone", name(due), shard);
            });
  }

  private void failed(Going due, Throwable cause) {
    due.dueMillis = now() + jittered(settings.retryMillis());
    log.warn(
        "'{}' was dropped, and shard {} could not be deleted yet; it is tried again later",
        name(due),
        due.dropped.collection().shard(),
        cause);
  }

  private static String name(Going going) {
    return going.dropped.collection().name();
  }

  private long now() {
    return environment.clock().monotonicMillis();
  }

  private long jittered(long millis) {
    return (long) (millis * (1 + environment.entropy().nextUnit()));
  }
}
