package io.tidemark.launcher.http;

import io.tidemark.client.Change;
import io.tidemark.client.Subscriber;
import io.tidemark.environment.Timers;
import io.tidemark.progress.Antichain;
import io.tidemark.protocol.ReadPosition;
import io.tidemark.protocol.RefusedException;
import io.tidemark.row.JsonRowWriter;
import io.tidemark.row.RowFields;
import io.tidemark.row.UpdateBlock;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import java.util.Iterator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Changes on their way to a client, no faster than that takes them.
 *
 * <pre>
 *   event: update           a row that appears or disappears; some of them…
 *   data: {"id":7,…,"_time":17,"_diff":1}
 *
 *   event: progress         …then how far that is: what came before it is whole
 *   id: 18
 *   data: {"frontier":18}
 *
 *   :                       now and then, so that the connection is seen to live
 * </pre>
 */
final class ChangesReply {

  /** Proxies cut off what is still for longer, mostly after 30 or 60 seconds. */
  private static final long HEARTBEAT_MILLIS = 10_000;

  private static final Buffer HEARTBEAT = Buffer.buffer(":\n\n");
  private static final Buffer UPDATE = Buffer.buffer("event: update\ndata: ");

  /** After a line: the empty one with which an event ends. */
  private static final Buffer END = Buffer.buffer("\n");

  private static final Logger log = LoggerFactory.getLogger(ChangesReply.class);

  private final Subscriber subscriber;
  private final HttpServerResponse response;
  private final Timers timers;
  private Timers.Timer beating = () -> {};
  private boolean over;

  ChangesReply(Subscriber subscriber, HttpServerResponse response, Timers timers) {
    this.subscriber = subscriber;
    this.response = response;
    this.timers = timers;
  }

  void begin() {
    response
        .setChunked(true)
        .putHeader("Content-Type", "text/event-stream; charset=utf-8")
        .putHeader("Cache-Control", "no-cache");
    Buffer first = Buffer.buffer();
    progress(first, subscriber.position());
    write(first);
    beat();
    subscriber.exceptionHandler(this::failed).endHandler(ended -> end()).handler(this::changed);
  }

  private void changed(Change change) {
    Buffer events = Buffer.buffer();
    UpdateBlock updates = change.updates();
    Iterator<byte[]> lines = new JsonRowWriter(updates.schema(), RowFields.ALL).chunks(updates, 1);
    while (lines.hasNext()) {
      events.appendBuffer(UPDATE).appendBytes(lines.next()).appendBuffer(END);
    }
    progress(events, change.position());
    write(events);
    if (response.writeQueueFull()) {
      subscriber.pause();
      response.drainHandler(room -> subscriber.resume());
    }
  }

  private static void progress(Buffer events, ReadPosition position) {
    Antichain frontier = position.frontier();
    JsonObject data =
        frontier.isEmpty()
            ? new JsonObject().putNull("frontier")
            : new JsonObject().put("frontier", frontier.time());
    String event = "event: progress\nid: " + position.text() + "\ndata: " + data.encode() + "\n\n";
    events.appendBuffer(Buffer.buffer(event));
  }

  private void write(Buffer events) {
    response.write(events).onFailure(e -> log.debug("a client is gone", e));
  }

  private void beat() {
    beating =
        timers.after(
            HEARTBEAT_MILLIS,
            () -> {
              if (!response.writeQueueFull()) {
                write(HEARTBEAT);
              }
              beat();
            });
  }

  /** The last event; a client that comes again is told the same. */
  private void failed(Throwable cause) {
    if (!over) {
      RefusedException refused = RefusedException.of(cause);
      JsonObject data =
          new JsonObject().put("code", refused.code().name()).put("message", refused.getMessage());
      write(Buffer.buffer("event: failure\ndata: " + data.encode() + "\n\n"));
      end();
    }
  }

  /** Ends the reply; the client may go on from the last id that it has. */
  void end() {
    if (!over) {
      close();
      response.end().onFailure(e -> log.debug("a client is gone", e));
    }
  }

  /** The client reads no more. */
  void close() {
    if (!over) {
      over = true;
      beating.cancel();
      Future<Void> unused = subscriber.close();
    }
  }
}
