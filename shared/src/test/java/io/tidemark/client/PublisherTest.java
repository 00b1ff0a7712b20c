package io.tidemark.client;

import static io.tidemark.client.ClientFixture.SETTINGS;
import static io.tidemark.client.ClientFixture.ids;
import static io.tidemark.client.ClientFixture.receipt;
import static io.tidemark.client.ClientFixture.rows;
import static io.tidemark.client.ClientFixture.session;
import static io.tidemark.client.ClientFixture.submit;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.client.ScriptedBus.Request;
import io.tidemark.protocol.FailureCode;
import io.tidemark.protocol.Messages.Receipt;
import io.tidemark.protocol.RefusedException;
import io.tidemark.row.Column;
import io.tidemark.row.ColumnType;
import io.tidemark.row.InvalidRowException;
import io.tidemark.row.Schema;
import io.tidemark.row.UpdateBlock;
import io.tidemark.row.UpdateBlockBuilder;
import io.vertx.core.Future;
import java.util.List;
import org.junit.jupiter.api.Test;

class PublisherTest {

  private final ClientFixture client = new ClientFixture();

  private Publisher open(int messageRows, long messageBytes) {
    PublisherOptions options = new PublisherOptions("p", messageRows, messageBytes, 5, SETTINGS);
    Future<Publisher> opening =
        Publisher.open("orders", options, client.world.environment(), client.bus);
    client.opening().answer(session(1, 4, 4, "before"));
    return client.world.result(opening);
  }

  private static Future<Receipt> append(Publisher publisher, long id) {
    return publisher.append(row -> row.int64(0, id));
  }

  @Test
  void shouldSayWhereTheProducerStands() {
    Publisher publisher = open(10, 1 << 20);

    assertEquals(4, publisher.committed().sequence());
    assertEquals(ClientFixture.SCHEMA, publisher.schema());
  }

  @Test
  void shouldSendWhatHasWaitedForTheLinger() {
    Publisher publisher = open(10, 1 << 20);
    Future<Receipt> first = append(publisher, 1);
    client.world.advance(4);
    Future<Receipt> second = append(publisher, 2);
    assertEquals(0, client.bus.unseen());

    client.world.advance(1);

    Request request = client.submitted();
    assertEquals(List.of(1L, 2L), ids(request));
    assertEquals(5, submit(request).sequence());
    request.answer(receipt(3));
    assertEquals(receipt(3), first.result());
    assertEquals(receipt(3), second.result());
  }

  @Test
  void shouldSendAMessageOnceItHasItsRowsOrBytes() {
    Publisher byRows = open(2, 1 << 20);
    assertFalse(append(byRows, 1).isComplete());
    assertFalse(append(byRows, 2).isComplete());
    assertEquals(List.of(1L, 2L), ids(client.submitted()));

    Publisher byBytes = open(1000, 300);
    assertFalse(byBytes.append(row -> row.int64(0, 1).string(1, "x".repeat(300))).isComplete());
    assertEquals(List.of(1L), ids(client.submitted()));
  }

  @Test
  void shouldLeaveNothingOfARefusedRowInTheNextOne() {
    Publisher publisher = open(2, 1 << 20);
    client.world.failure(InvalidRowException.class, publisher.append(row -> row.string(1, "leak")));
    client.world.failure(
        IllegalStateException.class,
        publisher.append(
            row -> {
              row.string(1, "leak");
              throw new IllegalStateException("the application's own");
            }));
    assertFalse(append(publisher, 1).isComplete());
    assertFalse(append(publisher, 2).isComplete());

    UpdateBlock sent = submit(client.submitted()).rows().decode(ClientFixture.SCHEMA);
    assertEquals(2, sent.size());
    assertNull(sent.value(1, 0));
  }

  @Test
  void shouldSendBlocksAfterTheRowsBeforeThem() {
    Publisher publisher = open(10, 1 << 20);
    assertFalse(append(publisher, 1).isComplete());
    Future<Receipt> block = publisher.append(rows(2, 3));
    Schema other = Schema.of(Column.required("x", ColumnType.INT64));

    client.world.failure(
        InvalidRowException.class, publisher.append(new UpdateBlockBuilder(other).build()));

    assertEquals(List.of(1L), ids(client.submitted()));
    Request second = client.submitted();
    assertEquals(List.of(2L, 3L), ids(second));
    second.answer(receipt(1));
    assertTrue(block.succeeded());
  }

  @Test
  void shouldFlushEverythingThatWasAppended() {
    Publisher publisher = open(10, 1 << 20);
    assertFalse(append(publisher, 1).isComplete());
    Future<Void> flushed = publisher.flush();
    Request first = client.submitted();
    assertFalse(append(publisher, 2).isComplete());
    Future<Void> again = publisher.flush();
    Request second = client.submitted();

    second.answer(receipt(2));
    assertFalse(flushed.isComplete());
    assertFalse(again.isComplete());
    first.answer(receipt(1));

    assertTrue(flushed.succeeded());
    assertTrue(again.succeeded());
  }

  @Test
  void shouldTellOfAFailureOnce() {
    Publisher publisher = open(10, 1 << 20);
    Future<Receipt> row = append(publisher, 1);
    Future<Void> flushed = publisher.flush();
    client.submitted().refuse(FailureCode.TOO_LARGE);

    client.world.failure(RefusedException.class, row);
    client.world.failure(RefusedException.class, flushed);
    assertTrue(publisher.flush().succeeded());
  }

  @Test
  void shouldFlushWhatIsUnderWayAlthoughALaterMessageWasRefusedAtOnce() {
    Publisher publisher = open(1, 1 << 20);
    UpdateBlock large = ClientFixture.large(1500);
    Future<Receipt> first = publisher.append(large);
    assertTrue(publisher.isFull());
    Future<Receipt> refused = publisher.append(large);
    assertTrue(refused.failed());
    Future<Void> closed = publisher.close();
    assertFalse(closed.isComplete());

    client.submitted().answer(receipt(1));

    assertTrue(first.succeeded());
    client.world.failure(RefusedException.class, closed);
  }

  @Test
  void shouldSendWhatLingersBeforeItCloses() {
    Publisher publisher = open(10, 1 << 20);
    Future<Receipt> row = append(publisher, 1);
    Future<Void> closed = publisher.close();
    client.submitted().answer(receipt(1));

    assertTrue(row.succeeded());
    assertTrue(closed.succeeded());
    Future<Receipt> late = append(publisher, 2);
    client.world.failure(RefusedException.class, late);
  }

  @Test
  void shouldNotGoOnOpeningOnceItWasGivenUp() {
    Future<Publisher> opening =
        Publisher.open(
            "orders",
            new PublisherOptions("p", 1, 1, 0, SETTINGS),
            client.world.environment(),
            client.bus);
    client.opening();
    client.world.failure(RefusedException.class, opening);
    client.world.runAll();

    assertEquals(0, client.bus.unseen());
  }

  @Test
  void shouldRefuseOptionsBelowTheirFloor() {
    String longest = "p".repeat(PublisherOptions.MAX_PRODUCER_LENGTH);
    assertEquals(longest, PublisherOptions.of(longest).producer());
    for (String wrong : List.of("", longest + "p", "~p", "p\ud800")) {
      assertThrows(IllegalArgumentException.class, () -> PublisherOptions.of(wrong));
    }
    assertThrows(
        IllegalArgumentException.class, () -> new PublisherOptions("p", 0, 1, 0, SETTINGS));
    assertThrows(
        IllegalArgumentException.class, () -> new PublisherOptions("p", 1, 0, 0, SETTINGS));
    assertThrows(
        IllegalArgumentException.class, () -> new PublisherOptions("p", 1, 1, -1, SETTINGS));
  }
}
