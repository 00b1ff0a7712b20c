package io.tidemark.client;

import static io.tidemark.client.ClientFixture.SETTINGS;
import static io.tidemark.client.ClientFixture.large;
import static io.tidemark.client.ClientFixture.rows;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.client.ScriptedBus.Request;
import io.tidemark.progress.Antichain;
import io.tidemark.protocol.FailureCode;
import io.tidemark.protocol.Messages.Claim;
import io.tidemark.protocol.Messages.ClaimPartition;
import io.tidemark.protocol.Messages.CurrentEpoch;
import io.tidemark.protocol.Messages.Frontier;
import io.tidemark.protocol.Messages.SubmitSource;
import io.tidemark.protocol.Messages.Taken;
import io.tidemark.protocol.Messages.WhichEpoch;
import io.tidemark.protocol.RefusedException;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.junit.jupiter.api.Test;

class SourcePartitionTest {

  private final ClientFixture client = new ClientFixture();
  private final ScriptedBus bus = client.bus;

  private Future<SourcePartition> claiming() {
    return SourcePartition.claim("ticks", 3, client.world.environment(), bus, SETTINGS);
  }

  private SourcePartition claim(long credit) {
    Future<SourcePartition> claiming = claiming();
    bus.next(ClaimPartition.class)
        .answer(
            new Claim(7, "w", 9, Antichain.of(40), "{\"lsn\":4}", ClientFixture.SCHEMA, credit));
    return client.world.result(claiming);
  }

  private static SubmitSource content(Request request) {
    return (SubmitSource) request.body();
  }

  private void assertRefused(FailureCode code, Future<?> future) {
    assertEquals(code, client.world.failure(RefusedException.class, future).code());
  }

  @Test
  void shouldResumeWhereTheShardStands() {
    SourcePartition partition = claim(1 << 20);

    assertEquals(Antichain.of(40), partition.upper());
    assertEquals("{\"lsn\":4}", partition.offset());
    assertEquals(ClientFixture.SCHEMA, partition.schema());
  }

  @Test
  void shouldClaimAgainUntilItIsGivenUp() {
    Future<SourcePartition> claiming = claiming();
    long attempts = 0;
    while (!claiming.isComplete()) {
      Request request = bus.next(ClaimPartition.class);
      assertEquals(++attempts, ((ClaimPartition) request.body()).attempt());
      request.refuse(lastCode(attempts));
      if (lastCode(attempts) == FailureCode.UNAVAILABLE) {
        bus.next(JsonObject.class).answer(new JsonObject());
      }
      client.world.advance(100);
    }

    assertRefused(lastCode(attempts), claiming);
    assertTrue(client.world.nowMillis() <= 1000 + SETTINGS.giveUpMillis() + 200);
    Future<SourcePartition> sealed = claiming();
    bus.next(ClaimPartition.class).refuse(FailureCode.SEALED);
    assertRefused(FailureCode.SEALED, sealed);
    Future<SourcePartition> unknown = claiming();
    bus.next(ClaimPartition.class).refuse(FailureCode.UNAVAILABLE);
    bus.next(JsonObject.class).refuse(FailureCode.UNKNOWN_COLLECTION);
    assertRefused(FailureCode.UNKNOWN_COLLECTION, unknown);
  }

  private static FailureCode lastCode(long attempts) {
    return attempts % 2 == 0 ? FailureCode.UNAVAILABLE : FailureCode.OUTCOME_UNKNOWN;
  }

  @Test
  void shouldNumberUpdatesAndFrontiers() {
    SourcePartition partition = claim(1 << 20);
    Future<Taken> rows = partition.send(rows(41, 42));
    Future<Taken> frontier = partition.advance(Antichain.of(43), "{\"lsn\":5}");
    Future<Taken> end = partition.advance(Antichain.empty(), null);
    Request first = bus.next(SubmitSource.class);
    Request second = bus.next(SubmitSource.class);
    Request third = bus.next(SubmitSource.class);

    assertEquals(1, content(first).sequence());
    assertEquals(null, content(first).frontier());
    assertEquals(2, content(second).sequence());
    assertEquals(new Frontier(Antichain.of(43)), content(second).frontier());
    assertEquals("{\"lsn\":5}", content(second).offset());
    assertEquals(new Frontier(Antichain.empty()), content(third).frontier());
    third.answer(new Taken(Antichain.empty()));
    first.answer(new Taken(Antichain.of(40)));
    second.answer(new Taken(Antichain.of(43)));
    assertTrue(rows.succeeded() && frontier.succeeded() && end.succeeded());
  }

  @Test
  void shouldSendAgainUnderTheSameNumber() {
    SourcePartition partition = claim(1 << 20);
    Future<Taken> sent = partition.send(rows(41));
    for (FailureCode code : new FailureCode[] {FailureCode.OVERLOADED, FailureCode.SEQUENCE_GAP}) {
      Request request = bus.next(SubmitSource.class);
      assertEquals(1, content(request).sequence());
      request.refuse(code);
      assertEquals(0, bus.unseen());
      client.world.advance(100);
    }
    bus.next(SubmitSource.class).refuse(FailureCode.OUTCOME_UNKNOWN);
    bus.next(WhichEpoch.class).answer(new CurrentEpoch(7, List.of("w")));
    client.world.advance(100);
    bus.next(SubmitSource.class).answer(new Taken(Antichain.of(40)));

    assertTrue(sent.succeeded());
  }

  @Test
  void shouldLoseTheClaimWhenTheEpochIsOver() {
    SourcePartition partition = claim(1 << 20);
    Future<Taken> waiting = partition.advance(Antichain.of(50), null);
    bus.next(SubmitSource.class).refuse(FailureCode.OUTCOME_UNKNOWN);
    boolean[] drained = {false};
    for (int i = 0; i < 4; i++) {
      assertFalse(partition.advance(Antichain.of(51 + i), null).isComplete());
    }
    partition.onDrain(() -> drained[0] = true);

    bus.next(WhichEpoch.class).answer(new CurrentEpoch(8, List.of("w")));

    assertRefused(FailureCode.STALE_EPOCH, waiting);
    assertTrue(drained[0]);
    assertRefused(FailureCode.STALE_EPOCH, partition.send(rows(60)));
  }

  @Test
  void shouldLoseTheClaimAsSoonAsANewerEpochIsKnown() {
    SourcePartition partition = claim(1 << 20);
    Future<Taken> waiting = partition.advance(Antichain.of(50), null);
    bus.next(SubmitSource.class);
    bus.upper(7);
    assertFalse(waiting.isComplete());

    bus.upper(8);

    assertRefused(FailureCode.STALE_EPOCH, waiting);
    assertEquals(0, bus.watches());
  }

  @Test
  void shouldGiveUpUpdatesThatAreNotTakenButNotAFrontierThatWaitsForOthers() {
    SourcePartition partition = claim(1 << 20);
    Future<Taken> frontier = partition.advance(Antichain.of(50), null);
    for (long waited = 0; waited <= 2 * SETTINGS.giveUpMillis(); waited += 200) {
      bus.next(SubmitSource.class).refuse(FailureCode.OUTCOME_UNKNOWN);
      bus.next(WhichEpoch.class).answer(new CurrentEpoch(7, List.of("w")));
      client.world.advance(200);
    }
    assertFalse(frontier.isComplete());
    Request unanswered = bus.next(SubmitSource.class);
    Future<Taken> rows = partition.send(rows(51));
    long sentMillis = client.world.nowMillis();
    while (!rows.isComplete()) {
      bus.next(SubmitSource.class).refuse(FailureCode.OVERLOADED);
      client.world.advance(200);
      assertTrue(client.world.nowMillis() - sentMillis <= SETTINGS.giveUpMillis() + 400);
    }
    assertRefused(FailureCode.OUTCOME_UNKNOWN, rows);
    assertRefused(FailureCode.OUTCOME_UNKNOWN, frontier);
    unanswered.refuse(FailureCode.STALE_EPOCH);
  }

  @Test
  void shouldLoseTheClaimToWhoeverClaimsNext() {
    SourcePartition partition = claim(1 << 20);
    Future<Taken> first = partition.send(rows(41));
    Future<Taken> second = partition.send(rows(42));
    bus.next(SubmitSource.class).refuse(FailureCode.FENCED);

    assertRefused(FailureCode.FENCED, first);
    assertRefused(FailureCode.FENCED, second);
  }

  @Test
  void shouldSendNoMoreThanItsCredit() {
    SourcePartition partition = claim(500);
    Future<Taken> first = partition.send(large(600));
    assertTrue(partition.isFull());
    assertRefused(FailureCode.OVERLOADED, partition.send(large(600)));
    boolean[] drained = {false};
    partition.onDrain(() -> drained[0] = true);
    assertFalse(drained[0]);

    bus.next(SubmitSource.class).answer(new Taken(Antichain.of(40)));

    assertTrue(first.succeeded());
    assertTrue(drained[0]);
    Future<Taken> next = partition.send(large(600));
    assertEquals(2, content(bus.next(SubmitSource.class)).sequence(), "no number was lost");
    assertFalse(next.isComplete());
  }

  @Test
  void shouldBoundHowManyMessagesAreUnanswered() {
    SourcePartition partition = claim(1 << 20);
    for (int i = 0; i < SETTINGS.maxUnansweredMessages(); i++) {
      assertEquals(i >= SETTINGS.maxUnansweredMessages() / 2, partition.isFull());
      assertFalse(partition.advance(Antichain.of(41 + i), null).isComplete());
    }
    assertRefused(FailureCode.OVERLOADED, partition.advance(Antichain.of(99), null));
  }

  @Test
  void shouldFailEverythingWhenItIsGivenUp() {
    SourcePartition partition = claim(1 << 20);
    Future<Taken> sent = partition.send(rows(41));
    Request request = bus.next(SubmitSource.class);
    partition.close();

    assertRefused(FailureCode.FENCED, sent);
    request.refuse(FailureCode.OVERLOADED);
    client.world.runAll();
    assertEquals(0, bus.unseen());
  }
}
