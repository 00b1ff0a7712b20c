package io.tidemark.launcher.faults;

import io.tidemark.launcher.faults.History.Message;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/**
 * A row of the collection that the harness publishes to: it says which message it belongs to, where
 * in it, and of how many rows. Its text follows from that, so that a row that was mixed up shows.
 *
 * @param time when it is in the collection
 * @param diff how often it appears
 */
record StoredRow(Message message, int index, int of, String text, long time, long diff) {

  /** The definition of a collection of such rows. */
  static JsonObject collection(String name) {
    return new JsonObject()
        .put("name", name)
        .put(
            "columns",
            new JsonArray()
                .add(column("producer", "string"))
                .add(column("sequence", "int64"))
                .add(column("index", "int32"))
                .add(column("of", "int32"))
                .add(column("text", "string")));
  }

  private static JsonObject column(String name, String type) {
    return new JsonObject().put("name", name).put("type", type).put("nullable", false);
  }

  /** A message as NDJSON. */
  static String lines(String producer, long sequence, int rows) {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < rows; i++) {
      lines
          .append("{\"producer\": \"")
          .append(producer)
          .append("\", \"sequence\": ")
          .append(sequence)
          .append(", \"index\": ")
          .append(i)
          .append(", \"of\": ")
          .append(rows)
          .append(", \"text\": \"")
          .append(text(producer, sequence, i))
          .append("\"}\n");
    }
    return lines.toString();
  }

  /** The text that belongs to a row. */
  static String text(String producer, long sequence, int index) {
    return "row " + index + " of " + producer + " " + sequence * 31;
  }

  /** Whether it reads as it was sent. */
  boolean isIntact() {
    return text.equals(text(message.producer(), message.sequence(), index))
        && index >= 0
        && index < of;
  }
}
