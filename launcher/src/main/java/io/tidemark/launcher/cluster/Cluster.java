package io.tidemark.launcher.cluster;

import com.hazelcast.cluster.Member;
import com.hazelcast.cluster.MembershipEvent;
import com.hazelcast.cluster.MembershipListener;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.LifecycleEvent;
import com.hazelcast.map.IMap;
import io.tidemark.environment.Watchers;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.spi.cluster.RegistrationInfo;
import io.vertx.spi.cluster.hazelcast.HazelcastClusterManager;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The cluster as one of its nodes sees it. Nodes are named by the beginning of their Vert.x id,
 * which stays the same as long as the process lives, also if the cluster splits and merges.
 * Thread-safe; nothing here blocks unless it says so.
 */
public final class Cluster {

  /** 48 random bits tell the nodes of one cluster apart. */
  private static final int NAME_LETTERS = 12;

  /** Where the cluster manager of Vert.x keeps the id of a node. */
  private static final String NODE_ID = "__vertx.nodeId";

  private static final String IDENTITY = "tidemark.identity";

  private final HazelcastClusterManager manager;
  private final HazelcastInstance hazelcast;
  private final String nodeId;
  private final String name;
  private final Watchers<Change> watchers = new Watchers<>();
  private final UUID membership;
  private final UUID lifecycle;

  /**
   * A node came, or went.
   *
   * @param node its name; for a merge that of this node
   */
  public record Change(Kind kind, String node) {

    /** What happened. */
    public enum Kind {
      ADDED,
      REMOVED,
      /** This node was on the smaller side of a split, and belongs to the other one again. */
      MERGED
    }
  }

  private Cluster(HazelcastClusterManager manager) {
    this.manager = manager;
    this.hazelcast = manager.getHazelcastInstance();
    this.nodeId = manager.getNodeId();
    this.name = name(nodeId);
    this.membership = hazelcast.getCluster().addMembershipListener(new Members());
    this.lifecycle = hazelcast.getLifecycleService().addLifecycleListener(this::stateChanged);
  }

  /** The cluster that {@code vertx} belongs to; null if it is not clustered. */
  public static @Nullable Cluster of(Vertx vertx) {
    return ((VertxInternal) vertx).clusterManager() instanceof HazelcastClusterManager manager
        ? new Cluster(manager)
        : null;
  }

  private static String name(String nodeId) {
    String letters = nodeId.replace("-", "");
    return letters.substring(0, Math.min(NAME_LETTERS, letters.length()));
  }

  /** The name of this node. */
  public String name() {
    return name;
  }

  /** The names of all nodes that are there now, this one included, in order. */
  public List<String> nodes() {
    return manager.getNodes().stream().map(Cluster::name).sorted().toList();
  }

  /** Runs {@code changed} on the caller's context, until what is returned is run. */
  public Runnable watch(Consumer<Change> changed) {
    return watchers.add(changed);
  }

  /**
   * The name of the cluster as a whole, which tells it from another one that uses the same stores
   * by mistake. It ends with the last node. Blocks.
   *
   * @param proposal the name if the cluster has none yet
   */
  public String identity(String proposal) {
    String known = this.<String>map(IDENTITY).putIfAbsent(IDENTITY, proposal);
    return known == null ? proposal : known;
  }

  /** A map of the whole cluster. */
  <V> IMap<String, V> map(String map) {
    return hazelcast.getMap(map);
  }

  /** How many consumers of an address the whole cluster believes this node to have. */
  public Future<Integer> registrations(String address) {
    Promise<List<RegistrationInfo>> found = Promise.promise();
    manager.getRegistrations(address, found);
    return found
        .future()
        .map(all -> (int) all.stream().filter(info -> info.nodeId().equals(nodeId)).count());
  }

  /** Stops telling. The node stays in the cluster until Vert.x leaves it. Blocks a little. */
  public void close() {
    boolean unused = hazelcast.getCluster().removeMembershipListener(membership);
    unused = hazelcast.getLifecycleService().removeLifecycleListener(lifecycle);
  }

  private void stateChanged(LifecycleEvent event) {
    if (event.getState() == LifecycleEvent.LifecycleState.MERGED) {
      watchers.tell(new Change(Change.Kind.MERGED, name));
    }
  }

  private final class Members implements MembershipListener {

    @Override
    public void memberAdded(MembershipEvent event) {
      tell(Change.Kind.ADDED, event.getMember());
    }

    @Override
    public void memberRemoved(MembershipEvent event) {
      tell(Change.Kind.REMOVED, event.getMember());
    }

    /** A member that is no node of Vert.x holds nothing of ours. */
    private void tell(Change.Kind kind, Member member) {
      String id = member.getAttribute(NODE_ID);
      if (id != null) {
        watchers.tell(new Change(kind, name(Objects.requireNonNull(id))));
      }
    }
  }
}
