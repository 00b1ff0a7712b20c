package io.tidemark.catalog;

import io.tidemark.persist.ShardId;
import io.tidemark.protocol.FailureCode;
import io.tidemark.protocol.Mode;
import io.tidemark.protocol.RefusedException;
import io.tidemark.row.Schema;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A collection as it is listed.
 *
 * @param schema its columns; the shard, which has the newest, may be ahead for a moment
 * @param partitions into how many partitions its sources are divided; 1 in ingest mode
 * @param shard the shard that holds it
 * @param retention how far back it stays readable; missing in lists of before there was any: then
 *     for ever
 * @param after its epochs come after this one; missing where nothing had been dropped yet: then 0
 */
public record CollectionSpec(
    String name,
    Schema schema,
    Mode mode,
    int partitions,
    ShardId shard,
    Retention retention,
    Long after) {

  /** The most partitions of a collection. */
  public static final int MAX_PARTITIONS = 1024;

  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_-]{0,62}");

  /** Names that would meet the addresses of Tidemark itself. */
  private static final Set<String> RESERVED = Set.of("admin", "internal");

  public CollectionSpec {
    retention = retention == null ? Retention.FOREVER : retention;
    after = after == null ? 0L : after;
  }

  /** The same with another retention. */
  public CollectionSpec with(Retention changed) {
    return new CollectionSpec(name, schema, mode, partitions, shard, changed, after);
  }

  /** The same, with epochs that come after {@code epoch}. */
  CollectionSpec after(long epoch) {
    return new CollectionSpec(name, schema, mode, partitions, shard, retention, epoch);
  }

  /** The same with the columns that its shard has; unless that is another one, or was behind. */
  public CollectionSpec following(ShardId of, Schema newest) {
    return shard.equals(of) && newest.extendsFrom(schema)
        ? new CollectionSpec(name, newest, mode, partitions, shard, retention, after)
        : this;
  }

  /**
   * Checks what a user asks for.
   *
   * @throws RefusedException with {@link FailureCode#INVALID_ROW}
   */
  public static void check(String name, Mode mode, int partitions) {
    if (!NAME.matcher(name).matches() || RESERVED.contains(name)) {
      throw new RefusedException(
          FailureCode.INVALID_ROW,
          "'"
              + name
              + "' cannot name a collection: use a small letter, then up to 62 small letters,"
              + " digits, '_' or '-', and neither 'admin' nor 'internal'");
    }
    if (partitions < 1 || partitions > MAX_PARTITIONS) {
      throw new RefusedException(
          FailureCode.INVALID_ROW,
          "a collection has 1 to " + MAX_PARTITIONS + " partitions, not " + partitions);
    }
    if (mode == Mode.INGEST && partitions != 1) {
      throw new RefusedException(
          FailureCode.INVALID_ROW, "only a collection in source mode has partitions");
    }
  }
}
