package io.tidemark.launcher.cluster;

import com.hazelcast.core.EntryEvent;
import com.hazelcast.map.IMap;
import com.hazelcast.map.listener.EntryAddedListener;
import com.hazelcast.map.listener.EntryRemovedListener;
import com.hazelcast.query.Predicates;
import io.tidemark.environment.Environment;
import io.tidemark.environment.Watchers;
import io.tidemark.mint.Writers;
import io.vertx.core.Context;
import io.vertx.core.Future;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentSkipListSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The writers of a cluster: a map of Hazelcast from each writer to its node. Only those are listed
 * whose node is there. What a merge of two halves drops of it, its node puts back.
 */
public final class HazelcastWriters implements Writers {

  /** How often a node looks whether its writers are still listed. */
  static final long CHECK_MILLIS = 3_000;

  static final String MAP = "tidemark.writers";

  private static final Logger log = LoggerFactory.getLogger(HazelcastWriters.class);

  private final Cluster cluster;
  private final Environment environment;
  private final IMap<String, String> map;
  private final Context context;
  private final Set<String> own = new ConcurrentSkipListSet<>();
  private final Watchers<String> watchers = new Watchers<>();
  private final UUID listener;
  private final Runnable membership;
  private volatile boolean closed;

  /**
   * Blocks for the time of a question to the other nodes.
   *
   * @param context where it does what nobody waits for
   */
  public HazelcastWriters(Context context, Cluster cluster, Environment environment) {
    this.cluster = cluster;
    this.environment = environment;
    this.map = cluster.map(MAP);
    this.context = context;
    this.listener = map.addEntryListener(new Changed(), false);
    this.membership = cluster.watch(this::changed);
    context.runOnContext(run -> checkLater());
  }

  @Override
  public Future<Void> register(String writer) {
    own.add(writer);
    return offload(() -> map.set(writer, cluster.name()));
  }

  @Override
  public Future<Void> unregister(String writer) {
    own.remove(writer);
    return offload(() -> map.delete(writer));
  }

  @Override
  public Future<List<String>> list() {
    return environment
        .offload()
        .call(
            () -> {
              List<String> nodes = cluster.nodes();
              return map.entrySet().stream()
                  .filter(entry -> nodes.contains(entry.getValue()))
                  .map(Map.Entry::getKey)
                  .sorted()
                  .toList();
            });
  }

  @Override
  public Runnable watch(Runnable changed) {
    return watchers.add(writer -> changed.run());
  }

  private Future<Void> offload(Runnable call) {
    return environment
        .offload()
        .call(
            () -> {
              call.run();
              return null;
            });
  }

  private void changed(Cluster.Change change) {
    watchers.tell(change.node());
    if (closed) {
      return;
    }
    if (change.kind() == Cluster.Change.Kind.REMOVED) {
      context.runOnContext(run -> prune(change.node()));
    } else if (change.kind() == Cluster.Change.Kind.MERGED) {
      context.runOnContext(run -> check());
    }
  }

  /** Forgets the writers of a node that has left, unless it is back already. */
  private void prune(String node) {
    offload(
            () -> {
              if (!cluster.nodes().contains(node)) {
                map.removeAll(Predicates.equal("this", node));
              }
            })
        .onFailure(e -> log.debug("the writers of {} are still listed", node, e));
  }

  private void checkLater() {
    environment
        .timers()
        .after(
            CHECK_MILLIS,
            () -> {
              if (!closed) {
                check();
                checkLater();
              }
            });
  }

  /** Lists again what should be listed and is not. */
  private void check() {
    offload(
            () -> {
              for (String writer : own) {
                if (!cluster.name().equals(map.get(writer)) && own.contains(writer)) {
                  log.warn("writer {} was not listed any more", writer);
                  map.set(writer, cluster.name());
                }
              }
            })
        .onFailure(e -> log.debug("the writers were not checked", e));
  }

  /** Looks after the list no more. Blocks a little. */
  public void close() {
    closed = true;
    own.clear();
    membership.run();
    boolean unused = map.removeEntryListener(listener);
  }

  private final class Changed
      implements EntryAddedListener<String, String>, EntryRemovedListener<String, String> {

    @Override
    public void entryAdded(EntryEvent<String, String> event) {
      watchers.tell(event.getKey());
    }

    @Override
    public void entryRemoved(EntryEvent<String, String> event) {
      watchers.tell(event.getKey());
    }
  }
}
