package io.tidemark.protocol;

import io.vertx.core.buffer.Buffer;

/** What becomes of a message on its way between processes. */
public final class WireRoundTrip {

  private WireRoundTrip() {}

  /** The message as it arrives: ours through their codec, what Vert.x itself carries as it is. */
  public static Object of(Object message) {
    WireCodec<Object> codec = WireCodec.forMessage(message);
    if (codec == null) {
      return message;
    }
    Buffer buffer = Buffer.buffer();
    codec.encodeToWire(buffer, message);
    return codec.decodeFromWire(0, buffer);
  }
}
