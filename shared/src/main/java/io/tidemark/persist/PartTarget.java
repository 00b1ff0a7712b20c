package io.tidemark.persist;

import io.tidemark.environment.CrashPoint;
import io.tidemark.environment.Environment;
import io.tidemark.environment.Retry;
import io.tidemark.location.Blob;
import io.tidemark.location.ExternalException;
import io.tidemark.persist.part.EncodedPart;
import io.tidemark.row.Schema;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where one writer puts its parts: {@code <shard>/<writer>/<part>}. That the writer's id is in the
 * key is what makes garbage provable: once the writer is not registered any more, what the state
 * does not name never will be named.
 */
public record PartTarget(
    Blob blob,
    ShardId shard,
    WriterId writer,
    VersionedSchema registered,
    Environment environment,
    PersistOptions options) {

  private static final Logger log = LoggerFactory.getLogger(PartTarget.class);

  /** The columns of the parts. */
  public Schema schema() {
    return registered.schema();
  }

  /** The prefix of the keys of a writer's parts. */
  static String prefix(ShardId shard, WriterId writer) {
    return shard + "/" + writer + "/";
  }

  /** Stores a part durably under a new key, and returns the key. Tries again within the policy. */
  Future<String> upload(EncodedPart part) {
    String key = prefix(shard, writer) + "p" + environment.entropy().nextId() + ".parquet";
    return Retry.of(
            environment, options.retry(), ExternalException.class::isInstance, () -> put(key, part))
        .map(key);
  }

  private Future<Void> put(String key, EncodedPart part) {
    Future<Void> stored = blob.set(key, part.file());
    CrashPoint.W3.reached(environment);
    return stored;
  }

  /** Deletes parts that nothing can name any more, as far as the store lets it. */
  Future<Void> delete(List<String> keys) {
    List<Future<OptionalLong>> deletes = new ArrayList<>();
    for (String key : keys) {
      deletes.add(
          blob.delete(key)
              .onFailure(e -> log.warn("shard {}: part {} was not deleted", shard, key, e)));
    }
    return Future.join(deletes).otherwiseEmpty().mapEmpty();
  }
}
