package io.tidemark.write;

import io.tidemark.client.SessionSettings;
import io.tidemark.persist.ShardId;
import io.tidemark.persist.VersionedSchema;
import io.tidemark.persist.WriterId;
import io.tidemark.progress.Antichain;
import io.tidemark.progress.BatchDescription;
import io.tidemark.protocol.Messages.Join;
import io.tidemark.protocol.Messages.Numbered;
import io.tidemark.protocol.Mode;
import io.tidemark.row.Column;
import io.tidemark.row.ColumnType;
import io.tidemark.row.Schema;
import io.tidemark.row.UpdateBlock;
import io.tidemark.row.UpdateBlockBuilder;
import java.util.Map;

/** Epochs and rows for the tests of writers. */
final class Epochs {

  static final Schema SCHEMA = Schema.of(Column.required("id", ColumnType.INT64));

  /** At most 4 producers, 3 early messages for 100 ms. */
  static final WriterSettings SETTINGS =
      new WriterSettings(
          1 << 16, 1 << 17, 4, 3, 100, 50, 100, new SessionSettings(1, 1, 1, 1, 1, 1));

  private Epochs() {}

  static Join ingest(long upper) {
    return join(Mode.INGEST, Antichain.of(upper), 1, Map.of());
  }

  static Join source(Antichain upper, int partitions, Map<String, String> offsets) {
    return join(Mode.SOURCE, upper, partitions, offsets);
  }

  private static Join join(
      Mode mode, Antichain upper, int partitions, Map<String, String> offsets) {
    return new Join(
        "orders",
        7,
        ShardId.random(() -> 1),
        WriterId.random(() -> 1),
        upper,
        VersionedSchema.first(SCHEMA),
        mode,
        partitions,
        offsets,
        "c");
  }

  static Numbered numbered(long number, long lower, long upper) {
    return new Numbered(number, new BatchDescription(Antichain.of(lower), Antichain.of(upper)));
  }

  /** A row at each of some times. */
  static UpdateBlock at(long... times) {
    UpdateBlockBuilder block = new UpdateBlockBuilder(SCHEMA);
    for (long time : times) {
      block.int64(0, time);
      block.row(time, 1);
    }
    return block.build();
  }
}
