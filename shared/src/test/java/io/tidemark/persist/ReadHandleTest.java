package io.tidemark.persist;

import static io.tidemark.persist.ShardFixture.assertSame;
import static io.tidemark.persist.ShardFixture.inlineAppend;
import static io.tidemark.persist.ShardFixture.rows;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.tidemark.environment.Loop;
import io.tidemark.location.DeterminateException;
import io.tidemark.persist.BatchBuilder.Times;
import io.tidemark.persist.ListenEvent.Progress;
import io.tidemark.progress.Antichain;
import io.tidemark.progress.BatchDescription;
import io.tidemark.row.UpdateBlock;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadHandleTest {

  @TempDir Path spill;

  private final ShardFixture shard = new ShardFixture(new Bounds());
  private final WriteHandle writer = shard.startEpoch();

  private SnapshotOptions options() {
    return new SnapshotOptions(1 << 20, spill, 100, 0);
  }

  /** A batch whose blocks are in parts. */
  static Batch hollow(
      ShardFixture of, WriteHandle writer, BatchDescription range, UpdateBlock... blocks) {
    BatchBuilder builder =
        new BatchBuilder(writer.target(), range.lower(), Times.GIVEN, released -> {});
    for (UpdateBlock block : blocks) {
      of.world.result(builder.add(block));
    }
    of.world.result(builder.spill());
    return of.world.result(builder.cut(range));
  }

  /** Takes every reader away, as if none had been heard of for long. */
  static void expireAll(ShardFixture of) {
    Map<ReaderId, ReaderState> readers = of.state().readers();
    Command<Boolean> expire =
        (state, wallMillis) -> {
          StateDiff.Builder changes = new StateDiff.Builder();
          readers.keySet().forEach(changes::removeReader);
          return new Command.Commit<>(changes, true);
        };
    of.world.result(machine(of).apply(expire));
  }

  /** A machine of its own, as another process has it. */
  static Machine machine(ShardFixture of) {
    StateLoader loader = new StateLoader(of.id, of.blob, of.consensus, of.world.environment());
    return new Machine(
        loader,
        of.world.result(loader.reload()),
        of.consensus,
        of.world.environment(),
        of.options.retry());
  }

  @CanIgnoreReturnValue
  static List<UpdateBlock> drain(ShardFixture of, Snapshot snapshot) {
    List<UpdateBlock> blocks = new ArrayList<>();
    of.world.result(
        Loop.whileTrue(
            () ->
                snapshot
                    .next()
                    .map(
                        block -> {
                          block.ifPresent(blocks::add);
                          return block.isPresent();
                        })));
    of.world.result(snapshot.close());
    return blocks;
  }

  @Test
  void shouldRegisterWithTheSinceOfTheShardAndItsNewVersion() {
    ReadHandle reader = shard.world.result(shard.open().openReader("x".repeat(500)));

    ShardState state = shard.state();
    ReaderState registered = state.readers().values().iterator().next();
    assertEquals(state.seqno(), registered.seqno());
    assertEquals(Antichain.minimum(), registered.since());
    assertEquals(state.wallMillis(), registered.renewedMillis());
    assertEquals(Leases.MAX_PURPOSE, registered.purpose().length());
    assertEquals(Antichain.minimum(), reader.since());
  }

  @Test
  void shouldOpenAndCloseManyInFewVersions() {
    Shard opened = shard.open();
    long before = shard.state().seqno();
    List<Future<ReadHandle>> opening = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      opening.add(opened.openReader("reader " + i));
    }
    opening.forEach(shard.world::result);
    assertEquals(100, shard.state().readers().size());
    List<Future<Void>> closing = new ArrayList<>();
    opening.forEach(each -> closing.add(each.result().close()));
    closing.forEach(shard.world::result);

    assertEquals(0, shard.state().readers().size());
    assertTrue(shard.state().seqno() <= before + 4, "versions " + shard.state().seqno());
  }

  @Test
  void shouldRenewLeasesSeldomAndInTime() {
    Shard opened = shard.open();
    for (int i = 0; i < 10; i++) {
      shard.world.result(opened.openReader("reader " + i));
    }
    long before = shard.state().seqno();
    Machine others = machine(shard);
    for (int minute = 0; minute < 120; minute++) {
      shard.world.advance(60_000);
      shard.world.result(others.apply(new ExpireReaders()));
    }

    assertEquals(10, shard.state().readers().size());
    long versions = shard.state().seqno() - before;
    assertTrue(versions >= 32 && versions <= 48, "in two hours " + versions + " versions");
  }

  @Test
  void shouldCommitWishesTogetherAndNotOften() {
    Shard opened = shard.open();
    shard.append(writer, inlineAppend(0, 1000, rows(1, 1)));
    List<ReadHandle> readers = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      readers.add(shard.world.result(opened.openReader("reader " + i)));
    }
    long before = shard.state().seqno();
    List<Future<Void>> wishes = new ArrayList<>();
    for (int time = 0; time < 500; time++) {
      for (ReadHandle reader : readers) {
        wishes.add(reader.downgradeSince(Antichain.of(time)));
      }
      shard.world.advance(20);
    }
    wishes.forEach(shard.world::result);

    assertTrue(shard.state().seqno() - before <= 4, "versions in ten seconds");
    shard.state().readers().values().forEach(r -> assertEquals(Antichain.of(499), r.since()));
  }

  @Test
  void shouldMoveNothingBack() {
    ReadHandle reader = shard.world.result(shard.open().openReader("a test"));
    shard.world.result(reader.downgradeSince(Antichain.of(7)));
    shard.world.result(reader.downgradeSince(Antichain.of(3)));

    assertEquals(Antichain.of(7), reader.since());
    assertEquals(Antichain.of(7), shard.state().readers().values().iterator().next().since());
    shard.world.failure(UnreadableTimeException.class, reader.listen(6));
    shard.world.failure(
        UnreadableTimeException.class, reader.snapshot(OptionalLong.of(6), options()));
    shard.world.failure(UnreadableTimeException.class, reader.listen(-1));
    shard.world.result(reader.listen(7));
  }

  @Test
  void shouldRefuseMoreReadersThanAShardHas() {
    Shard opened = shard.open();
    List<Future<ReadHandle>> opening = new ArrayList<>();
    for (int i = 0; i < UpdateReaders.MAX_READERS; i++) {
      opening.add(opened.openReader("reader " + i));
    }
    opening.forEach(shard.world::result);

    shard.world.failure(DeterminateException.class, opened.openReader("one more"));
    DeterminateException refused =
        shard.world.failure(DeterminateException.class, shard.open().openReader("elsewhere"));

    assertTrue(refused.getMessage().contains("has 1024 readers"), refused.getMessage());
    assertEquals(UpdateReaders.MAX_READERS, shard.state().readers().size());
  }

  @Test
  void shouldHoldTheVersionThatIsBeingRead() {
    ReadHandle reader = shard.world.result(shard.open().openReader("a test"));
    Snapshot snapshot = shard.world.result(reader.snapshot(OptionalLong.empty(), options()));
    long reading = shard.state().seqno();
    for (int i = 0; i < 5; i++) {
      shard.append(writer, inlineAppend(i, i + 1, rows(i, i)));
    }
    shard.world.result(reader.downgradeSince(Antichain.of(1)));
    assertEquals(reading, shard.state().seqnoSince());

    drain(shard, snapshot);
    shard.world.result(reader.downgradeSince(Antichain.of(2)));

    assertEquals(shard.state().seqno(), shard.state().seqnoSince());
  }

  @Test
  void shouldLeaseASnapshotUntilItIsClosed() {
    shard.append(writer, inlineAppend(0, 5, rows(1, 1, 2)));
    Snapshot snapshot = shard.world.result(shard.open().snapshot(OptionalLong.empty(), options()));
    assertEquals(1, shard.state().readers().size());

    assertSame(List.of(rows(4, 1, 2)), drain(shard, snapshot));
    shard.world.advance(10);

    assertEquals(0, shard.state().readers().size());
  }

  @Test
  void shouldSubscribeWithoutAGapOrARepeat() {
    shard.append(writer, inlineAppend(0, 5, rows(1, 1, 2)));
    ReadHandle reader = shard.world.result(shard.open().openReader("a test"));
    Subscription subscription =
        shard.world.result(reader.subscribe(OptionalLong.empty(), options()));
    shard.append(writer, inlineAppend(5, 9, rows(6, 3)));

    assertSame(List.of(rows(4, 1, 2)), drain(shard, subscription.snapshot()));
    ListenEvent event = shard.world.result(subscription.listen().next());
    assertSame(List.of(rows(6, 3)), List.of(((ListenEvent.Updates) event).block()));
    assertEquals(new Progress(Antichain.of(9)), shard.world.result(subscription.listen().next()));
  }

  @Test
  void shouldSubscribeToAShardThatHoldsNothingYet() {
    ReadHandle reader = shard.world.result(shard.open().openReader("a test"));
    Subscription subscription =
        shard.world.result(reader.subscribe(OptionalLong.empty(), options()));
    shard.append(writer, inlineAppend(0, 1, rows(0, 3)));

    assertSame(List.of(), drain(shard, subscription.snapshot()));
    ListenEvent event = shard.world.result(subscription.listen().next());
    assertSame(List.of(rows(0, 3)), List.of(((ListenEvent.Updates) event).block()));
  }
}
