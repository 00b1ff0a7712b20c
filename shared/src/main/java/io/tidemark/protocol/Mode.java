package io.tidemark.protocol;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** Who owns the times of a collection. */
public enum Mode {
  /** The collection's own clock: rows get the time of the batch that they are committed with. */
  INGEST,
  /** The sources: each row has a time, and frontiers say which times are complete. */
  SOURCE;

  /** {@code ingest} or {@code source}. */
  @JsonValue
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * @throws IllegalArgumentException if the text is neither
   */
  @JsonCreator
  public static Mode parse(String text) {
    for (Mode mode : values()) {
      if (mode.text().equals(text)) {
        return mode;
      }
    }
    throw new IllegalArgumentException("'" + text + "' is no mode: use ingest or source");
  }
}
