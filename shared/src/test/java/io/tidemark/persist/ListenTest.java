package io.tidemark.persist;

import static io.tidemark.persist.ShardFixture.assertSame;
import static io.tidemark.persist.ShardFixture.inlineAppend;
import static io.tidemark.persist.ShardFixture.large;
import static io.tidemark.persist.ShardFixture.range;
import static io.tidemark.persist.ShardFixture.rows;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.tidemark.persist.BatchBuilder.Times;
import io.tidemark.persist.ListenEvent.Progress;
import io.tidemark.persist.ListenEvent.Updates;
import io.tidemark.persist.part.PartReader;
import io.tidemark.progress.Antichain;
import io.tidemark.row.UpdateBlock;
import io.tidemark.row.UpdateBlockBuilder;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ListenTest {

  private final ShardFixture shard = new ShardFixture(new Bounds().mergeInlineBatches(5));
  private final List<UpdateBlock> seen = new ArrayList<>();

  private static ReadHandle reader(ShardFixture of, Shard opened) {
    return of.world.result(opened.openReader("a test"));
  }

  private Listen listen(long asOf) {
    return shard.world.result(reader(shard, shard.open()).listen(asOf));
  }

  /** Takes events until the frontier has come so far. */
  @CanIgnoreReturnValue
  private static List<UpdateBlock> until(
      ShardFixture of, Listen listen, Antichain frontier, List<UpdateBlock> into) {
    while (listen.frontier().lessThan(frontier)) {
      ListenEvent event = of.world.result(listen.next());
      if (event instanceof Updates updates) {
        into.add(updates.block());
        assertTrue(listen.frontier().lessEqual(updates.block().minTime()), "not before frontier");
      } else {
        assertEquals(new Progress(listen.frontier()), event);
      }
    }
    return into;
  }

  @Test
  void shouldReturnWhatCameAfterATimeAndThenHowFarThatIs() {
    WriteHandle writer = shard.startEpoch();
    shard.append(writer, inlineAppend(0, 5, rows(1, 1), rows(3, 2), rows(4, 3)));
    Listen listen = listen(3);

    assertEquals(Antichain.of(4), listen.frontier());
    Updates updates = assertInstanceOf(Updates.class, shard.world.result(listen.next()));
    assertSame(List.of(rows(4, 3)), List.of(updates.block()));
    assertEquals(new Progress(Antichain.of(5)), shard.world.result(listen.next()));
    assertEquals(Antichain.of(5), listen.frontier());
  }

  @Test
  void shouldReturnEverythingFromTheBeginning() {
    WriteHandle writer = shard.startEpoch();
    shard.append(writer, inlineAppend(0, 5, rows(0, 1), rows(3, 2)));

    until(shard, listen(-1), Antichain.of(5), seen);

    assertSame(List.of(rows(0, 1), rows(3, 2)), seen);
  }

  @Test
  void shouldReturnOnlyProgressForBatchesWithoutUpdates() {
    WriteHandle writer = shard.startEpoch();
    Listen listen = listen(-1);
    shard.append(writer, Append.of(Batch.empty(range(0, 3))));

    assertEquals(new Progress(Antichain.of(3)), shard.world.result(listen.next()));
    shard.append(writer, Append.of(Batch.empty(range(3, 7))));
    assertEquals(new Progress(Antichain.of(7)), shard.world.result(listen.next()));
  }

  @Test
  void shouldWaitForWhatAnotherProcessCommits() {
    WriteHandle writer = shard.startEpoch();
    Listen listen = listen(-1);
    Future<ListenEvent> next = listen.next();
    shard.world.advance(10_000);
    assertFalse(next.isComplete());

    shard.append(writer, inlineAppend(0, 5, rows(1, 1)));
    shard.world.advance(2 * ReadOptions.DEFAULTS.maxPollMillis());

    assertTrue(next.succeeded(), "the store is looked at now and then");
  }

  @Test
  void shouldLookAtOnceWhenItIsWoken() {
    WriteHandle writer = shard.startEpoch();
    Listen listen = listen(-1);
    Future<ListenEvent> next = listen.next();
    shard.world.advance(10_000);
    shard.append(writer, inlineAppend(0, 5, rows(1, 1)));

    listen.wake();
    shard.world.advance(0);

    assertTrue(next.succeeded());
  }

  @Test
  void shouldLookAtOnceWhenItWasWokenBeforeItWaited() {
    WriteHandle writer = shard.startEpoch();
    Listen listen = listen(-1);
    shard.append(writer, inlineAppend(0, 5, rows(1, 1)));
    listen.wake();

    Future<ListenEvent> next = listen.next();
    shard.world.advance(0);

    assertTrue(next.succeeded());
  }

  @Test
  void shouldHearAtOnceOfWhatItsOwnShardCommits() {
    Shard opened = shard.open();
    WriteHandle writer = shard.world.result(opened.startEpoch());
    Listen listen = shard.world.result(reader(shard, opened).listen(-1));
    Future<ListenEvent> next = listen.next();
    shard.append(writer, inlineAppend(0, 5, rows(1, 1)));

    shard.world.advance(0);

    assertTrue(next.succeeded());
  }

  @Test
  void shouldEndOnceTheShardIsSealed() {
    WriteHandle writer = shard.startEpoch();
    Listen listen = listen(-1);
    shard.append(writer, inlineAppend(0, 5, rows(1, 1)));
    shard.append(
        writer, new Append(Antichain.of(5), Antichain.empty(), List.of(), Map.of(), Map.of()));

    until(shard, listen, Antichain.empty(), seen);

    assertSame(List.of(rows(1, 1)), seen);
    assertEquals(new Progress(Antichain.empty()), shard.world.result(listen.next()));
    assertEquals(new Progress(Antichain.empty()), shard.world.result(listen.next()));
  }

  @Test
  void shouldReturnNothingTwiceAlthoughBatchesBecomeOne() {
    List<UpdateBlock> expected = new ArrayList<>();
    WriteHandle writer = shard.startEpoch();
    Listen listen = listen(-1);
    for (int i = 0; i < 42; i++) {
      UpdateBlock block = rows(i, i, i + 1000);
      expected.add(block);
      shard.append(writer, inlineAppend(i, i + 1, block));
      shard.world.advance(100);
      if (i % 3 == 0) {
        until(shard, listen, Antichain.of(i + 1), seen);
      }
    }
    until(shard, listen, Antichain.of(42), seen);

    assertTrue(shard.state().trace().size() < 42, "batches were merged");
    assertSame(expected, seen);
  }

  @Test
  void shouldReturnAHugeBatchInBlocks() {
    ShardFixture huge = new ShardFixture(new Bounds().partBytes(200 << 10));
    WriteHandle writer = huge.startEpoch();
    BatchBuilder builder =
        new BatchBuilder(writer.target(), Antichain.minimum(), Times.GIVEN, released -> {});
    List<Future<Void>> added = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      UpdateBlockBuilder block = new UpdateBlockBuilder(ShardFixture.SCHEMA);
      for (int row = 0; row < 20_000; row++) {
        block.int64(0, row).string(1, "r" + row);
        block.row(4, 1);
      }
      added.add(builder.add(block.build()));
    }
    added.forEach(huge.world::result);
    huge.append(writer, Append.of(huge.world.result(builder.cut(range(0, 5)))));
    assertTrue(huge.state().trace().parts() > 3);
    Listen listen = huge.world.result(reader(huge, huge.open()).listen(-1));

    long total = 0;
    for (UpdateBlock block : until(huge, listen, Antichain.of(5), seen)) {
      assertTrue(block.size() <= PartReader.BLOCK_UPDATES);
      total += block.size();
    }

    assertEquals(200_000, total);
  }

  @Test
  void shouldKeepItsSinceOneStepBehind() {
    WriteHandle writer = shard.startEpoch();
    Shard opened = shard.open();
    ReadHandle reader = reader(shard, opened);
    Listen listen = shard.world.result(reader.listen(-1));
    for (long from = 0; from < 40; from += 10) {
      shard.append(writer, inlineAppend(from, from + 10, rows(from, 1)));
    }

    until(shard, listen, Antichain.of(20), seen);
    assertEquals(Antichain.of(10), reader.since());
    until(shard, listen, Antichain.of(40), seen);
    assertEquals(Antichain.of(30), reader.since());
    shard.world.advance(ReadOptions.DEFAULTS.updateMillis() + 1);
    assertEquals(Antichain.of(30), shard.state().readers().values().iterator().next().since());
    assertEquals(Antichain.minimum(), shard.state().since(), "nobody has said that it may go");
  }

  @Test
  void shouldSayWhichPartIsMissing() {
    WriteHandle writer = shard.startEpoch();
    Append append =
        Append.of(ReadHandleTest.hollow(shard, writer, range(0, 5), large(1, 7, 100_000)));
    shard.append(writer, append);
    Listen listen = listen(-1);
    String key = shard.blob.parts(shard.id).get(0);
    shard.world.result(shard.blob.delete(key));

    CorruptShardException missing = shard.world.failure(CorruptShardException.class, listen.next());

    assertTrue(missing.getMessage().contains(key), missing.getMessage());
    assertTrue(missing.getMessage().contains("(a test)"), missing.getMessage());
    shard.world.failure(CorruptShardException.class, listen.next());
  }

  @Test
  void shouldFailOnceItsLeaseIsLost() {
    WriteHandle writer = shard.startEpoch();
    Shard asleep = shard.open();
    ReadHandle reader = reader(shard, asleep);
    Listen listen = shard.world.result(reader.listen(-1));
    Future<ListenEvent> next = listen.next();
    ReadHandleTest.expireAll(shard);
    shard.append(writer, inlineAppend(0, 5, rows(1, 1)));
    listen.wake();

    LeaseExpiredException lost = shard.world.failure(LeaseExpiredException.class, next);

    assertTrue(lost.getMessage().contains("open a new reader"), lost.getMessage());
    shard.world.failure(LeaseExpiredException.class, listen.next());
    shard.world.failure(LeaseExpiredException.class, reader.listen(3));
  }

  @Test
  void shouldNotTakeForDamageWhatHasChangedSinceItsLeaseWasLost() {
    WriteHandle writer = shard.startEpoch();
    Shard asleep = shard.open();
    Future<ListenEvent> next = shard.world.result(reader(shard, asleep).listen(-1)).next();
    ReadHandleTest.expireAll(shard);
    shard.append(writer, inlineAppend(0, 5, rows(1, 1)));
    shard.append(writer, inlineAppend(5, 10, rows(6, 1)));
    shard.moveSince(7);
    writer = shard.startEpoch();
    shard.append(writer, inlineAppend(10, 15, rows(11, 1)));
    shard.world.result(writer.compact());

    shard.world.result(asleep.refresh());

    shard.world.failure(LeaseExpiredException.class, next);
  }

  @Test
  void shouldFailWhoWaitsWhenItIsClosed() {
    shard.startEpoch();
    Shard opened = shard.open();
    ReadHandle reader = reader(shard, opened);
    Listen listen = shard.world.result(reader.listen(-1));
    Future<ListenEvent> next = listen.next();
    assertThrows(IllegalStateException.class, listen::next);

    listen.close();

    shard.world.failure(IllegalStateException.class, next);
    Listen other = shard.world.result(reader.listen(-1));
    Future<ListenEvent> waiting = other.next();
    shard.world.result(reader.close());
    shard.world.failure(IllegalStateException.class, waiting);
    assertEquals(0, shard.state().readers().size());
  }
}
