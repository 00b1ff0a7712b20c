package io.tidemark.launcher.faults;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What producers sent and what was acknowledged to them, as the producers saw it: one line to an
 * event, written before a message is sent and after its reply came.
 *
 * <pre>
 * sent  PRODUCER SEQUENCE ROWS NANOS          the first time only, not when it is sent again
 * acked PRODUCER SEQUENCE TIME UPPER NANOS
 * </pre>
 *
 * Nanos are of the machine's monotonic clock, which all its processes share.
 */
final class History implements AutoCloseable {

  private final OutputStream out;
  private final Path file;
  private final List<Path> others = new ArrayList<>();

  /** Names a message. */
  record Message(String producer, long sequence) {
    @Override
    public String toString() {
      return producer + " " + sequence;
    }
  }

  /** A message that was sent. */
  record Sent(int rows, long nanos) {}

  /** A message that was acknowledged: its rows are in the collection at {@code time}. */
  record Acked(long time, long upper, long nanos) {}

  /** Everything up to one moment. */
  record Events(Map<Message, Sent> sent, Map<Message, Acked> acked) {
    static Events none() {
      return new Events(new LinkedHashMap<>(), new LinkedHashMap<>());
    }
  }

  History(Path file) throws IOException {
    this.file = file;
    this.out = new FileOutputStream(file.toFile(), true);
  }

  /** A message is about to be sent for the first time. */
  void sent(String producer, long sequence, int rows) {
    write("sent %s %d %d %d\n".formatted(producer, sequence, rows, System.nanoTime()));
  }

  /** A message was acknowledged. */
  void acked(String producer, long sequence, long time, long upper) {
    write("acked %s %d %d %d %d\n".formatted(producer, sequence, time, upper, System.nanoTime()));
  }

  private synchronized void write(String line) {
    try {
      out.write(line.getBytes(StandardCharsets.US_ASCII));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Another process writes a history of its own, which is read together with this one. */
  synchronized void include(Path other) {
    others.add(other);
  }

  /** What has happened until now. */
  Events events() {
    List<Path> files = new ArrayList<>(List.of(file));
    synchronized (this) {
      files.addAll(others);
    }
    Events events = Events.none();
    files.stream().filter(Files::exists).forEach(each -> read(each, events));
    return events;
  }

  private static void read(Path file, Events into) {
    String text;
    try {
      text = Files.readString(file, StandardCharsets.US_ASCII);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    // What follows the last line feed is being written.
    text.substring(0, text.lastIndexOf('\n') + 1).lines().forEach(line -> event(line, into));
  }

  private static void event(String line, Events into) {
    String[] fields = line.split(" ", -1);
    Message message = new Message(fields[1], Long.parseLong(fields[2]));
    if (fields[0].equals("sent")) {
      into.sent.putIfAbsent(
          message, new Sent(Integer.parseInt(fields[3]), Long.parseLong(fields[4])));
    } else {
      Acked acked =
          new Acked(
              Long.parseLong(fields[3]), Long.parseLong(fields[4]), Long.parseLong(fields[5]));
      into.acked.putIfAbsent(message, acked);
    }
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
