package io.tidemark.lease;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.util.function.Supplier;

/** Deploys verticles. */
public interface Deployer {

  /** Deploys one verticle, on a context of its own. */
  Future<Deployment> deploy(VerticleBase verticle);

  /** Takes a deployment back. */
  interface Deployment extends Supplier<Future<Void>> {}
}
