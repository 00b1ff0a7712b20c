package io.tidemark.launcher.cli;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Server-sent events as they come. */
final class EventStream implements Closeable {

  private final BufferedReader lines;

  EventStream(InputStream body) {
    this.lines = new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8));
  }

  /**
   * One event.
   *
   * @param type as the server names it
   * @param id null if it has none
   */
  record Event(String type, @Nullable String id, String data) {}

  /** The next event; null at the end of the stream. Blocks. */
  @Nullable Event next() throws IOException {
    String type = "message";
    String id = null;
    String data = null;
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.isEmpty() && data != null) {
        return new Event(type, id, data);
      }
      if (line.startsWith("event: ")) {
        type = line.substring("event: ".length());
      } else if (line.startsWith("id: ")) {
        id = line.substring("id: ".length());
      } else if (line.startsWith("data: ")) {
        data = line.substring("data: ".length()); // a node never sends more than one line
      }
    }
    return null;
  }

  @Override
  public void close() throws IOException {
    lines.close();
  }
}
