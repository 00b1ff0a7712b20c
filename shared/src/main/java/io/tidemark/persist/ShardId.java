package io.tidemark.persist;

import com.fasterxml.jackson.annotation.JsonValue;
import io.tidemark.environment.Entropy;

/**
 * Names a shard. The text form is {@code s} and 32 hexadecimal digits, so that any line of a log
 * says what it is about.
 */
public record ShardId(@JsonValue String text) {

  public ShardId {
    Ids.check(text, 's');
  }

  public static ShardId random(Entropy entropy) {
    return new ShardId("s" + entropy.nextId());
  }

  @Override
  public String toString() {
    return text;
  }
}
