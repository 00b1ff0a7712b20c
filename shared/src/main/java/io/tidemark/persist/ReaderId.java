package io.tidemark.persist;

import com.fasterxml.jackson.annotation.JsonValue;
import io.tidemark.environment.Entropy;

/** Names one registration of a leased reader: {@code r} and 32 hexadecimal digits. */
record ReaderId(@JsonValue String text) {

  ReaderId {
    Ids.check(text, 'r');
  }

  static ReaderId random(Entropy entropy) {
    return new ReaderId("r" + entropy.nextId());
  }

  @Override
  public String toString() {
    return text;
  }
}
