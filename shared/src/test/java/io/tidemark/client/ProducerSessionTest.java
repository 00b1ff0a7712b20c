package io.tidemark.client;

import static io.tidemark.client.ClientFixture.SETTINGS;
import static io.tidemark.client.ClientFixture.ids;
import static io.tidemark.client.ClientFixture.large;
import static io.tidemark.client.ClientFixture.receipt;
import static io.tidemark.client.ClientFixture.rows;
import static io.tidemark.client.ClientFixture.session;
import static io.tidemark.client.ClientFixture.submit;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.tidemark.client.ScriptedBus.Request;
import io.tidemark.persist.ShardId;
import io.tidemark.progress.Antichain;
import io.tidemark.protocol.FailureCode;
import io.tidemark.protocol.Messages.OpenProducer;
import io.tidemark.protocol.Messages.Receipt;
import io.tidemark.protocol.Messages.Session;
import io.tidemark.protocol.RefusedException;
import io.tidemark.protocol.Rows;
import io.tidemark.row.UpdateBlock;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProducerSessionTest {

  private final ClientFixture client = new ClientFixture();
  private final ScriptedBus bus = client.bus;
  private final ProducerSession producer =
      new ProducerSession("orders", "p", client.world.environment(), bus, SETTINGS);

  private Future<Receipt> send(UpdateBlock block) {
    return producer.send(Rows.of(block));
  }

  @CanIgnoreReturnValue
  private String instance() {
    Future<Session> opened = producer.open();
    Request opening = client.opening();
    opening.answer(session(1, 0, 0, ""));
    assertTrue(opened.succeeded());
    return ((OpenProducer) opening.body()).instance();
  }

  private void assertRefused(FailureCode code, Future<?> future) {
    RefusedException refused = client.world.failure(RefusedException.class, future);
    assertEquals(code, refused.code(), refused.getMessage());
  }

  @Test
  void shouldSendAgainAsSoonAsANewerEpochIsKnown() {
    producer.watchEpochs();
    String instance = instance();
    Future<Receipt> sent = send(rows(1));
    client.submitted();
    bus.upper(1);
    client.world.advance(100);
    assertEquals(0, bus.unseen(), "that epoch is known");

    bus.upper(2);
    client.world.advance(100);
    Request asked = client.opening(); // of a writer that is gone
    bus.upper(3);
    Request askedAgain = client.opening();
    assertTrue(
        ((OpenProducer) asked.body()).attempt() < ((OpenProducer) askedAgain.body()).attempt());
    askedAgain.answer(session(3, 0, 0, instance));
    asked.refuse(FailureCode.OUTCOME_UNKNOWN);
    assertEquals(3, submit(client.submitted()).epoch());
    assertEquals(0, bus.unseen());
    assertFalse(sent.isComplete());
    producer.close();
    assertEquals(0, bus.watches());
  }

  @Test
  void shouldNotGoBackToAnEpochThatIsOver() {
    producer.watchEpochs();
    Future<Session> opened = producer.open();
    Request opening = client.opening();
    bus.upper(5);
    client.opening().answer(session(4, 0, 0, ""));
    opening.answer(session(4, 0, 0, ""));
    assertFalse(opened.isComplete());
    client.world.advance(100);
    client.opening().answer(session(5, 0, 0, ""));
    assertTrue(opened.succeeded());
  }

  @Test
  void shouldNumberMessagesAndTakeAnswersInAnyOrder() {
    instance();
    List<Future<Receipt>> sent = List.of(send(rows(1)), send(rows(2)), send(rows(3)));
    List<Request> requests = List.of(client.submitted(), client.submitted(), client.submitted());
    for (int i = 0; i < 3; i++) {
      assertEquals(i + 1, submit(requests.get(i)).sequence());
      assertEquals(10, submit(requests.get(i)).session());
      assertEquals("tidemark.internal.write.w1", requests.get(i).address());
    }

    requests.get(2).answer(receipt(5));
    assertTrue(sent.get(2).succeeded());
    assertFalse(sent.get(0).isComplete());
    requests.get(0).answer(receipt(4));
    requests.get(1).answer(receipt(4));

    assertEquals(receipt(4), sent.get(0).result());
    assertTrue(producer.isIdle());
  }

  @Test
  void shouldSendAgainUnderTheSameNumberWhatTheWriterHasTaken() {
    String instance = instance();
    List<Future<Receipt>> sent = new ArrayList<>();
    for (int i = 1; i <= 4; i++) {
      sent.add(send(rows(i)));
    }
    client.submitted().refuse(FailureCode.STALE_EPOCH);
    for (int i = 0; i < 3; i++) {
      client.submitted().refuse(FailureCode.STALE_EPOCH);
    }
    Request again = client.opening();
    assertEquals(2, ((OpenProducer) again.body()).attempt());
    assertEquals(instance, ((OpenProducer) again.body()).instance());
    again.answer(session(2, 1, 2, instance));

    assertEquals(new Receipt(7, Antichain.of(8)), sent.get(0).result());
    for (int i = 2; i <= 4; i++) {
      Request request = client.submitted();
      assertEquals(List.of((long) i), ids(request));
      assertEquals(i, submit(request).sequence());
      assertEquals(2, submit(request).epoch());
      request.answer(receipt(9));
    }
    assertTrue(producer.isIdle());
  }

  @Test
  void shouldNumberAnewWhatTheWriterHasNotTaken() {
    String instance = instance();
    Future<Receipt> refused = send(rows(1));
    Future<Receipt> next = send(rows(2));
    client.submitted().refuse(FailureCode.INVALID_ROW);
    assertEquals(2, submit(client.submitted()).sequence());
    assertRefused(FailureCode.INVALID_ROW, refused);

    client.opening().answer(session(1, 0, 0, instance));

    Request request = client.submitted();
    assertEquals(1, submit(request).sequence());
    assertEquals(List.of(2L), ids(request));
    request.answer(receipt(3));
    assertTrue(next.succeeded());
  }

  @Test
  void shouldTakeTheAnswerOfAnEarlierEpoch() {
    String instance = instance();
    Future<Receipt> sent = send(rows(1));
    Request first = client.submitted();
    Future<Receipt> second = send(rows(2));
    client.submitted().refuse(FailureCode.UNAVAILABLE);
    client.opening().answer(session(2, 0, 0, instance));

    first.answer(receipt(3));

    assertTrue(sent.succeeded());
    assertFalse(second.isComplete());
  }

  @Test
  void shouldIgnoreRefusalsOfAnEarlierSession() {
    String instance = instance();
    Future<Receipt> sent = send(rows(1));
    Future<Receipt> other = send(rows(2));
    Request late = client.submitted();
    client.submitted().refuse(FailureCode.STALE_EPOCH);
    client.opening().answer(session(2, 0, 0, instance));
    client.submitted().answer(receipt(3));
    client.submitted().answer(receipt(3));

    late.refuse(FailureCode.INVALID_ROW);

    assertTrue(sent.succeeded() && other.succeeded());
    client.world.advance(1000);
    assertEquals(0, bus.unseen(), "it does not open again");
  }

  @Test
  void shouldBoundWhatIsUnanswered() {
    instance();
    UpdateBlock block = large(900);
    assertFalse(producer.isFull());
    Future<Receipt> first = send(block);
    assertFalse(producer.isFull());
    Future<Receipt> second = send(block);
    assertTrue(producer.isFull());
    boolean[] drained = {false};
    producer.onDrain(() -> drained[0] = true);

    assertRefused(FailureCode.OVERLOADED, send(block));
    client.submitted().answer(receipt(1));
    assertFalse(drained[0]);
    client.submitted().answer(receipt(1));

    assertTrue(drained[0]);
    assertTrue(first.succeeded() && second.succeeded());
    assertTrue(producer.isIdle());
  }

  @Test
  void shouldTakeOneMessageHoweverLarge() {
    instance();
    Future<Receipt> sent = send(large(50_000));
    client.submitted().answer(receipt(1));
    assertTrue(sent.succeeded());
  }

  @Test
  void shouldBoundHowManyMessagesAreUnanswered() {
    instance();
    for (int i = 0; i < SETTINGS.maxUnansweredMessages(); i++) {
      assertEquals(i >= 4, producer.isFull());
      assertFalse(send(rows(i)).isComplete());
    }
    assertRefused(FailureCode.OVERLOADED, send(rows(9)));
  }

  @Test
  void shouldNotGoOnInAnotherCollectionOfTheSameName() {
    Future<Session> opened = producer.open();
    client.opening().answer(session(1, 0, 0, ""));
    assertTrue(opened.succeeded());
    Future<Receipt> sent = send(rows(1));
    client.submitted().refuse(FailureCode.STALE_EPOCH);
    Session of = session(2, 0, 0, "");
    ShardId another = new ShardId("sffffffffffffffffffffffffffffffff");

    client
        .opening()
        .answer(
            new Session(
                of.epoch(),
                of.writer(),
                of.session(),
                of.committed(),
                of.accepted(),
                of.instance(),
                of.upper(),
                of.schema(),
                another,
                of.credit()));

    assertRefused(FailureCode.UNKNOWN_COLLECTION, sent);
    assertRefused(FailureCode.UNKNOWN_COLLECTION, send(rows(2)));
  }

  @Test
  void shouldHaveNoMoreUnansweredThanTheWriterGivesCreditFor() {
    Future<Session> opened = producer.open();
    Session little =
        new Session(
            1,
            "w",
            1,
            session(1, 0, 0, "").committed(),
            0,
            "",
            Antichain.of(8),
            ClientFixture.SCHEMA,
            ClientFixture.SHARD,
            100);
    client.opening().answer(little);
    assertTrue(opened.succeeded());

    Future<Receipt> sent = send(large(150));

    assertTrue(producer.isFull());
    assertRefused(FailureCode.OVERLOADED, send(large(150)));
    client.submitted().answer(receipt(1));
    assertTrue(sent.succeeded());
  }

  @Test
  void shouldGiveUpWhatStaysUnanswered() {
    instance();
    Future<Receipt> sent = send(rows(1));
    client.submitted();
    long before = client.world.nowMillis();

    assertRefused(FailureCode.OUTCOME_UNKNOWN, sent);

    long waited = client.world.nowMillis() - before;
    assertTrue(waited >= SETTINGS.giveUpMillis() && waited <= SETTINGS.giveUpMillis() * 5 / 4);
    assertTrue(producer.isIdle());
  }

  @Test
  void shouldSayOfWhatWasNeverSentThatItWasNotStored() {
    assertRefused(FailureCode.UNAVAILABLE, send(rows(1)));
  }

  @Test
  void shouldGiveUpOpening() {
    Future<Session> opened = producer.open();
    client.opening().refuse(FailureCode.UNAVAILABLE);
    bus.next(JsonObject.class).answer(new JsonObject());
    client.opening().refuse(FailureCode.OUTCOME_UNKNOWN);

    assertRefused(FailureCode.UNAVAILABLE, opened);
  }

  @Test
  void shouldNotWaitForACollectionThatDoesNotExist() {
    Future<Session> opened = producer.open();
    client.opening().refuse(FailureCode.UNAVAILABLE);
    bus.next(JsonObject.class).refuse(FailureCode.UNKNOWN_COLLECTION);

    assertRefused(FailureCode.UNKNOWN_COLLECTION, opened);
  }

  /** Which may have been dropped while the session was open. */
  @Test
  void shouldAskWhetherTheCollectionIsThereOnceOpeningsFailInARow() {
    Future<Session> opened = producer.open();
    client.opening().answer(session(1, 0, 0, ""));
    assertTrue(opened.succeeded());
    Future<Receipt> sent = send(rows(1));
    client.submitted().refuse(FailureCode.STALE_EPOCH);
    for (int i = 0; i < ProducerSession.PATIENT_REFUSALS; i++) {
      client.opening().refuse(FailureCode.UNAVAILABLE);
    }
    client.opening().refuse(FailureCode.UNAVAILABLE);
    bus.next(JsonObject.class).refuse(FailureCode.UNKNOWN_COLLECTION);

    assertRefused(FailureCode.UNKNOWN_COLLECTION, sent);
  }

  @Test
  void shouldFailForGoodWhenTheCollectionHasEnded() {
    for (FailureCode code :
        List.of(FailureCode.SEALED, FailureCode.UNKNOWN_COLLECTION, FailureCode.INVALID_ROW)) {
      ProducerSession each =
          new ProducerSession("orders", "p", client.world.environment(), bus, SETTINGS);
      Future<Receipt> sent = each.send(Rows.of(rows(1)));
      Future<Session> opened = each.open();
      client.opening().refuse(code);

      assertRefused(code, opened);
      assertRefused(code, sent);
      assertRefused(code, each.send(Rows.of(rows(1))));
      assertRefused(code, each.open());
    }
  }

  @Test
  void shouldEndWhenAnotherPublisherHasSentUnderItsId() {
    instance();
    Future<Receipt> sent = send(rows(1));
    client.submitted().refuse(FailureCode.FENCED);
    client.opening().answer(session(1, 3, 3, "another"));

    assertRefused(FailureCode.FENCED, sent);
    assertRefused(FailureCode.FENCED, producer.open());
  }

  @Test
  void shouldEndAfterSoManyTakeovers() {
    instance();
    Future<Receipt> sent = send(rows(1));
    for (int i = 0; i < ProducerSession.MAX_TAKEOVERS; i++) {
      client.submitted().refuse(FailureCode.FENCED);
      assertFalse(sent.isComplete());
      client.opening().answer(session(i + 2, 0, 0, ""));
    }
    client.submitted().refuse(FailureCode.FENCED);

    assertRefused(FailureCode.FENCED, sent);
  }

  @Test
  void shouldFailEverythingWhenItIsClosed() {
    instance();
    Future<Receipt> sent = send(rows(1));
    Request request = client.submitted();
    producer.close();

    assertRefused(FailureCode.OUTCOME_UNKNOWN, sent);
    assertRefused(FailureCode.OUTCOME_UNKNOWN, send(rows(2)));
    request.refuse(FailureCode.STALE_EPOCH);
    client.world.runAll();
    assertEquals(0, bus.unseen());
  }

  @Test
  void shouldRefuseSettingsBelowTheirFloor() {
    assertThrows(IllegalArgumentException.class, () -> new SessionSettings(0, 1, 1, 1, 1, 1));
    assertThrows(IllegalArgumentException.class, () -> new SessionSettings(1, 0, 1, 1, 1, 1));
    assertThrows(IllegalArgumentException.class, () -> new SessionSettings(1, 1, 0, 1, 1, 1));
  }
}
