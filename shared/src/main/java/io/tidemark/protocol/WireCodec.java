package io.tidemark.protocol;

import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import io.tidemark.persist.Cbor;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.MessageCodec;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Our messages on the event bus: as they are within a process, as {@link Cbor} with its length
 * before it between processes.
 */
final class WireCodec<T> implements MessageCodec<T, T> {

  private static final Map<Class<?>, WireCodec<?>> CODECS =
      List.of(
              Messages.Join.class,
              Messages.Roster.class,
              Messages.Ack.class,
              Messages.Descriptions.class,
              Messages.Held.class,
              Messages.Frontiers.class,
              Messages.Token.class,
              Messages.Working.class,
              Messages.Committed.class,
              Messages.EpochStarted.class,
              Messages.EndEpoch.class,
              Messages.WhereIs.class,
              Messages.Standing.class,
              Messages.Submit.class,
              Messages.OpenProducer.class,
              Messages.Session.class,
              Messages.Receipt.class,
              Messages.WhichEpoch.class,
              Messages.CurrentEpoch.class,
              Messages.ClaimPartition.class,
              Messages.Claim.class,
              Messages.SubmitSource.class,
              Messages.Taken.class,
              Rows.class)
          .stream()
          .collect(Collectors.toUnmodifiableMap(type -> type, WireCodec::new));

  private final String name;
  private final ObjectWriter writer;
  private final ObjectReader reader;
  private final Class<T> type;

  private WireCodec(Class<T> type) {
    this.type = type;
    this.name = "tm." + type.getSimpleName();
    this.writer = Cbor.mapper().writerFor(type);
    this.reader = Cbor.mapper().readerFor(type);
  }

  /** The codec for a message, or null if the event bus has one of its own. */
  @SuppressWarnings("unchecked") // each class is mapped to its own codec
  static @Nullable WireCodec<Object> forMessage(Object message) {
    return (WireCodec<Object>) CODECS.get(message.getClass());
  }

  /** Makes a Vert.x instance know our messages; it may know them already. */
  static void registerAll(Vertx vertx) {
    synchronized (vertx) {
      if (vertx.sharedData().<String, Boolean>getLocalMap("tidemark.codecs").put("done", true)
          == null) {
        CODECS.values().forEach(codec -> vertx.eventBus().registerCodec(codec));
      }
    }
  }

  @Override
  public void encodeToWire(Buffer buffer, T message) {
    try {
      byte[] bytes = writer.writeValueAsBytes(message);
      buffer.appendInt(bytes.length).appendBytes(bytes);
    } catch (IOException e) {
      throw new IllegalStateException(name + " does not encode", e);
    }
  }

  @Override
  public T decodeFromWire(int position, Buffer buffer) {
    int length = buffer.getInt(position);
    try {
      return type.cast(reader.readValue(buffer.getBytes(position + 4, position + 4 + length)));
    } catch (IOException e) {
      throw new IllegalStateException(name + " does not decode", e);
    }
  }

  @Override
  public T transform(T message) {
    return message;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public byte systemCodecID() {
    return -1;
  }
}
