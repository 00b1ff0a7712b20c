package io.tidemark.protocol;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.tidemark.location.Await;
import io.tidemark.location.Consensus;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.test.fakecluster.FakeClusterManager;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How large a message between processes may be. */
@Timeout(120)
class WireLimitsTest {

  private static final int MAX_BYTES = 1_000;

  private final WireCodec<Rows> codec = new WireCodec<>(Rows.class, MAX_BYTES);

  @AfterEach
  void reset() {
    FakeClusterManager.reset();
  }

  /** Rows that take so many bytes on the wire; CBOR itself takes three of them. */
  private static Rows rows(int bytes) {
    Rows rows = Rows.encoded(new byte[bytes - 3]);
    assertEquals(bytes, new WireCodec<>(Rows.class, Integer.MAX_VALUE).encode(rows).length);
    return rows;
  }

  @CanIgnoreReturnValue
  private static RefusedException assertRefused(FailureCode code, Supplier<?> call) {
    RefusedException refused = assertThrows(RefusedException.class, call::get);
    assertEquals(code, refused.code());
    return refused;
  }

  @Test
  void shouldSendUpToTheLimit() {
    for (int bytes : new int[] {MAX_BYTES - 1, MAX_BYTES}) {
      Buffer wire = Buffer.buffer("before");
      codec.encodeToWire(wire, rows(bytes));
      assertEquals(6 + 4 + bytes, wire.length());
      assertArrayEquals(rows(bytes).encode(), codec.decode(6, wire).encode());
    }
  }

  @Test
  void shouldSendNothingOfWhatIsPastTheLimit() {
    for (int bytes : new int[] {MAX_BYTES + 1, 10 * MAX_BYTES}) {
      RefusedException refused =
          assertRefused(FailureCode.TOO_LARGE, () -> codec.encode(rows(bytes)));
      assertTrue(refused.getMessage().contains("at most 1000 bytes"), refused.getMessage());
      Buffer wire = Buffer.buffer();
      codec.encodeToWire(wire, rows(bytes));
      assertEquals(4, wire.length());
      assertRefused(FailureCode.TOO_LARGE, () -> codec.decode(0, wire));
    }
  }

  @Test
  void shouldTakeNothingThatIsPastTheLimitOrNotThere() {
    for (int claimed : new int[] {MAX_BYTES + 1, 10 * MAX_BYTES, Integer.MAX_VALUE}) {
      Buffer wire = Buffer.buffer().appendInt(claimed).appendBytes(new byte[claimed % 50_000]);
      assertRefused(FailureCode.TOO_LARGE, () -> codec.decode(0, wire));
    }
    for (int claimed : new int[] {11, MAX_BYTES, Integer.MIN_VALUE, -2}) {
      Buffer wire = Buffer.buffer().appendInt(claimed).appendBytes(new byte[10]);
      assertRefused(FailureCode.INVALID_ROW, () -> codec.decode(0, wire));
    }
    // Nobody can claim 2 GiB of a codec as it is used, either.
    Buffer claim = Buffer.buffer().appendInt(Integer.MAX_VALUE);
    assertRefused(
        FailureCode.TOO_LARGE,
        () -> WireCodec.forMessage(Rows.encoded(new byte[0])).decode(0, claim));
  }

  /** Two processes, as far as the event bus can tell: their messages go over sockets. */
  @Test
  void shouldTellWhoAskedAndGoOn() {
    Vertx one = clustered();
    Vertx two = clustered();
    try {
      Bus server = new VertxBus(one);
      Await.result(
          server.consume(
              "sizes",
              delivery -> {
                int bytes = ((Rows) delivery.body()).encode().length;
                delivery.reply(bytes == 1 ? tooLarge() : new Messages.Ack());
              }));
      Bus client = new VertxBus(two);
      var first = client.request("sizes", tooLarge(), Map.of(), 30_000);
      var behind = client.request("sizes", Rows.encoded(new byte[2]), Map.of(), 30_000);
      RefusedException refused = Await.failure(RefusedException.class, first);
      assertEquals(FailureCode.TOO_LARGE, refused.code(), refused.getMessage());
      assertTrue(
          refused.getMessage().contains("at most " + Consensus.MAX_VALUE_BYTES),
          refused.getMessage());
      assertEquals(new Messages.Ack(), Await.result(behind));
      // The same holds for a reply.
      RefusedException reply =
          Await.failure(
              RefusedException.class, client.request("sizes", Rows.encoded(new byte[1]), 30_000));
      assertEquals(FailureCode.TOO_LARGE, reply.code(), reply.getMessage());
    } finally {
      Await.result(two.close());
      Await.result(one.close());
    }
  }

  private static Rows tooLarge() {
    return Rows.encoded(new byte[WireCodec.MAX_BYTES]);
  }

  private static Vertx clustered() {
    return Await.result(
        Vertx.builder().withClusterManager(new FakeClusterManager()).buildClustered());
  }
}
