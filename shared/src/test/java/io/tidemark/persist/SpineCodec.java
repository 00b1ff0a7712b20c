package io.tidemark.persist;

import io.tidemark.row.Column;
import io.tidemark.row.ColumnType;
import io.tidemark.row.Schema;
import java.util.List;
import java.util.Map;

/** Takes a spine through the bytes of a rollup. */
final class SpineCodec {

  private static final ShardId SHARD = new ShardId("s" + "0".repeat(32));
  private static final Schema SCHEMA = Schema.of(Column.required("id", ColumnType.INT64));

  private SpineCodec() {}

  /** The spine that a process reads which opens the shard now. */
  static Spine throughBytes(Spine spine) {
    ShardState.Contents contents =
        new ShardState.Contents(
            StateDiff.FORMAT,
            SHARD,
            SCHEMA,
            1,
            1,
            spine.since(),
            1,
            null,
            Map.of(),
            Map.of(),
            Map.of(),
            spine.batches(),
            Map.of(),
            Map.of(),
            List.of(),
            spine.shape(),
            List.of());
    ShardState.Contents read = StateCodec.decodeState(SHARD, StateCodec.encode(contents));
    if (read.spine() == null) {
      throw new AssertionError("the shape is missing");
    }
    return new Spine(read.spine(), read.batches(), read.since());
  }
}
