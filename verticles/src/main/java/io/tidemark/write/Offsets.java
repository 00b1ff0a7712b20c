package io.tidemark.write;

import io.tidemark.client.PublisherOptions;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.Json;

/** What a source may say of where it stands: kept in the shard's state, and not looked into. */
final class Offsets {

  /** Every commit of a source carries one for each partition that has moved. */
  static final int MAX_CHARS = 16 << 10;

  private Offsets() {}

  /** Whether it is JSON, not too long, and can be stored. */
  static boolean isValid(String offset) {
    if (offset.length() > MAX_CHARS || !PublisherOptions.isUnicode(offset)) {
      return false;
    }
    try {
      Object unused = Json.decodeValue(offset);
      return true;
    } catch (DecodeException e) {
      return false;
    }
  }
}
