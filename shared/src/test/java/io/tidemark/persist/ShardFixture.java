package io.tidemark.persist;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.tidemark.environment.SimulatedWorld;
import io.tidemark.location.Blob;
import io.tidemark.location.Consensus;
import io.tidemark.location.memory.MemoryConsensus;
import io.tidemark.progress.Antichain;
import io.tidemark.progress.BatchDescription;
import io.tidemark.row.BlockCodec;
import io.tidemark.row.Column;
import io.tidemark.row.ColumnType;
import io.tidemark.row.Schema;
import io.tidemark.row.Update;
import io.tidemark.row.UpdateBlock;
import io.tidemark.row.UpdateBlockBuilder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** A shard of two columns over stores in memory, in a world of one thread. */
final class ShardFixture {

  static final Schema SCHEMA =
      Schema.of(
          Column.required("id", ColumnType.INT64), Column.nullable("name", ColumnType.STRING));

  final SimulatedWorld world;
  final WatchedBlob blob = new WatchedBlob();
  final MemoryConsensus consensus = new MemoryConsensus();
  final PersistOptions options;
  final ShardId id;

  ShardFixture(Bounds bounds) {
    this(1, bounds);
  }

  ShardFixture(long seed, Bounds bounds) {
    this.world = new SimulatedWorld(seed);
    this.options = bounds.build();
    this.id = ShardId.random(world.environment().entropy());
  }

  PersistClient client() {
    return client(blob, consensus);
  }

  PersistClient client(Blob over, Consensus and) {
    return new PersistClient(over, and, options);
  }

  /** Opens the shard anew, as another process would. */
  Shard open() {
    return open(client());
  }

  Shard open(PersistClient client) {
    return world.result(client.open(id, SCHEMA, world.environment()));
  }

  @CanIgnoreReturnValue
  WriteHandle startEpoch() {
    return world.result(open().startEpoch());
  }

  /** What the shard holds, straight from the stores. */
  ShardContents contents() {
    return ShardContents.read(client(), id, world.environment());
  }

  /** The state, straight from the stores. */
  ShardState state() {
    StateLoader loader = new StateLoader(id, blob, consensus, world.environment());
    return world.result(loader.reload()).state();
  }

  /** Moves the since, as somebody would for whom nothing earlier need stay. */
  void moveSince(long to) {
    SinceHandle since = world.result(open().openSince("a test", 1));
    assertEquals(true, world.result(since.compareAndDowngradeSince(1, 1, Antichain.of(to))));
    assertEquals(Antichain.of(to), state().since());
  }

  /** A batch, appended. */
  @CanIgnoreReturnValue
  AppendOutcome append(WriteHandle writer, Append append) {
    return world.result(writer.compareAndAppend(append));
  }

  static BatchDescription range(long lower, long upper) {
    return new BatchDescription(Antichain.of(lower), Antichain.of(upper));
  }

  /** Rows with these ids, all at one time. */
  static UpdateBlock rows(long time, long... ids) {
    UpdateBlockBuilder builder = new UpdateBlockBuilder(SCHEMA);
    for (long id : ids) {
      builder.int64(0, id).string(1, "row " + id);
      builder.row(time, 1);
    }
    return builder.build();
  }

  /** One row of about so many bytes, which no compression makes much smaller. */
  static UpdateBlock large(long time, long id, int bytes) {
    UpdateBlockBuilder builder = new UpdateBlockBuilder(SCHEMA);
    builder.int64(0, id).string(1, noise(id, bytes));
    builder.row(time, 1);
    return builder.build();
  }

  private static String noise(long seed, int length) {
    SplittableRandom random = new SplittableRandom(seed);
    StringBuilder text = new StringBuilder(length);
    for (int i = 0; i < length; i++) {
      text.append((char) random.nextInt(' ', 127));
    }
    return text.toString();
  }

  /** One update of a row: how often it appears or disappears. */
  static UpdateBlock change(long time, long id, long diff) {
    UpdateBlockBuilder builder = new UpdateBlockBuilder(SCHEMA);
    builder.int64(0, id);
    builder.row(time, diff);
    return builder.build();
  }

  /** An inline part of a block, with the block's own times for bounds. */
  static Part.Inline inline(UpdateBlock block) {
    return new Part.Inline(
        BlockCodec.encode(block), block.size(), range(block.minTime(), block.maxTime() + 1), null);
  }

  /** An append of inline blocks. */
  static Append inlineAppend(long lower, long upper, UpdateBlock... blocks) {
    List<Part> parts = new ArrayList<>();
    for (UpdateBlock block : blocks) {
      parts.add(inline(block));
    }
    return new Append(Antichain.of(lower), Antichain.of(upper), parts, Map.of(), Map.of());
  }

  /** All updates of some blocks, in an order of their own. */
  static List<Update> updates(List<UpdateBlock> blocks) {
    List<Update> updates = new ArrayList<>();
    blocks.forEach(block -> updates.addAll(Update.listOf(block)));
    updates.sort(Comparator.comparing(Update::toString));
    return updates;
  }

  /** Fails, with the first update that differs, unless the blocks hold the same ones. */
  static void assertSame(List<UpdateBlock> expected, List<UpdateBlock> actual) {
    List<Update> left = updates(expected);
    List<Update> right = updates(actual);
    for (int i = 0; i < Math.min(left.size(), right.size()); i++) {
      assertEquals(left.get(i), right.get(i), "update " + i);
    }
    assertEquals(left.size(), right.size(), "how many updates");
  }
}
