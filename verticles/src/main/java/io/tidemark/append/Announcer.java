package io.tidemark.append;

import io.tidemark.environment.Offload;
import io.tidemark.persist.Append;
import io.tidemark.persist.Part;
import io.tidemark.protocol.Addresses;
import io.tidemark.protocol.Bus;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes what was committed, in order. Updates that take a while to be put in words are put in
 * words elsewhere: the event loop has the next commit to see to. Belongs to one context.
 */
final class Announcer {

  /** So little is put in words at once: less than to hand it to another thread. */
  private static final int AT_ONCE_BYTES = 2 << 10;

  /** Of what comes while so many batches wait, only the bounds are told. */
  static final int MAX_WAITING = 16;

  private static final Logger log = LoggerFactory.getLogger(Announcer.class);

  private final String collection;
  private final Changes changes;
  private final Bus bus;
  private final Offload offload;
  private Future<Void> last = Future.succeededFuture();
  private int waiting;

  Announcer(String collection, Changes changes, Bus bus, Offload offload) {
    this.collection = collection;
    this.changes = changes;
    this.bus = bus;
    this.offload = offload;
  }

  /** Tells of a batch, after those before it. */
  void committed(long epoch, Append append) {
    boolean few = waiting >= MAX_WAITING;
    if (waiting == 0 && inlineBytes(append) <= AT_ONCE_BYTES) {
      publish(changes.batch(epoch, append));
      return;
    }
    waiting++;
    JsonObject bounds = Changes.bounds(epoch, append);
    Future<JsonObject> message =
        few ? last.map(bounds) : last.compose(before -> told(epoch, append)).otherwise(bounds);
    last =
        message.map(
            words -> {
              waiting--;
              publish(words);
              return null;
            });
  }

  private Future<JsonObject> told(long epoch, Append append) {
    return offload
        .call(() -> changes.batch(epoch, append))
        .onFailure(e -> log.warn("'{}': the updates of a batch could not be told", collection, e));
  }

  private void publish(JsonObject message) {
    bus.publish(Addresses.changes(collection), message);
  }

  private static long inlineBytes(Append append) {
    long bytes = 0;
    for (Part part : append.parts()) {
      bytes += part instanceof Part.Inline inline ? inline.block().length : 0;
    }
    return bytes;
  }
}
