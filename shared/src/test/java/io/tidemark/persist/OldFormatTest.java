package io.tidemark.persist;

import static io.tidemark.persist.ShardFixture.range;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.progress.Antichain;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** States that were written before the trace was a spine: it was a list of batches then. */
class OldFormatTest {

  private final ShardFixture shard = new ShardFixture(new Bounds());
  private final Rollup rollup = new Rollup(0, shard.id + "/0/r", 1, 1);

  private Batch batch(long lower, long upper, String key, long updates) {
    Part part = new Part.Hollow(shard.id + "/" + key, 1, 1, updates, range(lower, upper), null);
    return new Batch(range(lower, upper), updates == 0 ? List.of() : List.of(part));
  }

  /** The state of some batches as format 1 had it. */
  private ShardState oldState(Batch... batches) throws IOException {
    ShardState empty = new ShardState(shard.id, ShardFixture.SCHEMA, 1, rollup);
    ObjectNode old = tree(StateCodec.encode(empty.contents()));
    old.put("format", 1);
    old.remove("spine");
    for (Batch batch : batches) {
      old.withArray("batches").add(Cbor.mapper().valueToTree(batch));
    }
    byte[] encoded = Cbor.mapper().writeValueAsBytes(old);
    return new ShardState(StateCodec.decodeState(shard.id, encoded), rollup);
  }

  private static ObjectNode tree(byte[] encoded) throws IOException {
    return (ObjectNode) Cbor.mapper().readTree(encoded);
  }

  /** A merge as format 1 had it: the range and the number of what goes, and what comes. */
  private StateDiff oldMerge(ShardState state, int count, Batch batch) throws IOException {
    StateDiff none =
        new StateDiff.Builder().build(state.seqno() + 1, state.wallMillis() + 1, rollup);
    ObjectNode old = tree(StateCodec.encode(none));
    old.put("format", 1);
    ObjectNode merged = old.putObject("merged");
    merged.set("replaced", Cbor.mapper().valueToTree(batch.description()));
    merged.put("batches", count);
    merged.set("batch", Cbor.mapper().valueToTree(batch));
    return StateCodec.decodeDiff(shard.id, Cbor.mapper().writeValueAsBytes(old));
  }

  @Test
  void shouldPushTheBatchesOfAListInOrder() throws IOException {
    ShardState state =
        oldState(
            batch(0, 1, "a", 4), batch(1, 2, "b", 0), batch(2, 3, "c", 2), batch(3, 5, "d", 2));

    Spine pushed = new Spine();
    state.trace().batches().forEach(pushed::push);
    assertEquals(pushed.shape(), state.trace().shape());
    assertEquals(Antichain.of(5), state.upper());
    assertEquals(8, state.trace().updates());
    assertEquals(3, state.trace().runs());
  }

  @Test
  void shouldApplyAMergeThatNamesItsRangeAlone() throws IOException {
    List<Batch> batches = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      batches.add(batch(i, i + 1, "p" + i, i % 4));
    }
    ShardState state = oldState(batches.toArray(new Batch[0]));
    Batch result = batch(2, 7, "m", 8);

    state.apply(oldMerge(state, 5, result));

    List<String> keys = state.trace().batches().stream().flatMap(b -> b.keys().stream()).toList();
    String prefix = shard.id + "/";
    assertEquals(List.of(prefix + "p1", prefix + "m", prefix + "p7"), keys);
    assertEquals(1 + 8 + 3, state.trace().updates());
    assertEquals(3, state.trace().parts());
    ShardState reloaded =
        new ShardState(
            StateCodec.decodeState(shard.id, StateCodec.encode(state.contents())), rollup);
    assertEquals(state.trace().shape(), reloaded.trace().shape());
    assertEquals(2, state.contents().format());
  }

  @Test
  void shouldRefuseAMergeOfAnotherRange() throws IOException {
    ShardState state = oldState(batch(0, 4, "a", 4), batch(4, 8, "b", 4));
    StateDiff merge = oldMerge(state, 1, batch(2, 8, "m", 4));

    CorruptShardException refused =
        assertThrows(CorruptShardException.class, () -> state.apply(merge));

    assertTrue(refused.getMessage().contains("batch"), refused.getMessage());
  }
}
