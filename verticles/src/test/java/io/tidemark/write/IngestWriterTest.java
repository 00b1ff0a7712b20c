package io.tidemark.write;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.persist.Advance;
import io.tidemark.persist.Position;
import io.tidemark.progress.Antichain;
import io.tidemark.protocol.FailureCode;
import io.tidemark.protocol.Messages.Numbered;
import io.tidemark.protocol.Messages.OpenProducer;
import io.tidemark.protocol.Messages.Receipt;
import io.tidemark.protocol.Messages.Session;
import io.tidemark.protocol.Messages.Standing;
import io.tidemark.protocol.Messages.Submit;
import io.tidemark.protocol.Rows;
import io.tidemark.row.UpdateBlock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class IngestWriterTest {

  private static final Numbered FIRST = Epochs.numbered(1, 40, 100);
  private static final Receipt AT_99 = new Receipt(99, Antichain.of(100));

  private final RecordingPort port = new RecordingPort(1 << 20);
  private final IngestWriter writer =
      new IngestWriter(Epochs.ingest(40), "w", Epochs.SETTINGS, port);

  private Outcome<Receipt> submit(String producer, long session, long sequence, long nowMillis) {
    Outcome<Receipt> outcome = new Outcome<>();
    UpdateBlock rows = Epochs.at(0);
    writer.submit(
        new Submit("orders", 7, producer, session, sequence, Rows.of(rows)),
        rows,
        nowMillis,
        outcome);
    return outcome;
  }

  private Outcome<Receipt> submit(String producer, long sequence) {
    return submit(producer, 0, sequence, 0);
  }

  private Outcome<Session> open(String instance, long attempt) {
    Outcome<Session> outcome = new Outcome<>();
    writer.open(new OpenProducer("orders", 7, "till", instance, attempt), outcome);
    return outcome;
  }

  private void stands(String producer, long sequence) {
    writer.standing(producer, new Standing(new Position(sequence, sequence, 39, "me", 0), true));
  }

  private void cutAndCommit(Numbered numbered) {
    writer.described(List.of(numbered));
    writer.committed(numbered.number());
  }

  @Test
  void shouldAskWhereAProducerStandsBeforeItTakesAnything() {
    Outcome<Receipt> outcome = submit("till", 4);
    assertEquals(List.of("till"), port.asked);
    assertEquals(List.of(), port.staged);
    stands("till", 3);
    assertEquals(1, port.staged.size());
    assertFalse(outcome.isThere(), "nobody is answered before the shard holds it");
    cutAndCommit(FIRST);
    assertEquals(AT_99, outcome.result());
  }

  @Test
  void shouldAnswerARepeatOfWhatIsCommittedStagedOrOfLongAgo() {
    Outcome<Receipt> longAgo = submit("till", 2);
    stands("till", 3);
    assertEquals(39, longAgo.result().time());
    Outcome<Receipt> first = submit("till", 4);
    Outcome<Receipt> again = submit("till", 4);
    assertEquals(1, port.staged.size(), "it is staged once");
    cutAndCommit(FIRST);
    assertEquals(AT_99, first.result());
    assertEquals(AT_99, again.result());
    assertEquals(AT_99, submit("till", 4).result());
    assertEquals(1, port.staged.size());
  }

  @Test
  void shouldGiveTheRepliesOfTheFirstForTheLastMessages() {
    stands2("till", 0);
    for (int i = 1; i <= Producer.MAX_RECENT + 1; i++) {
      Outcome<Receipt> unused = submit("till", i);
      cutAndCommit(Epochs.numbered(i, 30 + i * 10L, 40 + i * 10L));
    }
    assertEquals(59, submit("till", 2).result().time());
    long last = 39 + (Producer.MAX_RECENT + 1) * 10L;
    assertEquals(last, submit("till", 1).result().time(), "one at which a snapshot holds it too");
  }

  private void stands2(String producer, long sequence) {
    Outcome<Receipt> unused = submit(producer, sequence);
    stands(producer, sequence);
  }

  @Test
  void shouldPutMessagesInTheirOrder() {
    stands2("till", 0);
    List<Outcome<Receipt>> outcomes =
        List.of(submit("till", 3), submit("till", 2), submit("till", 1));
    assertEquals(3, port.staged.size());
    writer.described(List.of(FIRST));
    port.complete(writer, FIRST);
    assertEquals(Map.of("till", new Advance(1, 3, 3, 99, "")), port.tokens.get(0).advances());
    writer.committed(1);
    outcomes.forEach(outcome -> assertEquals(AT_99, outcome.result()));
  }

  @Test
  void shouldKeepOnlySoManyEarlyMessages() {
    stands2("till", 0);
    List<Outcome<Receipt>> early = new ArrayList<>();
    for (int i = 0; i < Epochs.SETTINGS.maxEarly(); i++) {
      early.add(submit("till", 2 + i));
    }
    submit("till", 9).assertRefused(FailureCode.SEQUENCE_GAP, "message 1 is expected");
    early.forEach(outcome -> assertFalse(outcome.isThere()));
  }

  @Test
  void shouldKeepTheLaterOfTwoEarlyMessagesOfOneNumber() {
    stands2("till", 0);
    Outcome<Receipt> first = submit("till", 2);
    Outcome<Receipt> again = submit("till", 2);
    first.assertRefused(FailureCode.SEQUENCE_GAP, "message 1 is expected");
    assertFalse(again.isThere());
  }

  @Test
  void shouldRefuseAnEarlyMessageWhoseTurnDoesNotCome() {
    stands2("till", 0);
    Outcome<Receipt> early = submit("till", 0, 2, 1_000);
    writer.refuseOverdue(1_099);
    assertEquals(1, port.asked.size());
    writer.refuseOverdue(1_100);
    assertEquals(2, port.asked.size(), "first it is asked whether this writer has missed it");
    stands("till", 0);
    early.assertRefused(FailureCode.SEQUENCE_GAP, "message 1 is expected");
  }

  @Test
  void shouldRefuseWhatTheMemoryHasNoRoomForAndTakeItLater() {
    RecordingPort tight = new RecordingPort(Epochs.at(0).bytes());
    IngestWriter small = new IngestWriter(Epochs.ingest(40), "w", Epochs.SETTINGS, tight);
    UpdateBlock rows = Epochs.at(0);
    Outcome<Receipt> first = new Outcome<>();
    small.submit(new Submit("orders", 7, "till", 0, 1, Rows.of(rows)), rows, 0, first);
    small.standing("till", new Standing(Position.NONE, true));
    Outcome<Receipt> second = new Outcome<>();
    Submit message = new Submit("orders", 7, "till", 0, 2, Rows.of(rows));
    small.submit(message, rows, 0, second);
    second.assertRefused(FailureCode.OVERLOADED, "memory");
    tight.budget.release(rows.bytes());
    Outcome<Receipt> again = new Outcome<>();
    small.submit(message, rows, 0, again);
    assertFalse(again.isThere());
    assertEquals(2, tight.staged.size());
  }

  @Test
  void shouldKnowOnlySoManyProducersAndForgetTheIdle() {
    for (int i = 0; i < Epochs.SETTINGS.maxProducers(); i++) {
      stands2("busy" + i, 0);
      Outcome<Receipt> unused = submit("busy" + i, 1);
    }
    submit("one more", 1).assertRefused(FailureCode.OVERLOADED, "4 producers are active");
    cutAndCommit(FIRST);
    Outcome<Receipt> outcome = submit("one more", 1);
    stands("one more", 0);
    assertFalse(outcome.isThere(), "an idle one made room");
  }

  @Test
  void shouldRefuseANewProducerThatTheShardHasNoRoomFor() {
    Outcome<Receipt> outcome = submit("new", 1);
    writer.standing("new", new Standing(Position.NONE, false));
    outcome.assertRefused(FailureCode.OVERLOADED, "too many producers");
    Outcome<Receipt> known = submit("known", 4);
    writer.standing("known", new Standing(new Position(3, 3, 39, "", 0), false));
    assertFalse(known.isThere(), "one that it remembers needs none");
  }

  @Test
  void shouldLetOnlySoManyWaitForTheAppender() {
    for (int i = 0; i < IngestWriter.MAX_WAITING; i++) {
      Outcome<Receipt> outcome = submit("till", i + 1);
      assertFalse(outcome.isThere());
    }
    submit("till", 1).assertRefused(FailureCode.OVERLOADED, "wait already");
    assertEquals(List.of("till"), port.asked, "it is asked once for all");
  }

  @Test
  void shouldFenceTheSessionBefore() {
    Outcome<Session> first = open("me", 1);
    stands("till", 0);
    long session = first.result().session();
    Outcome<Receipt> early = submit("till", session, 2, 0);
    Outcome<Session> second = open("you", 1);
    stands("till", 0);
    assertTrue(second.result().session() > session);
    early.assertRefused(FailureCode.FENCED, "another one was opened");
    submit("till", session, 1, 0).assertRefused(FailureCode.FENCED, "open again");
    assertFalse(submit("till", second.result().session(), 1, 0).isThere());
  }

  @Test
  void shouldNotLetALateOpeningFenceALaterOne() {
    Outcome<Session> later = open("me", 2);
    stands("till", 0);
    Outcome<Session> late = open("me", 1);
    stands("till", 0);
    late.assertRefused(FailureCode.FENCED, "came late");
    Outcome<Session> again = open("me", 2);
    stands("till", 0);
    assertEquals(later.result().session(), again.result().session(), "the same opening again");
  }

  @Test
  void shouldTellANewcomerOnlyWhatIsCertain() {
    Outcome<Session> first = open("me", 1);
    stands("till", 0);
    Outcome<Receipt> staged = submit("till", first.result().session(), 1, 0);
    Outcome<Session> newcomer = open("you", 1);
    stands("till", 0);
    assertFalse(newcomer.isThere(), "what the one before has sent is not in the shard yet");
    cutAndCommit(FIRST);
    assertEquals(AT_99, staged.result());
    assertEquals(1, newcomer.result().committed().sequence());
    assertEquals("me", newcomer.result().instance());
  }

  @Test
  void shouldLetOnlySoManyNewcomersWait() {
    Outcome<Session> first = open("me", 1);
    stands("till", 0);
    Outcome<Receipt> staged = submit("till", first.result().session(), 1, 0);
    List<Outcome<Session>> newcomers = new ArrayList<>();
    for (int i = 0; i < Producer.MAX_NEWCOMERS; i++) {
      newcomers.add(open("n" + i, 1));
      stands("till", 0);
    }
    newcomers.forEach(outcome -> assertFalse(outcome.isThere()));
    Outcome<Session> tooMany = open("too many", 1);
    stands("till", 0);
    tooMany.assertRefused(FailureCode.OVERLOADED, "a producer id of its own");
    cutAndCommit(FIRST);
    assertEquals(AT_99, staged.result());
    newcomers.forEach(outcome -> outcome.assertRefused(FailureCode.FENCED, "open again"));
    Outcome<Session> again = open("too many", 2);
    stands("till", 1);
    assertEquals(1, again.result().accepted());
  }

  @Test
  void shouldLetOnlySoManyWaitForOneReceipt() {
    stands2("till", 0);
    List<Outcome<Receipt>> repeats = new ArrayList<>();
    for (int i = 0; i < Producer.MAX_REPEATS; i++) {
      repeats.add(submit("till", 1));
    }
    submit("till", 1).assertRefused(FailureCode.OVERLOADED, "not durable yet");
    cutAndCommit(FIRST);
    repeats.forEach(outcome -> assertEquals(AT_99, outcome.result()));
    assertEquals(AT_99, submit("till", 1).result());
  }

  @Test
  void shouldRefuseEverybodyAtTheEnd() {
    stands2("till", 0);
    Outcome<Receipt> staged = submit("till", 1);
    Outcome<Receipt> early = submit("till", 3);
    Outcome<Receipt> waiting = submit("other", 1);
    writer.end("somebody else began");
    staged.assertRefused(FailureCode.STALE_EPOCH, "send it again");
    early.assertRefused(FailureCode.STALE_EPOCH, "somebody else began");
    waiting.assertRefused(FailureCode.STALE_EPOCH, "");
    writer.batch(1, null);
    assertEquals(List.of(), port.tokens);
  }

  @Test
  void shouldCutEachDescriptionOnceAndRepeatItsToken() {
    Numbered second = Epochs.numbered(2, 100, 101);
    writer.described(List.of(FIRST, second));
    assertEquals(List.of(FIRST, second), port.cuts);
    writer.described(List.of(FIRST, second));
    assertEquals(List.of(FIRST, second), port.cuts);
    assertEquals(List.of(1L, 2L), port.working, "it is at work on both");
    port.complete(writer, FIRST);
    writer.described(List.of(FIRST, second));
    assertEquals(2, port.tokens.size());
    assertEquals(port.tokens.get(0), port.tokens.get(1), "a token also where nothing is in it");
    writer.described(List.of(Epochs.numbered(4, 102, 103)));
    assertEquals(2, port.cuts.size(), "one that was missed comes again, before this one");
  }

  @Test
  void shouldLearnFromTheNextDescriptionThatItsOwnIsCommitted() {
    stands2("till", 0);
    Outcome<Receipt> outcome = submit("till", 1);
    writer.described(List.of(FIRST));
    assertFalse(outcome.isThere());
    Numbered others = new Numbered(2, Epochs.numbered(2, 100, 101).description(), List.of("other"));
    writer.described(List.of(others));
    assertEquals(AT_99, outcome.result(), "the answer to its token was lost");
    assertTrue(writer.isIdle());
  }

  @Test
  void shouldCutOnlyWhatAsksIt() {
    stands2("till", 0);
    Outcome<Receipt> outcome = submit("till", 1);
    Numbered others = new Numbered(1, FIRST.description(), List.of("other"));
    Numbered own =
        new Numbered(2, Epochs.numbered(2, 100, 101).description(), List.of("other", "w"));
    writer.described(List.of(others, own));
    assertEquals(List.of(own), port.cuts);
    assertEquals(Antichain.of(40), writer.upper());
    writer.described(List.of(own));
    assertEquals(Antichain.of(100), writer.upper(), "the one before is in the shard");
    writer.committed(2);
    assertEquals(101, outcome.result().upper().time());
    assertEquals(Antichain.of(101), writer.upper());
    writer.described(List.of(others));
    assertEquals(List.of(own), port.cuts, "an old one that comes late");
    assertEquals(Antichain.of(101), writer.upper());
  }

  @Test
  void shouldBeIdleOnceEverythingIsInTheShard() {
    stands2("till", 0);
    Outcome<Receipt> unused = submit("till", 1);
    assertFalse(writer.isIdle());
    writer.described(List.of(FIRST));
    assertFalse(writer.isIdle());
    writer.committed(1);
    assertTrue(writer.isIdle());
    assertEquals(Antichain.of(100), writer.upper());
  }
}
