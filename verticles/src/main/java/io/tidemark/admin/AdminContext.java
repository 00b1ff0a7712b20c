package io.tidemark.admin;

import io.tidemark.environment.Environment;
import io.tidemark.mint.Writers;
import io.tidemark.persist.PersistClient;
import io.tidemark.protocol.Bus;
import io.vertx.core.Future;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * What the admin verticle is given.
 *
 * @param membership who is there, as far as this node knows
 * @param readyMillis how long a creation waits until the collection takes rows
 */
public record AdminContext(
    Environment environment,
    Bus bus,
    PersistClient persist,
    Writers writers,
    Supplier<Future<Membership>> membership,
    long readyMillis) {

  /**
   * The nodes, and what they do.
   *
   * @param cluster what tells the cluster from others
   * @param node the one that answers
   * @param nodes all of them, in order
   * @param coordinators the node that coordinates each collection, by collection
   */
  public record Membership(
      String cluster, String node, List<String> nodes, Map<String, String> coordinators) {

    /** That of a node that is not clustered. */
    public static Membership alone(String node, Set<String> collections) {
      return new Membership(
          node,
          node,
          List.of(node),
          collections.stream().collect(Collectors.toMap(name -> name, name -> node)));
    }
  }
}
