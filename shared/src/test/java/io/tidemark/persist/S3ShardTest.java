package io.tidemark.persist;

import static io.tidemark.persist.ShardFixture.SCHEMA;
import static io.tidemark.persist.ShardFixture.inlineAppend;
import static io.tidemark.persist.ShardFixture.rows;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.tidemark.environment.Loop;
import io.tidemark.location.Await;
import io.tidemark.location.s3.S3Blob;
import io.tidemark.location.s3.S3Consensus;
import io.tidemark.location.s3.S3Fixture;
import io.tidemark.location.s3.S3Location;
import io.tidemark.persist.AppendOutcome.Committed;
import io.tidemark.progress.Antichain;
import io.tidemark.row.UpdateBlock;
import io.vertx.core.Context;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A whole shard with nothing but a bucket. */
class S3ShardTest {

  @TempDir Path spill;

  private final S3Location location = S3Fixture.location(S3Fixture.freshBucket(), "node");
  private final S3Blob blob = S3Blob.open(location);
  private final S3Consensus consensus = S3Consensus.open(location, S3Fixture.environment());
  private final PersistOptions options = new Bounds().rollups(5, 10).mergeInlineBatches(8).build();
  private final ShardId id = ShardId.random(S3Fixture.environment().entropy());
  private final Context context = S3Fixture.vertx().getOrCreateContext();

  @AfterEach
  void close() {
    consensus.close();
    blob.close();
  }

  @CanIgnoreReturnValue
  private <T> T result(Supplier<Future<T>> call) {
    return Await.resultOn(context, call);
  }

  /** Opens the shard anew, as another process would. */
  private Shard open() {
    return result(
        () ->
            new PersistClient(blob, consensus, options).open(id, SCHEMA, S3Fixture.environment()));
  }

  private List<UpdateBlock> contents() {
    Shard shard = open();
    List<UpdateBlock> blocks = new ArrayList<>();
    Snapshot snapshot =
        result(
            () ->
                shard.snapshot(OptionalLong.empty(), new SnapshotOptions(1 << 20, spill, 100, 0)));
    result(
        () ->
            Loop.whileTrue(() -> snapshot.next().map(block -> add(block, blocks)))
                .eventually(snapshot::close));
    return blocks;
  }

  private static boolean add(Optional<UpdateBlock> block, List<UpdateBlock> blocks) {
    block.ifPresent(blocks::add);
    return block.isPresent();
  }

  @Test
  void shouldAppendReopenReadAndBeTruncated() {
    Shard shard = open();
    WriteHandle writer = result(shard::startEpoch);
    for (int time = 0; time < 30; time++) {
      Append append = inlineAppend(time, time + 1, rows(time, time));
      assertEquals(
          new Committed(Antichain.of(time + 1)), result(() -> writer.compareAndAppend(append)));
    }
    assertEquals(30, rowsOf(contents()));

    Shard reopened = open();
    long head = reopened.summary().seqno();
    StateLoader loader = new StateLoader(id, blob, consensus, S3Fixture.environment());
    long rollup = result(loader::reload).state().rollup().seqno();
    assertTrue(rollup > 0 && rollup <= head, rollup + " of " + head);
    // Some may have been collected beside the appends.
    long removed = result(() -> consensus.truncate(id.text(), rollup));
    assertTrue(removed <= rollup, removed + " removed before " + rollup);
    assertEquals(rollup, result(() -> consensus.scan(id.text(), 0, 1)).get(0).seqno());

    assertEquals(30, rowsOf(contents()));
    WriteHandle next = result(open()::startEpoch);
    assertEquals(
        new Committed(Antichain.of(31)),
        result(() -> next.compareAndAppend(inlineAppend(30, 31, rows(30, 30)))));
    AppendOutcome fenced =
        result(() -> writer.compareAndAppend(inlineAppend(31, 32, rows(31, 31))));
    assertTrue(!(fenced instanceof Committed), fenced.toString());
    assertEquals(31, rowsOf(contents()));
  }

  private static int rowsOf(List<UpdateBlock> blocks) {
    return blocks.stream().mapToInt(UpdateBlock::size).sum();
  }
}
