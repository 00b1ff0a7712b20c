package io.tidemark.write;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.progress.Antichain;
import io.tidemark.progress.BatchDescription;
import io.tidemark.protocol.FailureCode;
import io.tidemark.protocol.Messages.Claim;
import io.tidemark.protocol.Messages.ClaimPartition;
import io.tidemark.protocol.Messages.Frontier;
import io.tidemark.protocol.Messages.Numbered;
import io.tidemark.protocol.Messages.SubmitSource;
import io.tidemark.protocol.Messages.Taken;
import io.tidemark.protocol.Rows;
import io.tidemark.row.UpdateBlock;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SourceWriterTest {

  private static final long BUDGET_BYTES = 20_000;

  private final RecordingPort port = new RecordingPort(BUDGET_BYTES);
  private final SourceWriter writer = writer(Antichain.of(10));
  private long session;
  private long last;

  private SourceWriter writer(Antichain upper) {
    return new SourceWriter(
        Epochs.source(upper, 3, Map.of("0", "\"start\"")),
        "w",
        List.of(0, 2),
        Epochs.SETTINGS,
        port);
  }

  @BeforeEach
  void claim() {
    session = claim(writer, "me", 1).result().session();
  }

  private static Outcome<Claim> claim(SourceWriter writer, String instance, long attempt) {
    Outcome<Claim> outcome = new Outcome<>();
    writer.claim(new ClaimPartition("orders", 7, 0, instance, attempt), outcome);
    return outcome;
  }

  private Outcome<Taken> submit(long sequence, UpdateBlock rows, Antichain frontier) {
    return submit(writer, session, sequence, rows, frontier, 0);
  }

  private static Outcome<Taken> submit(
      SourceWriter writer,
      long session,
      long sequence,
      UpdateBlock rows,
      Antichain frontier,
      long nowMillis) {
    Outcome<Taken> outcome = new Outcome<>();
    SubmitSource message =
        new SubmitSource(
            "orders",
            7,
            0,
            session,
            sequence,
            rows == null ? null : Rows.of(rows),
            frontier == null ? null : new Frontier(frontier),
            frontier == null ? null : "\"" + frontier + "\"");
    writer.submit(message, rows, nowMillis, outcome);
    return outcome;
  }

  private Outcome<Taken> send(long... times) {
    return submit(++last, Epochs.at(times), null);
  }

  private Outcome<Taken> advance(long frontier) {
    return submit(++last, null, Antichain.of(frontier));
  }

  private void cutAndCommit(Numbered numbered) {
    writer.described(List.of(numbered));
    writer.committed(numbered.number());
  }

  @Test
  void shouldAnswerUpdatesWhenStagedAndFrontiersWhenTheUpperIsThere() {
    assertEquals(new Taken(Antichain.of(10)), send(10, 15).result());
    Outcome<Taken> frontier = advance(20);
    assertEquals(List.of(Map.of(0, Antichain.of(20), 2, Antichain.of(10))), port.frontiers);
    assertFalse(frontier.isThere());
    cutAndCommit(Epochs.numbered(1, 10, 15));
    assertFalse(frontier.isThere());
    cutAndCommit(Epochs.numbered(2, 15, 25));
    assertEquals(new Taken(Antichain.of(25)), frontier.result());
  }

  @Test
  void shouldNotAnswerUpdatesBeforeTheyAreTaken() {
    port.slow = true;
    Outcome<Taken> outcome = send(10);
    assertFalse(outcome.isThere());
    port.taken.get(0).run();
    assertTrue(outcome.isThere());
  }

  @Test
  void shouldDropUpdatesBelowTheCurrentUpperNotTheOneAtTheStart() {
    assertTrue(send(9, 10, 11).isThere());
    assertEquals(2, port.staged.get(0).size());
    assertEquals(1, writer.skipped());
    Outcome<Taken> unused = advance(30);
    cutAndCommit(Epochs.numbered(1, 10, 30));
    // Replayed: no later description covers these. They must not be kept.
    assertTrue(send(12, 29, 30).isThere());
    assertEquals(1, port.staged.get(1).size());
    assertEquals(30, port.staged.get(1).minTime());
    assertEquals(3, writer.skipped());
  }

  @Test
  void shouldTakeNoMoreMemoryThanThereIsHoweverManyTimes() {
    long time = 10;
    Outcome<Taken> outcome = send(time);
    while (outcome.isThere() && port.budget.heldBytes() + Epochs.at(0).bytes() <= BUDGET_BYTES) {
      assertEquals(Antichain.of(10), outcome.result().upper());
      outcome = send(++time);
    }
    send(time + 1).assertRefused(FailureCode.OVERLOADED, "memory");
    assertTrue(port.budget.heldBytes() <= BUDGET_BYTES);
    last--;
    port.budget.release(port.budget.heldBytes());
    assertTrue(send(time + 1).isThere(), "the same message again");
  }

  @Test
  void shouldCutManyTimesAtOnce() {
    for (long time = 10; time < 60; time++) {
      Outcome<Taken> unused = send(time);
    }
    writer.described(List.of(Epochs.numbered(1, 10, 60)));
    assertEquals(1, port.cuts.size());
  }

  @Test
  void shouldRefuseUpdatesAndFrontiersBehindTheFrontier() {
    Outcome<Taken> unused = advance(20);
    send(19).assertRefused(FailureCode.INVALID_ROW, "time 19 is before the frontier {20}");
    last--;
    advance(19).assertRefused(FailureCode.INVALID_ROW, "goes back behind {20}");
    last--;
    assertTrue(send(20).isThere(), "a refused message does not take its number");
  }

  @Test
  void shouldTakeMessagesInTheirOrderEachOnce() {
    Outcome<Taken> second = submit(2, Epochs.at(11), null);
    assertFalse(second.isThere());
    assertTrue(submit(1, Epochs.at(10), null).isThere());
    assertTrue(second.isThere());
    assertTrue(submit(1, Epochs.at(10), null).isThere());
    assertEquals(2, port.staged.size());
  }

  @Test
  void shouldKeepOnlySoManyEarlyMessagesAndOnlySoLong() {
    Outcome<Taken> early = submit(writer, session, 2, Epochs.at(10), null, 1_000);
    for (int i = 1; i < Epochs.SETTINGS.maxEarly(); i++) {
      Outcome<Taken> unused = submit(writer, session, 2 + i, Epochs.at(10), null, 1_050);
    }
    submit(9, Epochs.at(10), null).assertRefused(FailureCode.SEQUENCE_GAP, "message 1 is expected");
    writer.refuseOverdue(1_099);
    assertFalse(early.isThere());
    writer.refuseOverdue(1_100);
    early.assertRefused(FailureCode.SEQUENCE_GAP, "message 1 is expected");
  }

  @Test
  void shouldLetOnlySoManyFrontiersWait() {
    for (int i = 1; i <= SourceWriter.MAX_WAITING; i++) {
      Outcome<Taken> outcome = advance(10 + i);
      assertFalse(outcome.isThere());
    }
    advance(9_000).assertRefused(FailureCode.OVERLOADED, "wait for the other partitions");
    submit(5, null, Antichain.of(15)).assertRefused(FailureCode.OVERLOADED, "wait for the upper");
  }

  @Test
  void shouldKeepTheOffsetOfTheUpper() {
    Outcome<Taken> unused = advance(20);
    unused = advance(30);
    writer.described(List.of(Epochs.numbered(1, 10, 25)));
    port.complete(writer, port.cuts.get(0));
    assertEquals(Map.of("0", "\"{20}\""), port.tokens.get(0).offsets());
    writer.committed(1);
    assertEquals("\"{20}\"", claim(writer, "me", 1).result().offset());
  }

  @Test
  void shouldRefuseAnOffsetThatCannotBeKept() {
    String longest = "\"" + "x".repeat(Offsets.MAX_CHARS - 2) + "\"";
    for (String wrong : List.of("{", "", "\"\ud800\"", longest + " ")) {
      Outcome<Taken> outcome = new Outcome<>();
      writer.submit(withOffset(wrong), null, 0, outcome);
      outcome.assertRefused(FailureCode.INVALID_ROW, "JSON text of at most");
    }
    writer.submit(withOffset(longest), null, 0, new Outcome<>());
    writer.described(List.of(Epochs.numbered(1, 10, 20)));
    port.complete(writer, port.cuts.get(0));
    assertEquals(Map.of("0", longest), port.tokens.get(0).offsets());
  }

  private SubmitSource withOffset(String offset) {
    Frontier frontier = new Frontier(Antichain.of(20));
    return new SubmitSource("orders", 7, 0, session, last + 1, null, frontier, offset);
  }

  @Test
  void shouldStoreOffsetsLessOftenWhenTooManyWait() {
    for (int i = 1; i <= SourceWriter.MAX_MARKS + 10; i++) {
      Outcome<Taken> unused = advance(10 + i);
    }
    long end = 10 + SourceWriter.MAX_MARKS + 10;
    writer.described(List.of(Epochs.numbered(1, 10, end - 1)));
    port.complete(writer, port.cuts.get(0));
    // The last is at the end, which is not reached; the one before is the last that was kept.
    assertEquals(
        Map.of("0", "\"{" + (10 + SourceWriter.MAX_MARKS - 1) + "}\""),
        port.tokens.get(0).offsets());
  }

  @Test
  void shouldFenceTheClaimBefore() {
    Outcome<Taken> early = submit(2, Epochs.at(10), null);
    Outcome<Claim> other = claim(writer, "you", 1);
    assertTrue(other.result().session() > session);
    early.assertRefused(FailureCode.FENCED, "open again");
    send(10).assertRefused(FailureCode.FENCED, "is over");
    claim(writer, "you", 0).assertRefused(FailureCode.FENCED, "came late");
    assertEquals(List.of(), port.ended);
  }

  @Test
  void shouldBeginANewEpochWhereAnEarlierClaimHasStagedUpdates() {
    Outcome<Taken> unused = send(10);
    claim(writer, "you", 1).assertRefused(FailureCode.STALE_EPOCH, "a new epoch begins");
    assertEquals(1, port.ended.size());
  }

  @Test
  void shouldKnowItsPartitions() {
    Outcome<Claim> notHere = new Outcome<>();
    writer.claim(new ClaimPartition("orders", 7, 1, "me", 1), notHere);
    notHere.assertRefused(FailureCode.STALE_EPOCH, "another writer's");
    Outcome<Claim> none = new Outcome<>();
    writer.claim(new ClaimPartition("orders", 7, 3, "me", 1), none);
    none.assertRefused(FailureCode.INVALID_ROW, "has 3, counted from 0");
  }

  @Test
  void shouldTakeNothingAfterTheEnd() {
    Outcome<Taken> end = submit(++last, null, Antichain.empty());
    cutAndCommit(new Numbered(1, new BatchDescription(Antichain.of(10), Antichain.empty())));
    assertEquals(new Taken(Antichain.empty()), end.result());
    assertEquals(new Taken(Antichain.empty()), submit(last, null, Antichain.empty()).result());
    send(11).assertRefused(FailureCode.SEALED, "has ended");
    SourceWriter later = writer(Antichain.empty());
    long claimed = claim(later, "me", 1).result().session();
    submit(later, claimed, 1, Epochs.at(11), null, 0)
        .assertRefused(FailureCode.SEALED, "has ended");
    assertEquals(List.of(), port.staged);
  }

  @Test
  void shouldRefuseEverybodyWhenTheEpochEnds() {
    Outcome<Taken> waiting = advance(20);
    Outcome<Taken> early = submit(9, Epochs.at(30), null);
    port.slow = true;
    Outcome<Taken> staging = send(20);
    writer.end("it was fenced");
    waiting.assertRefused(FailureCode.STALE_EPOCH, "it was fenced");
    early.assertRefused(FailureCode.STALE_EPOCH, "open again");
    port.taken.forEach(Runnable::run);
    staging.assertRefused(FailureCode.STALE_EPOCH, "");
  }
}
