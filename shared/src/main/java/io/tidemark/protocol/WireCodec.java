package io.tidemark.protocol;

import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import io.tidemark.location.Consensus;
import io.tidemark.persist.Cbor;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.MessageCodec;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Our messages on the event bus: as they are within a process; between processes, in the body of
 * the event bus' own frame, as
 *
 * <pre>
 *   length  int32, big-endian: how many bytes follow, or {@value #TOO_LARGE} in place of a message
 *           that was too large to be sent
 *   message {@link Cbor}
 * </pre>
 */
final class WireCodec<T> implements MessageCodec<T, Object> {

  /**
   * What a message may have at most, in bytes: as much as one version of a shard's state, so that
   * nothing that could be committed is past it. Messages are far smaller; a large one holds up the
   * pings behind it.
   */
  static final int MAX_BYTES = Consensus.MAX_VALUE_BYTES;

  /** In the place of a length. */
  private static final int TOO_LARGE = -1;

  private static final Logger log = LoggerFactory.getLogger(WireCodec.class);

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
              Messages.Outdated.class,
              Messages.Retire.class,
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
              Messages.OpenReading.class,
              Messages.Reading.class,
              Messages.NextBlock.class,
              Messages.Block.class,
              Messages.CloseReading.class,
              Rows.class)
          .stream()
          .collect(
              Collectors.toUnmodifiableMap(type -> type, type -> new WireCodec<>(type, MAX_BYTES)));

  private final String name;
  private final ObjectWriter writer;
  private final ObjectReader reader;
  private final Class<T> type;
  private final int maxBytes;

  /**
   * @param maxBytes of a message, without its length
   */
  WireCodec(Class<T> type, int maxBytes) {
    this.type = type;
    this.maxBytes = maxBytes;
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

  /**
   * The bytes of a message.
   *
   * @throws RefusedException if it is too large
   */
  byte[] encode(T message) {
    try {
      byte[] bytes = writer.writeValueAsBytes(message);
      if (bytes.length > maxBytes) {
        throw tooLarge("has " + bytes.length + " bytes");
      }
      return bytes;
    } catch (IOException e) {
      throw new IllegalStateException(name + " does not encode", e);
    }
  }

  /**
   * Of a message that is too large, only that goes out: its receiver says so to whoever asked.
   * Failing here would do worse, since Vert.x encodes when the connection stands, and would leave
   * out what waits behind this message, too.
   */
  @Override
  public void encodeToWire(Buffer buffer, T message) {
    try {
      byte[] bytes = encode(message);
      buffer.appendInt(bytes.length).appendBytes(bytes);
    } catch (RefusedException e) {
      log.warn("a message was not sent: {}", e.getMessage());
      buffer.appendInt(TOO_LARGE);
    }
  }

  /**
   * The message at a position, or the failure with which whoever asked is to be answered: thrown
   * here, it would end in a log, and a request whose reply it was would wait for ever.
   */
  @Override
  public Object decodeFromWire(int position, Buffer buffer) {
    try {
      return decode(position, buffer);
    } catch (RefusedException e) {
      return new ReplyException(ReplyFailure.RECIPIENT_FAILURE, e.code().status(), e.replyText());
    }
  }

  /**
   * The message at a position.
   *
   * @throws RefusedException if it is larger than what is taken, or not whole, or no such message;
   *     nothing is allocated for what is not there
   */
  T decode(int position, Buffer buffer) {
    int length = buffer.getInt(position);
    if (length == TOO_LARGE) {
      throw tooLarge("was larger than that");
    }
    if (length > maxBytes) {
      throw tooLarge("claims " + length + " bytes");
    }
    int from = position + Integer.BYTES;
    if (length < 0 || length > buffer.length() - from) {
      throw undecodable("its length is " + length + ", and " + (buffer.length() - from) + " came");
    }
    try {
      return type.cast(reader.readValue(buffer.getBytes(from, from + length)));
    } catch (IOException e) {
      throw undecodable(e.getClass().getSimpleName());
    }
  }

  private RefusedException tooLarge(String how) {
    return new RefusedException(
        FailureCode.TOO_LARGE,
        "a message "
            + name
            + " may have at most "
            + maxBytes
            + " bytes, and this one "
            + how
            + ": split what it carries");
  }

  private RefusedException undecodable(String why) {
    return new RefusedException(
        FailureCode.INVALID_ROW,
        "a message "
            + name
            + " does not decode ("
            + why
            + "): run one version of Tidemark on all nodes");
  }

  @Override
  public Object transform(T message) {
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
