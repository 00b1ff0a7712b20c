package io.tidemark.protocol;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.tidemark.Seeds;
import io.tidemark.location.Await;
import io.tidemark.persist.Advance;
import io.tidemark.persist.Batch;
import io.tidemark.persist.Cbor;
import io.tidemark.persist.Part;
import io.tidemark.persist.Position;
import io.tidemark.persist.ShardId;
import io.tidemark.persist.VersionedSchema;
import io.tidemark.persist.WriterId;
import io.tidemark.progress.Antichain;
import io.tidemark.progress.BatchDescription;
import io.tidemark.row.BlockCodec;
import io.tidemark.row.RandomBlocks;
import io.tidemark.row.RandomRows;
import io.tidemark.row.Schema;
import io.tidemark.row.Update;
import io.tidemark.row.UpdateBlock;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import io.vertx.core.json.JsonObject;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class WireCodecTest {

  /** Makes random messages: each component by its type. */
  private static final class RandomMessages {
    private final RandomBlocks blocks;
    private final SplittableRandom random;
    private final RandomRows texts;
    private final Schema schema;

    RandomMessages(long seed) {
      this.blocks = new RandomBlocks(seed);
      this.random = blocks.random();
      this.texts = blocks.rows();
      this.schema = blocks.schema();
    }

    Object message(Class<?> type) throws ReflectiveOperationException {
      if (type == Rows.class) {
        return rows();
      }
      RecordComponent[] components = type.getRecordComponents();
      Class<?>[] types = new Class<?>[components.length];
      Object[] values = new Object[components.length];
      for (int i = 0; i < components.length; i++) {
        types[i] = components[i].getType();
        boolean nullable = components[i].getAnnotatedType().getAnnotations().length > 0;
        values[i] = nullable && random.nextBoolean() ? null : value(components[i].getGenericType());
      }
      return type.getDeclaredConstructor(types).newInstance(values);
    }

    private Rows rows() {
      UpdateBlock block = blocks.block(schema, random.nextInt(5));
      return random.nextBoolean() ? Rows.of(block) : Rows.encoded(BlockCodec.encode(block));
    }

    private Object value(Type type) throws ReflectiveOperationException {
      if (type instanceof ParameterizedType of) {
        return collection(of);
      }
      if (type == long.class) {
        return random.nextLong();
      }
      if (type == int.class) {
        return random.nextInt();
      }
      if (type == boolean.class) {
        return random.nextBoolean();
      }
      if (type == String.class) {
        return texts.text();
      }
      return domain((Class<?>) type);
    }

    private Object collection(ParameterizedType of) throws ReflectiveOperationException {
      Type[] arguments = of.getActualTypeArguments();
      if (of.getRawType() == List.class) {
        List<Object> list = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
          list.add(value(arguments[0]));
        }
        return list;
      }
      Map<Object, Object> map = new TreeMap<>();
      for (int i = random.nextInt(4); i > 0; i--) {
        Object key = arguments[0] == Integer.class ? random.nextInt() : texts.text();
        map.put(key, value(arguments[1]));
      }
      return map;
    }

    private Object domain(Class<?> type) throws ReflectiveOperationException {
      if (type == Antichain.class) {
        return frontier();
      } else if (type == BatchDescription.class) {
        return range();
      } else if (type == Schema.class) {
        return schema;
      } else if (type == VersionedSchema.class) {
        return new VersionedSchema(random.nextInt(4), schema);
      } else if (type == Mode.class) {
        return random.nextBoolean() ? Mode.INGEST : Mode.SOURCE;
      } else if (type == ShardId.class) {
        return ShardId.random(random::nextLong);
      } else if (type == WriterId.class) {
        return WriterId.random(random::nextLong);
      } else if (type == Batch.class) {
        return batch();
      } else if (type == Advance.class) {
        long first = random.nextLong(1, 1 << 20);
        return new Advance(first, first + random.nextInt(9), 3, 4, texts.text());
      }
      return message(type);
    }

    private Antichain frontier() {
      return switch (random.nextInt(4)) {
        case 0 -> Antichain.empty();
        case 1 -> Antichain.minimum();
        default -> Antichain.of(random.nextLong() >>> 1);
      };
    }

    private BatchDescription range() {
      Antichain a = frontier();
      Antichain b = frontier();
      return new BatchDescription(Antichain.meet(a, b), Antichain.join(a, b));
    }

    private Batch batch() {
      BatchDescription range = range();
      List<Part> parts = new ArrayList<>();
      for (int i = random.nextInt(3); i > 0; i--) {
        boolean rewritten = range.contains(Long.MAX_VALUE >> 1);
        Long rewrite = rewritten ? Long.valueOf(Long.MAX_VALUE >> 1) : null;
        byte[] block = BlockCodec.encode(blocks.block(schema, 2));
        parts.add(
            random.nextBoolean()
                ? new Part.Hollow(
                    "s/w/p" + i, 1, random.nextInt(), 2, range, rewrite, random.nextInt(3))
                : new Part.Inline(block, 2, range, rewrite, random.nextInt(3)));
      }
      return new Batch(range, parts);
    }
  }

  private static List<Class<?>> types() {
    List<Class<?>> types = new ArrayList<>();
    for (Class<?> type : Messages.class.getDeclaredClasses()) {
      if (type.isRecord() && type != Messages.Numbered.class && type != Messages.Frontier.class) {
        types.add(type);
      }
    }
    types.add(Rows.class);
    return types;
  }

  @Test
  void shouldCarryEveryMessageBetweenProcesses() {
    Seeds.forEach(200, this::carriesEveryMessage);
  }

  private void carriesEveryMessage(long seed) {
    RandomMessages random = new RandomMessages(seed);
    for (Class<?> type : types()) {
      try {
        Object message = random.message(type);
        assertNotNull(WireCodec.forMessage(message), type + " has no codec");
        Object arrived = WireRoundTrip.of(message);
        assertEquals(type, arrived.getClass());
        assertArrayEquals(bytes(message), bytes(arrived));
        if (message instanceof Rows rows) {
          UpdateBlock sent = rows.decode(random.schema);
          Update.assertSame(sent, ((Rows) arrived).decode(random.schema));
        } else if (!holdsBytes(message)) {
          assertEquals(message, arrived);
        }
      } catch (ReflectiveOperationException | JsonProcessingException e) {
        throw new AssertionError(e);
      }
    }
  }

  private static boolean holdsBytes(Object message) {
    return message instanceof Messages.Token
        || message instanceof Messages.Submit
        || message instanceof Messages.SubmitSource
        || message instanceof Messages.Block;
  }

  private static byte[] bytes(Object message) throws JsonProcessingException {
    return Cbor.mapper().writeValueAsBytes(message);
  }

  @Test
  void shouldTellThatNothingElseIsOurs() {
    assertNull(WireCodec.forMessage(new JsonObject()));
    assertNull(WireCodec.forMessage("text"));
    Set<String> names = new HashSet<>();
    RandomMessages random = new RandomMessages(1);
    for (Class<?> type : types()) {
      try {
        WireCodec<Object> codec = WireCodec.forMessage(random.message(type));
        assertTrue(names.add(codec.name()), "two codecs are called " + codec.name());
        assertEquals(-1, codec.systemCodecID());
      } catch (ReflectiveOperationException e) {
        throw new LinkageError("a message cannot be made", e);
      }
    }
  }

  @Test
  void shouldDecodeDamagedMessagesOrFail() {
    Seeds.forEach(20, this::survivesDamage);
  }

  private void survivesDamage(long seed) {
    RandomMessages random = new RandomMessages(seed);
    for (Class<?> type : types()) {
      try {
        WireCodec<Object> codec = WireCodec.forMessage(random.message(type));
        Buffer buffer = Buffer.buffer();
        codec.encodeToWire(buffer, random.message(type));
        byte[] bytes = buffer.getBytes();
        for (int i = 0; i < 20; i++) {
          byte[] damaged = bytes.clone();
          damaged[random.random.nextInt(4, Math.max(5, bytes.length))] =
              (byte) random.random.nextInt(256);
          decode(codec, damaged);
        }
      } catch (ReflectiveOperationException e) {
        throw new LinkageError("a message cannot be made", e);
      }
    }
  }

  private static void decode(WireCodec<Object> codec, byte[] bytes) {
    try {
      Object unused = codec.decode(0, Buffer.buffer(bytes));
    } catch (RefusedException e) {
      assertEquals(FailureCode.INVALID_ROW, e.code());
      assertTrue(e.getMessage().contains("does not decode"), e.getMessage());
    }
  }

  @Test
  void shouldNameAddressesThatDoNotMeet() {
    assertEquals("tidemark.orders", Addresses.rows("orders"));
    assertEquals("tidemark.orders.open", Addresses.open("orders"));
    assertEquals("tidemark.orders.upper", Addresses.upper("orders"));
    assertEquals("tidemark.orders.changes", Addresses.changes("orders"));
    assertEquals("tidemark.admin", Addresses.ADMIN);
    Set<String> all =
        Set.of(
            Addresses.writer("x"),
            Addresses.descriptions("x"),
            Addresses.mint("x"),
            Addresses.append("x"),
            Addresses.CATALOG);
    assertEquals(5, all.size());
    all.forEach(address -> assertTrue(address.startsWith("tidemark.internal."), address));
  }

  @Test
  void shouldKeepTheCodeOfARefusalOverTheBus() {
    for (FailureCode code : FailureCode.values()) {
      RefusedException refused = new RefusedException(code, "because: it is");
      ReplyException reply =
          new ReplyException(ReplyFailure.RECIPIENT_FAILURE, code.status(), refused.replyText());
      RefusedException back = RefusedException.of(reply);
      assertEquals(code, back.code());
      assertEquals("because: it is", back.getMessage());
      assertEquals(refused, RefusedException.of(refused));
    }
    assertEquals(
        FailureCode.OUTCOME_UNKNOWN,
        RefusedException.of(new ReplyException(ReplyFailure.TIMEOUT, "late")).code());
    assertEquals(
        FailureCode.UNAVAILABLE,
        RefusedException.of(new ReplyException(ReplyFailure.NO_HANDLERS, "none")).code());
    assertEquals(
        FailureCode.OUTCOME_UNKNOWN,
        RefusedException.of(new ReplyException(ReplyFailure.RECIPIENT_FAILURE, 5, "?")).code());
    assertEquals(
        FailureCode.OUTCOME_UNKNOWN, RefusedException.of(new IllegalStateException()).code());
  }

  @Test
  void shouldCarryMessagesOverARealEventBus() {
    Vertx vertx = Vertx.vertx();
    try {
      Bus bus = new VertxBus(vertx);
      assertNotNull(new VertxBus(vertx));
      Await.result(
          bus.consume(
              "a",
              delivery -> {
                if (delivery.body() instanceof Messages.WhichEpoch) {
                  delivery.reply(
                      new Messages.Standing(Position.NONE, "yes".equals(delivery.header("room"))));
                } else {
                  delivery.refuse(new RefusedException(FailureCode.TOO_LARGE, "split it"));
                }
              }));
      Object standing =
          Await.result(bus.request("a", new Messages.WhichEpoch(), Map.of("room", "yes"), 10_000));
      RefusedException refused =
          Await.failure(RefusedException.class, bus.request("a", new JsonObject(), 10_000));
      RefusedException nobody =
          Await.failure(RefusedException.class, bus.request("b", new JsonObject(), 10_000));

      assertEquals(new Messages.Standing(Position.NONE, true), standing);
      assertEquals(FailureCode.TOO_LARGE, refused.code());
      assertEquals("split it", refused.getMessage());
      assertEquals(FailureCode.UNAVAILABLE, nobody.code());
    } finally {
      Await.result(vertx.close());
    }
  }
}
