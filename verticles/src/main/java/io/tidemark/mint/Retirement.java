package io.tidemark.mint;

import io.tidemark.protocol.Addresses;
import io.tidemark.protocol.Bus;
import io.tidemark.protocol.Messages.Retire;
import io.vertx.core.Future;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The first step of a node's orderly leave. A node that stops does, in this order:
 *
 * <ol>
 *   <li>this: none of its writers is listed any more, so that the next epochs begin without them.
 *       If nobody else is listed, nobody could take over: then they take no more in, and wait until
 *       what they took is committed, while there is somebody who commits it;
 *   <li>stops what it coordinates ({@code LeaseVerticle}): what is described is committed, the
 *       leases are released, and others begin epochs at once;
 *   <li>stops its writers ({@code WriteVerticle}), which serve until their epochs are over.
 * </ol>
 */
public final class Retirement {

  private static final Logger log = LoggerFactory.getLogger(Retirement.class);

  private Retirement() {}

  /**
   * Takes the writers of this node off the list.
   *
   * @param ids all writers of the node
   * @param millis how long they may take until what they took is durable
   * @return never fails; what did not work is logged
   */
  public static Future<Void> begin(Bus bus, Writers writers, List<String> ids, long millis) {
    return Future.join(ids.stream().map(writers::unregister).toList())
        .transform(unlisted -> writers.list())
        .compose(others -> others.isEmpty() ? retire(bus, ids, millis) : Future.succeededFuture())
        .onFailure(e -> log.warn("writers were not taken off the list cleanly", e))
        .otherwiseEmpty();
  }

  private static Future<Void> retire(Bus bus, List<String> ids, long millis) {
    return Future.join(
            ids.stream()
                .map(id -> bus.request(Addresses.writer(id), new Retire(), millis))
                .toList())
        .mapEmpty();
  }
}
