package io.tidemark.persist;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.Seeds;
import io.tidemark.environment.SimulatedWorld;
import io.tidemark.location.memory.MemoryBlob;
import io.tidemark.location.memory.MemoryConsensus;
import io.tidemark.persist.EvolveOutcome.Evolved;
import io.tidemark.progress.Antichain;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The state of a shard is the same however it came to be: live, from diffs, or from a rollup. */
class StateMachineTest {

  private static final int SEEDS = 100;
  private static final int COMMANDS = 40;

  @Test
  void shouldHoldTheSameStateHoweverItIsLoaded() {
    Seeds.forEach(SEEDS, this::holdsTheSameState);
  }

  @Test
  void shouldNeverMoveSinceOrWhatIsHeldBack() {
    Seeds.forEach(SEEDS, this::movesNothingBack);
  }

  private void movesNothingBack(long seed) {
    RandomShard commands = new RandomShard(seed);
    ShardId id = commands.id();
    ShardState state = new ShardState(id, commands.schema(), 0, new Rollup(0, id + "/r", 1, 1));
    for (long wallMillis = 1; wallMillis < 200; wallMillis++) {
      Antichain since = state.since();
      long seqnoSince = state.seqnoSince();
      boolean dropped = state.isTombstone();
      VersionedSchema schema = state.schemas().newest();
      Map<ReaderId, ReaderState> readers = Map.copyOf(state.readers());
      Command<?> command = commands.command(state);
      if (!(command.decide(state, wallMillis) instanceof Command.Commit<?> commit)) {
        continue;
      }
      assertTrue(!dropped || command instanceof AddRollup, "a dropped shard changes no more");
      state.apply(commit.changes().build(state.seqno() + 1, wallMillis, state.rollup()));
      assertTrue(since.lessEqual(state.since()));
      assertTrue(seqnoSince <= state.seqnoSince());
      assertTrue(state.schema().extendsFrom(schema.schema()));
      assertEquals(!schema.equals(state.schemas().newest()), commit.result() instanceof Evolved);
      assertTrue(state.since().lessEqual(state.upper()));
      if (command instanceof ExpireReaders) {
        assertEquals(since, state.since(), "expiry alone moves no since");
      }
      boolean moved = since.lessThan(state.since());
      if (moved && !state.isTombstone()) {
        state.readers().values().forEach(r -> assertTrue(state.since().lessEqual(r.since())));
        state.sinces().values().forEach(s -> assertTrue(state.since().lessEqual(s.since())));
      }
      assertTrue(
          !moved || state.isTombstone() || !state.sinces().isEmpty(), "nobody said it may move");
      readers.forEach(
          (reader, before) -> {
            ReaderState after = state.reader(reader);
            assertTrue(after == null || before.seqno() <= after.seqno());
          });
    }
  }

  private void holdsTheSameState(long seed) {
    RandomShard commands = new RandomShard(seed);
    ShardId id = commands.id();
    ShardState live = new ShardState(id, commands.schema(), 0, new Rollup(0, id + "/r", 1, 1));
    ShardState follower = copy(live);
    long wallMillis = 0;
    for (int i = 0; i < COMMANDS; i++) {
      Command.Decision<?> decision;
      byte[] before = StateCodec.encode(live.contents());
      wallMillis += commands.random().nextInt(1, 20);
      decision = commands.command(live).decide(live, wallMillis);
      assertArrayEquals(before, StateCodec.encode(live.contents()), "a decision changes nothing");
      if (decision instanceof Command.Commit<?> commit) {
        StateDiff diff = commit.changes().build(live.seqno() + 1, wallMillis, live.rollup());
        byte[] encoded = StateCodec.encode(diff);
        StateDiff decoded = StateCodec.decodeDiff(id, encoded);
        assertArrayEquals(encoded, StateCodec.encode(decoded), "a diff changes on the way");
        live.apply(diff);
        follower.apply(decoded);
        assertSame(live, follower);
        assertInvariants(live);
      }
      if (commands.random().nextInt(10) == 0) {
        follower = copy(live);
        assertSame(live, follower);
      }
    }
    assertTrue(live.seqno() > COMMANDS / 4, "most commands take effect");
  }

  private static ShardState copy(ShardState state) {
    byte[] encoded = StateCodec.encode(state.contents());
    return new ShardState(StateCodec.decodeState(state.shard(), encoded), state.rollup());
  }

  /** Compares what would be written: it has everything, orders too. */
  private static void assertSame(ShardState expected, ShardState actual) {
    assertArrayEquals(StateCodec.encode(expected.contents()), StateCodec.encode(actual.contents()));
    assertEquals(expected.rollup(), actual.rollup());
    assertEquals(expected.trace().inlineBytes(), actual.trace().inlineBytes());
    assertEquals(expected.trace().inlineBatches(), actual.trace().inlineBatches());
    assertEquals(expected.trace().runs(), actual.trace().runs());
    assertEquals(expected.trace().hollowBytes(), actual.trace().hollowBytes());
    assertEquals(expected.trace().parts(), actual.trace().parts());
    assertEquals(expected.trace().updates(), actual.trace().updates());
  }

  private static void assertInvariants(ShardState state) {
    Antichain at = Antichain.minimum();
    long inlineBytes = 0;
    int inlineBatches = 0;
    long runs = 0;
    List<Batch> batches = state.trace().batches();
    for (int i = 0; i < batches.size(); i++) {
      assertEquals(at, batches.get(i).description().lower(), "batches tile the shard");
      at = batches.get(i).description().upper();
      inlineBytes += batches.get(i).inlineBytes();
      inlineBatches += batches.get(i).inlineBytes() > 0 ? 1 : 0;
      runs += batches.get(i).runs();
    }
    assertEquals(at, state.upper());
    assertEquals(inlineBytes, state.trace().inlineBytes());
    assertEquals(inlineBatches, state.trace().inlineBatches());
    assertEquals(runs, state.trace().runs());
    assertTrue(state.since().lessEqual(state.upper()));
    state.writers().values().forEach(writer -> assertEquals(state.epoch(), writer.epoch()));
    assertTrue(state.seqnoSince() <= state.seqno());
    assertFalse(state.rollups().isEmpty(), "a state names a rollup");
    if (!state.isTombstone()) {
      state.readers().values().forEach(r -> assertTrue(r.seqno() >= state.seqnoSince()));
    }
    long touched = 0;
    for (Position position : state.positions().values()) {
      assertTrue(position.touchedMillis() >= touched, "the longest idle producer is first");
      touched = position.touchedMillis();
    }
  }

  @Test
  void shouldLoadFromTheStoresWhatTheLiveMachineHolds() {
    Seeds.forEach(SEEDS, this::loadsWhatIsLive);
  }

  private void loadsWhatIsLive(long seed) {
    RandomShard commands = new RandomShard(seed);
    SimulatedWorld world = new SimulatedWorld(seed);
    MemoryBlob blob = new MemoryBlob();
    MemoryConsensus consensus = new MemoryConsensus();
    StateLoader loader = new StateLoader(commands.id(), blob, consensus, world.environment());
    StateLoader.Loaded loaded = world.result(loader.open(commands.schema()));
    Machine machine =
        new Machine(
            loader, loaded, consensus, world.environment(), PersistOptions.DEFAULTS.retry());
    StateLoader.Loaded lagging = world.result(loader.reload());
    for (int i = 0; i < COMMANDS; i++) {
      world.advance(commands.random().nextInt(20));
      Command<?> command = commands.command(machine.state());
      if (!(command instanceof AddRollup)) {
        world.result(machine.apply(command));
      } else {
        rollUp(loader, machine, blob, world);
        if (commands.random().nextBoolean()) {
          world.result(consensus.truncate(commands.id().text(), machine.state().seqno()));
        }
      }
      if (commands.random().nextInt(8) == 0) {
        world.result(loader.catchUp(lagging));
        assertSame(machine.state(), lagging.state());
        assertSame(machine.state(), world.result(loader.reload()).state());
      }
    }
    assertSame(machine.state(), world.result(loader.reload()).state());
    assertSame(machine.state(), world.result(loader.catchUp(lagging)).state());
    assertEquals(new TreeMap<>(machine.state().offsets()), machine.state().offsets());
  }

  private static void rollUp(
      StateLoader loader, Machine machine, MemoryBlob blob, SimulatedWorld world) {
    ShardState.Contents contents = machine.state().contents();
    byte[] encoded = StateCodec.encode(contents);
    String key = loader.rollupKey(contents.seqno());
    world.result(blob.set(key, encoded));
    Rollup rollup = new Rollup(contents.seqno(), key, encoded.length, StateLoader.crc32c(encoded));
    boolean newer = rollup.seqno() > machine.state().rollup().seqno();
    assertEquals(newer, world.result(machine.apply(new AddRollup(rollup))));
    if (newer) {
      assertEquals(0, machine.diffBytesSinceRollup());
    }
  }

  @Test
  void shouldReadMoreVersionsThanOnePageHas() {
    RandomShard commands = new RandomShard(5);
    SimulatedWorld world = new SimulatedWorld(5);
    MemoryConsensus consensus = new MemoryConsensus();
    StateLoader loader =
        new StateLoader(commands.id(), new MemoryBlob(), consensus, world.environment());
    StateLoader.Loaded loaded = world.result(loader.open(commands.schema()));
    Machine machine =
        new Machine(
            loader, loaded, consensus, world.environment(), PersistOptions.DEFAULTS.retry());
    for (int epoch = 1; epoch <= 2 * StateLoader.PAGE; epoch++) {
      WriterId writer = WriterId.random(world.environment().entropy());
      assertEquals(
          epoch,
          world
              .result(machine.apply(new StartEpoch(writer, StartEpoch.Succession.OF_ANY)))
              .epoch());
    }

    ShardState reloaded = world.result(loader.reload()).state();

    assertEquals(2 * StateLoader.PAGE, reloaded.seqno());
    assertSame(machine.state(), reloaded);
  }

  @Test
  void shouldBeginWithNothing() {
    ShardFixture shard = new ShardFixture(new Bounds());
    Shard opened = shard.open();

    ShardState state = shard.state();
    assertEquals(0, state.seqno());
    assertEquals(Antichain.minimum(), state.upper());
    assertEquals(Antichain.minimum(), state.since());
    assertEquals(0, state.epoch());
    assertNull(state.writer(WriterId.random(shard.world.environment().entropy())));
    assertEquals(ShardFixture.SCHEMA, opened.schema());
    assertEquals(0, opened.summary().batches());
  }
}
