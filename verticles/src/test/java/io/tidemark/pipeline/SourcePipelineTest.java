package io.tidemark.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.tidemark.client.SourcePartition;
import io.tidemark.location.Await;
import io.tidemark.progress.Antichain;
import io.tidemark.protocol.FailureCode;
import io.tidemark.protocol.Messages.Taken;
import io.tidemark.protocol.RefusedException;
import io.tidemark.row.UpdateBlockBuilder;
import io.vertx.core.Future;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** Sources that own their times, on their way into a collection in source mode. */
class SourcePipelineTest extends PipelineTest {

  private static final String TICKS = "ticks";

  private SourcePartition claim(int partition) {
    return node().claim(TICKS, partition);
  }

  private void send(SourcePartition partition, String who, long... times) {
    Sources.send(node(), partition, who, times);
  }

  @CanIgnoreReturnValue
  private Antichain advance(SourcePartition partition, long to) {
    return node().on(() -> partition.advance(Antichain.of(to), "\"at " + to + "\"")).upper();
  }

  /** Announces a frontier, and does not wait until the upper is there. */
  @CanIgnoreReturnValue
  private Future<Taken> announce(SourcePartition partition, long to) {
    return node()
        .on(() -> Future.succeededFuture(partition.advance(Antichain.of(to), "\"at " + to + "\"")));
  }

  private RefusedException refusal(Future<Taken> future) {
    return Await.failure(RefusedException.class, future);
  }

  private Map<Object, Long> at(long time) {
    return contents().at(TICKS, OptionalLong.of(time));
  }

  @Test
  void shouldComeAsFarAsTheSlowestPartition() {
    node().admin("create", Orders.source(TICKS, 3));
    SourcePartition[] partitions = {claim(0), claim(1), claim(2)};
    for (int p = 0; p < 3; p++) {
      assertEquals(Antichain.minimum(), partitions[p].upper());
      assertNull(partitions[p].offset());
      send(partitions[p], "p" + p, 0, 3, 7);
    }
    Future<Taken> first = announce(partitions[0], 8);
    Future<Taken> second = announce(partitions[1], 5);
    assertEquals(Antichain.of(4), advance(partitions[2], 4));
    assertFalse(first.isComplete());
    assertFalse(second.isComplete());
    assertEquals(
        Map.of(Orders.values(0, "p0"), 1L, Orders.values(0, "p1"), 1L, Orders.values(0, "p2"), 1L),
        at(2));
    assertEquals(6, at(3).size());
    announce(partitions[2], 8);
    Taken unused = Await.result(second);
    announce(partitions[1], 8);
    assertEquals(Antichain.of(8), Await.result(first).upper());
    assertEquals(9, at(7).size());
    assertEquals(6, at(6).size(), "what was complete stays as it was");
  }

  @Test
  void shouldMoveTheUpperThroughTimesWithoutUpdates() {
    node().admin("create", Orders.source(TICKS, 1));
    SourcePartition partition = claim(0);
    assertEquals(Antichain.of(1_000), advance(partition, 1_000));
    assertEquals(Map.of(), at(999));
    assertEquals(0, node().describe(TICKS).getLong("updates"));
  }

  @Test
  void shouldResumeFromTheUpperAfterARestart() {
    node().admin("create", Orders.source(TICKS, 2));
    SourcePartition left = claim(0);
    SourcePartition right = claim(1);
    send(left, "left", 1, 2, 3, 4, 5);
    send(right, "right", 1, 2, 3, 4, 5);
    announce(left, 6);
    assertEquals(Antichain.of(4), advance(right, 4));
    node().stop();
    start(NodeOptions.DEFAULTS);

    left = claim(0);
    right = claim(1);
    assertEquals(Antichain.of(4), left.upper());
    assertEquals(Antichain.of(4), right.upper());
    assertNull(left.offset(), "it stands further than the upper, and there it never was");
    assertEquals("\"at 4\"", right.offset());
    // One goes back further than it has to: what is there already is dropped, and counted.
    send(left, "left", 1, 2, 3, 4, 5);
    send(right, "right", 4, 5);
    announce(left, 6);
    assertEquals(Antichain.of(6), advance(right, 6));
    for (long time = 1; time <= 5; time++) {
      assertEquals(2 * time, at(time).size());
      assertEquals(1, at(5).get(Orders.values(time, "left")));
      assertEquals(1, at(5).get(Orders.values(time, "right")));
    }
    assertEquals(3, node().counted("tidemark.updates.skipped"));
  }

  @Test
  void shouldKeepAnErrorAsData() {
    node().admin("create", Orders.source(TICKS, 1));
    SourcePartition partition = claim(0);
    node()
        .on(
            () -> {
              UpdateBlockBuilder block = new UpdateBlockBuilder(partition.schema());
              Orders.binary(1, "ann").accept(block);
              block.row(1, 1);
              block.error("line 2 has no end", 2, 1);
              block.error("line 2 has no end", 4, -1);
              return partition.send(block.build());
            });
    advance(partition, 5);
    assertEquals(Map.of(Orders.values(1, "ann"), 1L, "error: line 2 has no end", 1L), at(3));
    assertEquals(Map.of(Orders.values(1, "ann"), 1L), at(4));
    assertEquals(1, node().counted("tidemark.source.error.inserts"));
    assertEquals(1, node().counted("tidemark.source.error.retractions"));
    assertEquals(1, node().counted("tidemark.source.row.inserts"));
  }

  @Test
  void shouldEndWithTheEmptyFrontier() {
    node().admin("create", Orders.source(TICKS, 1));
    SourcePartition partition = claim(0);
    send(partition, "last", 9);
    Taken taken = node().on(() -> partition.advance(Antichain.empty(), null));
    assertEquals(Antichain.empty(), taken.upper());
    assertEquals(Map.of(Orders.values(9, "last"), 1L), contents().of(TICKS));
    assertSealed(partition);

    node().stop();
    start(NodeOptions.DEFAULTS);
    SourcePartition again = claim(0);
    assertEquals(Antichain.empty(), again.upper());
    assertSealed(again);
    assertEquals(Map.of(Orders.values(9, "last"), 1L), contents().of(TICKS));
  }

  private void assertSealed(SourcePartition partition) {
    RefusedException refusal =
        refusal(
            node()
                .on(
                    () ->
                        Future.succeededFuture(
                            partition.send(Orders.at(partition.schema(), "late", 10)))));
    assertEquals(FailureCode.SEALED, refusal.code());
    assertTrue(refusal.getMessage().contains("has ended"), refusal.getMessage());
  }

  @Test
  void shouldFenceTheClaimBefore() {
    node().admin("create", Orders.source(TICKS, 1));
    SourcePartition first = claim(0);
    SourcePartition second = claim(0);
    RefusedException refusal = refusal(announce(first, 5));
    assertEquals(FailureCode.FENCED, refusal.code());
    send(second, "second", 1);
    advance(second, 5);
    assertEquals(Map.of(Orders.values(1, "second"), 1L), at(4));
  }

  @Test
  void shouldDropWhatAnEarlierClaimStaged() {
    node().admin("create", Orders.source(TICKS, 1));
    SourcePartition first = claim(0);
    send(first, "first", 1, 2, 3);
    SourcePartition second = claim(0);
    assertEquals(Antichain.minimum(), second.upper());
    assertEquals(2, node().gauge("tidemark.epoch"), "that takes a new epoch");
    send(second, "first", 1, 2, 3);
    advance(second, 4);
    assertEquals(3, at(3).size());
    assertEquals(1, at(3).get(Orders.values(2, "first")), "not once more");
  }

  @Test
  void shouldRefuseUpdatesBeforeTheFrontier() {
    node().admin("create", Orders.source(TICKS, 2));
    SourcePartition partition = claim(0);
    announce(partition, 10);
    RefusedException refusal =
        refusal(
            node()
                .on(
                    () ->
                        Future.succeededFuture(
                            partition.send(Orders.at(partition.schema(), "late", 9)))));
    assertEquals(FailureCode.INVALID_ROW, refusal.code());
    assertTrue(refusal.getMessage().contains("before the frontier {10}"), refusal.getMessage());
  }

  @Test
  void shouldRefuseAPartitionThatDoesNotExist() {
    node().admin("create", Orders.source(TICKS, 2));
    ReplyException refusal =
        node().refusal("tidemark.ticks.open", new JsonObject().put("partition", 2));
    assertEquals(FailureCode.INVALID_ROW.status(), refusal.failureCode());
    assertTrue(refusal.getMessage().contains("has 2, counted from 0"), refusal.getMessage());
    refusal = node().refusal("tidemark.ticks.open", new JsonObject().put("producer", "till"));
    assertEquals(FailureCode.INVALID_ROW.status(), refusal.failureCode());
    assertTrue(refusal.getMessage().contains("source mode"), refusal.getMessage());
  }

  @Test
  void shouldServeASourceThatSpeaksJson() {
    node().admin("create", Orders.source(TICKS, 1));
    JsonObject claim = node().reply("tidemark.ticks.open", new JsonObject().put("partition", 0));
    String session = "" + claim.getLong("session");
    assertEquals(0, claim.getLong("upper"));
    JsonObject row = Orders.row(1, "json").put("_time", 3);
    node().reply("tidemark.ticks", row, "session", session, "seq", "1");
    JsonObject taken =
        node()
            .reply(
                "tidemark.ticks",
                null,
                "session",
                session,
                "seq",
                "2",
                "frontier",
                "4",
                "offset",
                "{\"line\": 1}");
    assertEquals(4, taken.getLong("upper"));
    assertEquals(Map.of(Orders.values(1, "json"), 1L), at(3));
    assertEquals("{\"line\": 1}", node().describe(TICKS).getJsonObject("offsets").getString("0"));
    jsonRefusal("'frontier' is 'soon'", row, session, "3", "frontier", "soon");
    jsonRefusal("'partition' is '4294967296'", row, session, "3", "partition", "4294967296");
    jsonRefusal("'_time'", Orders.row(1, "json"), session, "3");
    JsonObject end = node().reply("tidemark.ticks", null, headers(session, "3", "frontier", "end"));
    assertNull(end.getValue("upper"));
  }

  private void jsonRefusal(String text, JsonObject row, String session, String... more) {
    ReplyException refusal = node().refusal("tidemark.ticks", row, headers(session, more));
    assertEquals(FailureCode.INVALID_ROW.status(), refusal.failureCode(), refusal.getMessage());
    assertTrue(refusal.getMessage().contains(text), refusal.getMessage());
  }

  private static String[] headers(String session, String sequence, String... more) {
    String[] headers = new String[4 + more.length];
    headers[0] = "session";
    headers[1] = session;
    headers[2] = "seq";
    headers[3] = sequence;
    System.arraycopy(more, 0, headers, 4, more.length);
    return headers;
  }

  private static String[] headers(String session, String[] sequenceAndMore) {
    String[] more = new String[sequenceAndMore.length - 1];
    System.arraycopy(sequenceAndMore, 1, more, 0, more.length);
    return headers(session, sequenceAndMore[0], more);
  }

  @Test
  void shouldRefuseRowsOfProducersInSourceMode() {
    node().admin("create", Orders.source(TICKS, 1));
    ReplyException refusal =
        assertInstanceOf(
            ReplyException.class,
            node().refusal("tidemark.ticks", Orders.row(1, "x").put("_time", 1)));
    assertEquals(FailureCode.INVALID_ROW.status(), refusal.failureCode());
    assertTrue(refusal.getMessage().contains("'session' is missing"), refusal.getMessage());
  }
}
