package io.tidemark.persist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.Seeds;
import io.tidemark.environment.SimulatedWorld;
import io.tidemark.location.Consensus.Version;
import io.tidemark.location.memory.MemoryBlob;
import io.tidemark.location.memory.MemoryConsensus;
import io.vertx.core.Future;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Whatever bytes a store returns: they are what was written, or a CorruptShardException. */
class StateFuzzTest {

  /** The versions of a random shard, and its states. */
  private record History(ShardId id, List<byte[]> diffs, List<byte[]> states) {}

  private static History history(long seed) {
    RandomShard commands = new RandomShard(seed);
    ShardId id = commands.id();
    ShardState state = new ShardState(id, commands.schema(), 0, new Rollup(0, id + "/0/r", 1, 1));
    History history = new History(id, new ArrayList<>(), new ArrayList<>());
    for (int i = 1; i < 30; i++) {
      if (commands.command(state).decide(state, i) instanceof Command.Commit<?> commit) {
        StateDiff diff = commit.changes().build(state.seqno() + 1, i, state.rollup());
        state.apply(diff);
        history.diffs.add(StateCodec.encode(diff));
      }
    }
    history.states.add(StateCodec.encode(state.contents()));
    return history;
  }

  @Test
  void shouldRefuseEveryTruncation() {
    History history = history(1);
    byte[] state = history.states.get(0);
    for (int length = 0; length < state.length; length += 1 + length / 500) {
      byte[] cut = Arrays.copyOf(state, length);
      assertThrows(CorruptShardException.class, () -> StateCodec.decodeState(history.id, cut));
    }
    for (byte[] diff : history.diffs) {
      for (int length = 0; length < diff.length; length += 1 + length / 200) {
        byte[] cut = Arrays.copyOf(diff, length);
        assertThrows(CorruptShardException.class, () -> StateCodec.decodeDiff(history.id, cut));
      }
    }
  }

  @Test
  void shouldRefuseWhatFollowsTheEnd() {
    History history = history(1);
    byte[] state = history.states.get(0);
    byte[] longer = Arrays.copyOf(state, state.length + 1);

    assertThrows(CorruptShardException.class, () -> StateCodec.decodeState(history.id, longer));
  }

  @Test
  void shouldSayThatNothingIsThere() {
    ShardId id = history(1).id;
    byte[] nothing = {(byte) 0xf6};

    CorruptShardException empty =
        assertThrows(CorruptShardException.class, () -> StateCodec.decodeDiff(id, nothing));

    assertEquals("shard " + id + ": its state is empty", empty.getMessage());
    assertNull(empty.getCause());
  }

  @Test
  void shouldRefuseANewerFormat() throws IOException {
    History history = history(1);
    ObjectNode tree = (ObjectNode) Cbor.mapper().readTree(history.diffs.get(0));
    byte[] newer = Cbor.mapper().writeValueAsBytes(tree.put("format", StateDiff.FORMAT + 1));

    CorruptShardException refused =
        assertThrows(CorruptShardException.class, () -> StateCodec.decodeDiff(history.id, newer));

    assertTrue(refused.getMessage().contains("use the newer version"), refused.getMessage());
  }

  @Test
  void shouldSkipNamesThatItDoesNotKnow() throws IOException {
    History history = history(1);
    byte[] diff = history.diffs.get(0);
    ObjectNode tree = (ObjectNode) Cbor.mapper().readTree(diff);
    tree.putObject("later").putArray("more").add(1);

    byte[] extended = Cbor.mapper().writeValueAsBytes(tree);

    assertEquals(
        StateCodec.decodeDiff(history.id, diff).seqno(),
        StateCodec.decodeDiff(history.id, extended).seqno());
  }

  @Test
  void shouldRefuseTheStateOfAnotherShard() {
    History history = history(1);
    ShardId other = history(2).id;

    CorruptShardException refused =
        assertThrows(
            CorruptShardException.class,
            () -> StateCodec.decodeState(other, history.states.get(0)));

    assertTrue(refused.getMessage().contains(history.id.text()), refused.getMessage());
  }

  @Test
  void shouldDecodeDamagedBytesOrSayThatTheyAre() {
    Seeds.forEach(40, this::survivesDamage);
  }

  private void survivesDamage(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    History history = history(seed);
    for (int i = 0; i < 40; i++) {
      byte[] state = damaged(history.states.get(0), random);
      byte[] diff = damaged(history.diffs.get(random.nextInt(history.diffs.size())), random);
      useState(history.id, state);
      useDiff(history.id, diff);
    }
  }

  @Test
  void shouldDecodeWhatMissesSomethingOrSayThatItDoes() {
    Seeds.forEach(3, this::survivesHoles);
  }

  private void survivesHoles(long seed) {
    History history = history(seed);
    try {
      for (byte[] diff : history.diffs) {
        for (byte[] without : eachWithout(diff)) {
          useDiff(history.id, without);
        }
      }
      for (byte[] without : eachWithout(history.states.get(0))) {
        useState(history.id, without);
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** The same value, each time without another one of its fields, or with null for it. */
  private static List<byte[]> eachWithout(byte[] value) throws IOException {
    List<byte[]> all = new ArrayList<>();
    int nodes = count(Cbor.mapper().readTree(value));
    for (int i = 0; i < nodes; i += 1 + nodes / 100) {
      JsonNode removed = Cbor.mapper().readTree(value);
      assertTrue(change(removed, new int[] {i}, false));
      all.add(Cbor.mapper().writeValueAsBytes(removed));
      JsonNode nulled = Cbor.mapper().readTree(value);
      assertTrue(change(nulled, new int[] {i}, true));
      all.add(Cbor.mapper().writeValueAsBytes(nulled));
    }
    return all;
  }

  private static int count(JsonNode node) {
    int sum = 0;
    for (JsonNode child : node) {
      sum += (node.isObject() ? 1 : 0) + count(child);
    }
    return sum;
  }

  private static boolean change(JsonNode node, int[] left, boolean toNull) {
    List<String> names = new ArrayList<>();
    node.fieldNames().forEachRemaining(names::add);
    for (String name : names) {
      if (left[0]-- == 0) {
        if (toNull) {
          ((ObjectNode) node).putNull(name);
        } else {
          ((ObjectNode) node).remove(name);
        }
        return true;
      }
      if (change(node.get(name), left, toNull)) {
        return true;
      }
    }
    if (node.isArray()) {
      for (JsonNode child : node) {
        if (change(child, left, toNull)) {
          return true;
        }
      }
    }
    return false;
  }

  private static byte[] damaged(byte[] bytes, SplittableRandom random) {
    byte[] damaged = bytes.clone();
    for (int i = random.nextInt(1, 5); i > 0; i--) {
      int at = random.nextInt(damaged.length);
      switch (random.nextInt(4)) {
        case 0 -> damaged[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> damaged[at] = (byte) random.nextInt(256);
        case 2 -> damaged = Arrays.copyOf(damaged, Math.max(1, at));
        default -> {
          int from = random.nextInt(damaged.length);
          int length = Math.min(random.nextInt(20), damaged.length - Math.max(from, at));
          System.arraycopy(damaged, from, damaged, at, length);
        }
      }
    }
    return damaged;
  }

  /** A damaged diff is refused when it is decoded, or applied, or by what it then names. */
  private static void useDiff(ShardId id, byte[] bytes) {
    StateDiff diff;
    try {
      diff = StateCodec.decodeDiff(id, bytes);
    } catch (CorruptShardException e) {
      return;
    }
    ShardState state =
        new ShardState(
            id, ShardFixture.SCHEMA, diff.wallMillis() - 1, new Rollup(0, id + "/0/r", 1, 1));
    try {
      state.apply(diff);
    } catch (CorruptShardException e) {
      return;
    } finally {
      openFrom(id, bytes);
    }
    assertEquals(state.trace().size(), state.contents().batches().size());
  }

  /** What opens a shard whose only version is this one: a state, or a clear failure. */
  private static void openFrom(ShardId id, byte[] version) {
    SimulatedWorld world = new SimulatedWorld(1);
    MemoryConsensus consensus = new MemoryConsensus();
    world.result(consensus.compareAndSet(id.text(), new Version(0, version)));
    StateLoader loader = new StateLoader(id, new MemoryBlob(), consensus, world.environment());
    Future<StateLoader.Loaded> opened = loader.reload();
    world.failure(CorruptShardException.class, opened);
  }

  private static void useState(ShardId id, byte[] bytes) {
    try {
      ShardState.Contents contents = StateCodec.decodeState(id, bytes);
      ShardState state = new ShardState(contents, new Rollup(0, id + "/0/r", 1, 1));
      assertEquals(state.trace().size(), state.contents().batches().size());
    } catch (CorruptShardException e) {
      assertFalse(e.getMessage().isEmpty());
    }
  }
}
