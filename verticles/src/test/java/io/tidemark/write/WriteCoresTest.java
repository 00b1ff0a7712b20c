package io.tidemark.write;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.client.SessionSettings;
import io.tidemark.progress.Antichain;
import io.tidemark.protocol.Bus.Delivery;
import io.tidemark.protocol.Counts;
import io.tidemark.protocol.FailureCode;
import io.tidemark.protocol.Mode;
import io.tidemark.protocol.RefusedException;
import io.tidemark.protocol.Rows;
import io.tidemark.row.BlockCodec;
import io.tidemark.row.UpdateBlock;
import io.tidemark.row.UpdateBlockBuilder;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** The small decisions of writers. */
class WriteCoresTest {

  private static final List<String> ROSTER = List.of("a", "b", "c");

  @Test
  void shouldDealOutEveryPartitionOnce() {
    Set<Integer> all = new HashSet<>();
    for (String writer : ROSTER) {
      for (int partition : Assignment.partitionsOf(writer, 10, ROSTER)) {
        assertTrue(all.add(partition));
        assertEquals(writer, Assignment.writerOf(partition, ROSTER));
      }
    }
    assertEquals(10, all.size());
  }

  @Test
  void shouldAssignAProducerByItsNameAlone() {
    Set<String> used = new HashSet<>();
    for (int i = 0; i < 100; i++) {
      String writer = Assignment.writerOf("producer " + i, ROSTER);
      assertEquals(writer, Assignment.writerOf("producer " + i, List.copyOf(ROSTER)));
      used.add(writer);
    }
    assertEquals(Set.copyOf(ROSTER), used);
    // A hash that is negative is one, too.
    assertTrue("polygenelubricants".hashCode() == Integer.MIN_VALUE);
    assertTrue(ROSTER.contains(Assignment.writerOf("polygenelubricants", ROSTER)));
  }

  @Test
  void shouldKeepAWritersOwnProducerWithIt() {
    for (String writer : ROSTER) {
      String own = Assignment.ownProducer(writer, "1");
      assertEquals(writer, Assignment.writerOf(own, ROSTER));
    }
    // One whose writer is not on the roster belongs to somebody all the same.
    assertTrue(ROSTER.contains(Assignment.writerOf(Assignment.ownProducer("gone", "1"), ROSTER)));
  }

  @Test
  void shouldHoldNoMoreThanTheLimit() {
    MemoryBudget budget = new MemoryBudget(100);
    assertTrue(budget.reserve(60));
    assertFalse(budget.reserve(41));
    assertTrue(budget.reserve(40));
    assertEquals(100, budget.heldBytes());
    budget.release(100);
    assertEquals(0, budget.heldBytes());
    assertThrows(IllegalStateException.class, () -> budget.release(1));
    assertThrows(IllegalArgumentException.class, () -> new MemoryBudget(0));
  }

  @Test
  void shouldCountByKind() {
    UpdateBlockBuilder block = new UpdateBlockBuilder(Epochs.SCHEMA);
    block.int64(0, 1);
    block.row(0, 3);
    block.int64(0, 1);
    block.row(0, -2);
    block.error("x", 0, 4);
    block.error("x", 0, -5);
    assertEquals(new Counts(3, 2, 4, 5, 4), Counting.of(block.build()));
    assertEquals(new Counts(2, 0, 0, 0, 2), Counting.of(Epochs.at(1, 2)));
    assertEquals(Counts.NONE, Counting.of(new UpdateBlockBuilder(Epochs.SCHEMA).build()));
  }

  @Test
  void shouldDecodeRowsInEveryForm() {
    RowDecoder decoder = new RowDecoder(Epochs.SCHEMA, Mode.INGEST, 1_000);
    JsonObject row = new JsonObject().put("id", 7);
    assertEquals(7L, decoder.decode(row).value(0, 0));
    assertEquals(2, decoder.decode(new JsonArray().add(row).add(row)).size());
    byte[] encoded = BlockCodec.encode(Epochs.at(5, 6));
    assertEquals(6L, decoder.decode(Buffer.buffer(encoded)).value(0, 1));
    assertEquals(6L, decoder.decode(Rows.encoded(encoded)).value(0, 1));
    UpdateBlock block = Epochs.at(5);
    assertTrue(decoder.decode(Rows.of(block)) == block, "within a process nothing is copied");
  }

  @Test
  void shouldRefuseWhatIsNoRowOrTooLarge() {
    RowDecoder decoder = new RowDecoder(Epochs.SCHEMA, Mode.INGEST, 100);
    assertRefused(FailureCode.INVALID_ROW, () -> decoder.decode(null));
    assertRefused(FailureCode.INVALID_ROW, () -> decoder.decode("text"));
    assertRefused(FailureCode.INVALID_ROW, () -> decoder.decode(new JsonArray()));
    assertRefused(FailureCode.INVALID_ROW, () -> decoder.decode(Buffer.buffer("rubbish")));
    assertRefused(
        FailureCode.INVALID_ROW,
        () -> decoder.decode(new JsonObject().put("id", 1).put("_time", 1)));
    assertRefused(FailureCode.TOO_LARGE, () -> decoder.decode(Buffer.buffer(new byte[101])));
    UpdateBlock large = Epochs.at(1, 2, 3, 4, 5, 6, 7);
    assertRefused(FailureCode.TOO_LARGE, () -> decoder.decode(Rows.of(large)));
    RowDecoder timed = new RowDecoder(Epochs.SCHEMA, Mode.SOURCE, 100);
    assertRefused(FailureCode.INVALID_ROW, () -> timed.decode(new JsonObject().put("id", 1)));
    assertEquals(9, timed.decode(new JsonObject().put("id", 1).put("_time", 9)).minTime());
  }

  private static void assertRefused(FailureCode code, Supplier<?> call) {
    assertEquals(code, assertThrows(RefusedException.class, call::get).code());
  }

  /** A message with these headers. */
  private record Sent(Map<String, String> headers) implements Delivery {
    @Override
    public Object body() {
      return null;
    }

    @Override
    public String header(String name) {
      return headers.get(name);
    }

    @Override
    public void reply(Object body) {
      throw new AssertionError("nobody replies");
    }

    @Override
    public void refuse(RefusedException refusal) {
      throw new AssertionError("nobody refuses");
    }
  }

  @Test
  void shouldReadHeaders() {
    Sent sent = new Sent(Map.of("seq", "12", "frontier", "7", "partition", "3"));
    assertEquals(12, Headers.number(sent, "seq", 1));
    assertEquals(5, Headers.number(sent, "session", 0, 5));
    assertEquals(Antichain.of(7), Headers.frontier(sent));
    assertEquals(3, Headers.partition(sent));
    assertEquals(Antichain.empty(), Headers.frontier(new Sent(Map.of("frontier", "end"))));
    assertNull(Headers.frontier(new Sent(Map.of())));
    assertEquals(0, Headers.partition(new Sent(Map.of())));
    for (String wrong : List.of("", "x", "0", "-1", "1.5", "9223372036854775808")) {
      assertRefused(
          FailureCode.INVALID_ROW, () -> Headers.number(new Sent(Map.of("seq", wrong)), "seq", 1));
    }
    assertRefused(FailureCode.INVALID_ROW, () -> Headers.number(new Sent(Map.of()), "seq", 1));
    assertRefused(
        FailureCode.INVALID_ROW, () -> Headers.partition(new Sent(Map.of("partition", "1024"))));
  }

  @Test
  void shouldRefuseSettingsBelowTheirFloors() {
    SessionSettings session = SessionSettings.DEFAULTS;
    assertThrows(
        IllegalArgumentException.class,
        () -> new WriterSettings(10, 9, 1, 1, 1, 1, 1, session),
        "the credit must have room for the largest message");
    assertThrows(
        IllegalArgumentException.class, () -> new WriterSettings(1, 1, 0, 1, 1, 1, 1, session));
    assertThrows(
        IllegalArgumentException.class, () -> new WriterSettings(1, 1, 1, 0, 1, 1, 1, session));
  }
}
