package io.tidemark.launcher.node;

import io.tidemark.admin.AdminContext.Membership;
import io.tidemark.environment.Environment;
import io.tidemark.launcher.cluster.Cluster;
import io.tidemark.launcher.cluster.HazelcastLeases;
import io.tidemark.launcher.cluster.HazelcastWriters;
import io.tidemark.lease.Leases;
import io.tidemark.lease.LocalLeases;
import io.tidemark.mint.LocalWriters;
import io.tidemark.mint.Writers;
import io.vertx.core.Context;
import io.vertx.core.Future;
import java.util.function.Supplier;

/**
 * What a node shares with the other nodes, if there are any.
 *
 * @param cluster what tells this cluster from others; a node that is not clustered is one of its
 *     own
 * @param closing gives up what is left of it; blocks
 */
record Peers(
    String cluster,
    Leases leases,
    Writers writers,
    Supplier<Future<Membership>> membership,
    Runnable closing) {

  /** Those of a node that is not clustered: none. */
  static Peers none(String name) {
    LocalLeases leases = new LocalLeases();
    return new Peers(
        name,
        leases,
        new LocalWriters(),
        () -> Future.succeededFuture(Membership.alone(name, leases.held())),
        () -> {});
  }

  /** Those of a node of a cluster. Blocks. */
  static Peers of(Cluster cluster, Context context, Environment environment) {
    HazelcastLeases leases = new HazelcastLeases(context, cluster, environment);
    HazelcastWriters writers = new HazelcastWriters(context, cluster, environment);
    String identity = cluster.identity(environment.entropy().nextId());
    return new Peers(
        identity,
        leases,
        writers,
        () ->
            leases
                .holders()
                .map(holders -> new Membership(identity, cluster.name(), cluster.nodes(), holders)),
        () -> {
          leases.close();
          writers.close();
          cluster.close();
        });
  }
}
