package io.tidemark.persist;

import io.tidemark.environment.Environment;
import io.vertx.core.Future;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What the readers of one shard share.
 *
 * @param objects gets an object from the blob store, and tries again where that helps
 */
record ReadContext(
    Machine machine,
    ShardWatch watch,
    Leases leases,
    Environment environment,
    Function<String, Future<Optional<byte[]>>> objects) {

  ShardState state() {
    return machine.state();
  }

  /** Reads the parts that a lease keeps; one that is missing all the same says why it may be. */
  Parts parts(Lease lease, Lease.SeqnoPin pin) {
    return new Parts(
        state().shard(),
        state().schemas(),
        key -> objects.apply(key).compose(found -> present(lease, pin, key, found)),
        environment.offload());
  }

  private Future<Optional<byte[]>> present(
      Lease lease, Lease.SeqnoPin pin, String key, Optional<byte[]> found) {
    return found.isPresent()
        ? Future.succeededFuture(found)
        : machine.refresh().transform(seen -> missing(lease, pin, key, seen.cause()));
  }

  private Future<Optional<byte[]>> missing(
      Lease lease, Lease.SeqnoPin pin, String key, @Nullable Throwable cause) {
    try {
      lease.check();
    } catch (RuntimeException e) {
      return Future.failedFuture(e);
    }
    return Future.failedFuture(
        new CorruptShardException(
            "shard "
                + state().shard()
                + ": part "
                + key
                + " is missing from the blob store, although "
                + lease
                + " holds version "
                + pin.seqno()
                + " and its lease is not over: restore the object",
            cause));
  }
}
