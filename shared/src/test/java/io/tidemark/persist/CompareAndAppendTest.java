package io.tidemark.persist;

import static io.tidemark.persist.ShardFixture.inlineAppend;
import static io.tidemark.persist.ShardFixture.range;
import static io.tidemark.persist.ShardFixture.rows;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.tidemark.persist.AppendOutcome.Committed;
import io.tidemark.persist.AppendOutcome.Fenced;
import io.tidemark.persist.AppendOutcome.InlineBackpressure;
import io.tidemark.persist.AppendOutcome.SequenceMismatch;
import io.tidemark.persist.AppendOutcome.UpperMismatch;
import io.tidemark.persist.InvalidUsageException.Rule;
import io.tidemark.progress.Antichain;
import io.tidemark.row.UpdateBlock;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CompareAndAppendTest {

  private static final String TOKEN = "i1";

  private final ShardFixture shard =
      new ShardFixture(new Bounds().inlineTotalBytes(1 << 16).mergeInlineBytes(1 << 16));
  private final WriterId writer = WriterId.random(shard.world.environment().entropy());
  private final ShardState state =
      new ShardState(shard.id, ShardFixture.SCHEMA, 0, new Rollup(0, shard.id + "/0/r", 1, 1));

  @CanIgnoreReturnValue
  private AppendOutcome decide(String token, Append append) {
    return decide(token, append, state.wallMillis() + 1);
  }

  @CanIgnoreReturnValue
  private AppendOutcome decide(String token, Append append, long wallMillis) {
    Command.Decision<AppendOutcome> decision =
        new CompareAndAppend(writer, token, append, shard.options).decide(state, wallMillis);
    if (decision instanceof Command.Commit<AppendOutcome> commit) {
      state.apply(commit.changes().build(state.seqno() + 1, wallMillis, state.rollup()));
    }
    return decision.result();
  }

  private void register(WriterId id) {
    Command.Commit<?> commit =
        (Command.Commit<?>)
            new StartEpoch(id, StartEpoch.Succession.OF_ANY).decide(state, state.wallMillis() + 1);
    state.apply(commit.changes().build(state.seqno() + 1, state.wallMillis() + 1, state.rollup()));
  }

  private static Append append(long lower, long upper, List<Part> parts, Map<String, Advance> by) {
    return new Append(Antichain.of(lower), Antichain.of(upper), parts, by, Map.of());
  }

  private static Map<String, Advance> advance(String producer, long first, long last) {
    return Map.of(producer, new Advance(first, last, 3, 4, "x"));
  }

  /** Breaks every rule at once: the answer says which is looked at first. */
  private static Append wrongInEveryWay() {
    return append(9, 2, List.of(inline(rows(3, 1))), advance("p", 7, 7));
  }

  @Test
  void shouldLookAtTheFenceFirst() {
    assertEquals(new Fenced(0), decide(TOKEN, wrongInEveryWay()));
    register(writer);
    WriterId newer = WriterId.random(shard.world.environment().entropy());
    register(newer);

    assertEquals(new Fenced(2), decide(TOKEN, wrongInEveryWay()));
    assertEquals(2, state.seqno());
  }

  @Test
  void shouldLookAtTheBoundsBeforeTheTokenAndTheUpper() {
    register(writer);
    decide(TOKEN, append(0, 5, List.of(), Map.of()));

    InvalidUsageException bounds =
        assertThrows(InvalidUsageException.class, () -> decide(TOKEN, wrongInEveryWay()));
    InvalidUsageException noTime =
        assertThrows(
            InvalidUsageException.class,
            () -> decide(TOKEN, append(9, 9, List.of(inline(rows(9, 1))), Map.of())));

    assertEquals(Rule.BOUNDS, bounds.rule());
    assertEquals("upper {2} lies before lower {9}", bounds.getMessage());
    assertEquals(Rule.EMPTY_TIME_INTERVAL, noTime.rule());
  }

  @Test
  void shouldLookAtTheTokenBeforeTheUpperAndTheSequence() {
    register(writer);
    Append append = append(0, 5, List.of(inline(rows(1, 1))), advance("p", 1, 2));
    assertEquals(new Committed(Antichain.of(5)), decide(TOKEN, append));

    assertEquals(new Committed(Antichain.of(5)), decide(TOKEN, append));

    assertEquals(2, state.seqno(), "the second time changes nothing");
    assertEquals(1, state.trace().updates());
    assertEquals(2, state.positions().get("p").sequence());
  }

  @Test
  void shouldLookAtTheUpperBeforeTheSequence() {
    register(writer);

    assertEquals(
        new UpperMismatch(Antichain.of(3), Antichain.minimum()),
        decide(TOKEN, append(3, 5, List.of(inline(rows(3, 1))), advance("p", 7, 7))));
  }

  @Test
  void shouldLookAtTheSequenceBeforeTheInlineBytes() {
    register(writer);
    UpdateBlock large = ShardFixture.large(1, 1, 1 << 17);

    assertEquals(
        new SequenceMismatch("p", 0, 7),
        decide(TOKEN, append(0, 5, List.of(inline(large)), advance("p", 7, 7))));
    assertEquals(
        new InlineBackpressure(),
        decide(TOKEN, append(0, 5, List.of(inline(large)), advance("p", 1, 7))));
    assertEquals(1, state.seqno());
  }

  @Test
  void shouldCarryFewerInlineBytesThanTheBound() {
    register(writer);
    long bound = shard.options.inlineTotalBytes();
    long at = 0;
    AppendOutcome outcome;
    do {
      outcome = decide("i" + at, inlineAppend(at, at + 1, ShardFixture.large(at, 1, 5000)));
      at++;
      assertTrue(state.trace().inlineBytes() < bound);
    } while (outcome instanceof Committed);

    assertInstanceOf(InlineBackpressure.class, outcome);
    assertTrue(state.trace().inlineBytes() > bound - 6000);
    assertInstanceOf(Committed.class, decide("empty", append(at - 1, at, List.of(), Map.of())));
  }

  @Test
  void shouldMoveProducersOnlyInTheSameStepAsTheirUpdates() {
    register(writer);
    Append first = append(0, 5, List.of(inline(rows(1, 1))), advance("p", 1, 3));
    assertEquals(new Committed(Antichain.of(5)), decide("i1", first));
    Position position = state.positions().get("p");
    assertEquals(new Position(3, 3, 4, "x", position.touchedMillis()), position);

    for (long wrong : new long[] {1, 2, 3, 5}) {
      assertEquals(
          new SequenceMismatch("p", 3, wrong),
          decide("i2", append(5, 6, List.of(), advance("p", wrong, wrong + 1))));
    }
    decide("i3", append(5, 6, List.of(), advance("p", 4, 4)));
    assertEquals(4, state.positions().get("p").sequence());
    assertEquals(6, state.positions().get("p").updates());
    assertEquals(Antichain.of(6), state.upper());
  }

  @Test
  void shouldRefuseAllProducersIfOneDoesNotFollow() {
    register(writer);
    Map<String, Advance> advances =
        Map.of("a", new Advance(1, 1, 1, 1, ""), "b", new Advance(2, 2, 1, 1, ""));

    assertEquals(new SequenceMismatch("b", 0, 2), decide("i1", append(0, 5, List.of(), advances)));
    assertEquals(Map.of(), state.positions());
  }

  @Test
  void shouldCommitABatchWithoutUpdates() {
    register(writer);

    decide("i1", append(0, 5, List.of(), Map.of()));
    decide("i2", append(5, 8, List.of(), Map.of()));

    assertEquals(Antichain.of(8), state.upper());
    assertEquals(List.of(Batch.empty(range(0, 8))), state.trace().batches());
  }

  @Test
  void shouldCommitOffsetsForARangeThatHoldsNoTime() {
    register(writer);
    Append append =
        new Append(
            Antichain.minimum(), Antichain.minimum(), List.of(), Map.of(), Map.of("0", "{}"));

    assertEquals(new Committed(Antichain.minimum()), decide("i1", append));
    assertEquals(Map.of("0", "{}"), state.offsets());
    assertEquals(0, state.trace().size());
  }

  @Test
  void shouldTakeNoUpdatesOnceItIsSealed() {
    register(writer);
    Append seal =
        new Append(
            Antichain.minimum(),
            Antichain.empty(),
            List.of(inline(rows(1, 1))),
            Map.of(),
            Map.of());
    assertEquals(new Committed(Antichain.empty()), decide("i1", seal));

    assertEquals(
        new UpperMismatch(Antichain.of(5), Antichain.empty()),
        decide("i2", append(5, 6, List.of(inline(rows(5, 1))), Map.of())));
    assertEquals(new UpperMismatch(Antichain.minimum(), Antichain.empty()), decide("i3", seal));
    InvalidUsageException after =
        assertThrows(
            InvalidUsageException.class,
            () ->
                decide(
                    "i4",
                    new Append(
                        Antichain.empty(), Antichain.empty(), seal.parts(), Map.of(), Map.of())));
    assertEquals(Rule.EMPTY_TIME_INTERVAL, after.rule());
    assertEquals(1, state.trace().updates());
  }

  @Test
  void shouldForgetAFewIdleProducersWithEachAppend() {
    register(writer);
    long retention = shard.options.producerRetentionMillis();
    int idle = CompareAndAppend.MAX_FORGOTTEN + 3;
    for (int i = 0; i < idle; i++) {
      decide("i" + i, append(i, i + 1, List.of(), advance("idle" + i, 1, 1)), 100 + i);
    }

    decide("a", append(idle, idle + 1, List.of(), advance("idle0", 2, 2)), 100 + retention);
    assertEquals(idle, state.positions().size(), "none is idle for longer yet");
    decide("b", append(idle + 1, idle + 2, List.of(), advance("idle1", 2, 2)), 900 + retention);

    assertEquals(idle - (CompareAndAppend.MAX_FORGOTTEN - 1), state.positions().size());
    assertEquals(2, state.positions().get("idle0").sequence());
    assertEquals(2, state.positions().get("idle1").sequence());
    decide("c", append(idle + 2, idle + 3, List.of(), Map.of()), 901 + retention);
    assertEquals(List.of("idle0", "idle1"), List.copyOf(state.positions().keySet()));
    assertEquals(
        new SequenceMismatch("idle7", 0, 2),
        decide("d", append(idle + 3, idle + 4, List.of(), advance("idle7", 2, 2))));
  }

  @Test
  void shouldRefuseRangesOfMessagesThatAreNone() {
    assertThrows(IllegalArgumentException.class, () -> new Advance(0, 1, 1, 1, ""));
    assertThrows(IllegalArgumentException.class, () -> new Advance(2, 1, 1, 1, ""));
    Advance first = new Advance(1, 2, 3, 4, "a");
    assertThrows(IllegalArgumentException.class, () -> first.then(new Advance(4, 4, 1, 1, "b")));
    assertEquals(new Advance(1, 4, 5, 9, "b"), first.then(new Advance(3, 4, 2, 8, "b")).at(9));
  }

  @Test
  void shouldRefuseAPartThatReachesOutOfItsBatch() {
    for (long[] bounds : new long[][] {{0, 5}, {5, 9}}) {
      Append append = append(3, 7, List.of(inline(rows(bounds[0], 1), bounds)), Map.of());
      InvalidUsageException outside = assertThrows(InvalidUsageException.class, append::batch);
      assertEquals(Rule.BATCH_BOUNDS, outside.rule());
    }
    assertFalse(append(3, 7, List.of(inline(rows(3, 1))), Map.of()).batch().parts().isEmpty());
  }

  private static Part inline(UpdateBlock block, long... bounds) {
    Part.Inline part = ShardFixture.inline(block);
    return bounds.length == 0
        ? part
        : new Part.Inline(part.block(), part.updates(), range(bounds[0], bounds[1]), null);
  }
}
