package io.tidemark.lease;

import io.tidemark.catalog.CollectionSpec;
import io.tidemark.lease.Deployer.Deployment;
import io.tidemark.lease.Leases.Lease;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A collection that is coordinated here, or for which that is being tried. */
final class Coordination {

  final String name;
  final List<Deployment> deployments = new ArrayList<>();

  /** As the list said last; append, which has a thread of its own, looks at it. */
  volatile CollectionSpec collection;

  /** Completes once mint has nothing open any more. */
  final Promise<Void> finished = Promise.promise();

  @Nullable Lease lease;
  boolean ended;

  /** Whether somebody else coordinates: then nothing is to be finished here. */
  boolean surrendered;

  /** Whether the lease became free while this was on its way here, or away. */
  boolean again;

  Coordination(CollectionSpec collection) {
    this.name = collection.name();
    this.collection = collection;
  }

  boolean mayCoordinate() {
    return !surrendered && lease != null && lease.isHeld();
  }
}
