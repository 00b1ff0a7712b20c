package io.tidemark.persist;

import io.tidemark.environment.Environment;
import io.tidemark.environment.Retry;
import io.tidemark.location.Blob;
import io.tidemark.location.ExternalException;
import io.vertx.core.Future;

/** Writes the whole state as it is now, then makes it the newest rollup. */
final class RollUp {

  private final Machine machine;
  private final StateLoader loader;
  private final Blob blob;
  private final Environment environment;
  private final Retry.Policy retry;

  RollUp(
      Machine machine, StateLoader loader, Blob blob, Environment environment, Retry.Policy retry) {
    this.machine = machine;
    this.loader = loader;
    this.blob = blob;
    this.environment = environment;
    this.retry = retry;
  }

  /**
   * Does it. One that somebody else's was newer than is an object that nothing names.
   *
   * @param stored is run when the object is written, and the state does not name it yet
   * @return whether the state names it
   */
  Future<Boolean> run(Runnable stored) {
    ShardState.Contents contents = machine.state().contents();
    String key = loader.rollupKey(contents.seqno());
    return environment
        .offload()
        .call(() -> StateCodec.encode(contents))
        .compose(encoded -> store(contents.seqno(), key, encoded))
        .compose(
            rollup -> {
              stored.run();
              return machine.apply(new AddRollup(rollup));
            });
  }

  private Future<Rollup> store(long seqno, String key, byte[] encoded) {
    return Retry.of(
            environment, retry, ExternalException.class::isInstance, () -> blob.set(key, encoded))
        .map(done -> new Rollup(seqno, key, encoded.length, StateLoader.crc32c(encoded)));
  }
}
