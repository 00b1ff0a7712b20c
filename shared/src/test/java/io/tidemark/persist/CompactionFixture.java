package io.tidemark.persist;

import static io.tidemark.persist.ShardFixture.inlineAppend;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.row.UpdateBlock;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;

/** A shard that is appended to, and what was written to it. */
abstract class CompactionFixture {

  @TempDir Path spill;

  final List<UpdateBlock> written = new ArrayList<>();
  long at;

  /** Everything is compacted as soon as it can be, in the least memory. */
  final CompactionOptions eager() {
    return new CompactionOptions(true, 2, 2, 1, 256 << 10, spill, 90_000);
  }

  final CompactionOptions onDemand() {
    return eager().onDemand();
  }

  final void append(ShardFixture shard, WriteHandle writer, UpdateBlock... blocks) {
    written.addAll(List.of(blocks));
    AppendOutcome outcome = shard.append(writer, inlineAppend(at, at + 1, blocks));
    assertTrue(outcome instanceof AppendOutcome.Committed, () -> "" + outcome);
    at++;
  }
}
