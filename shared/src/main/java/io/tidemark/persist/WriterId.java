package io.tidemark.persist;

import com.fasterxml.jackson.annotation.JsonValue;
import io.tidemark.environment.Entropy;

/**
 * Names one registration of a writer: one epoch of a collection's pipeline. The text form is {@code
 * w} and 32 hexadecimal digits.
 */
public record WriterId(@JsonValue String text) {

  public WriterId {
    Ids.check(text, 'w');
  }

  public static WriterId random(Entropy entropy) {
    return new WriterId("w" + entropy.nextId());
  }

  @Override
  public String toString() {
    return text;
  }
}
