package io.tidemark.client;

import io.tidemark.protocol.Addresses;
import io.tidemark.protocol.Bus;
import io.tidemark.protocol.Bus.Registration;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hears which epoch a collection is in, from what is published at its beginning and with each
 * advance of the upper. A hint: it may be missed, so whoever waits has a deadline all the same.
 * Belongs to one context.
 */
public final class EpochWatch {

  private static final Logger log = LoggerFactory.getLogger(EpochWatch.class);

  private final Future<@Nullable Registration> registered;
  private boolean closed;

  private EpochWatch(Bus bus, String collection, LongConsumer newer) {
    long[] newest = {0};
    this.registered =
        bus.consume(
                Addresses.upper(collection),
                delivery -> {
                  long epoch = epoch(delivery.body());
                  if (!closed && epoch > newest[0]) {
                    newest[0] = epoch;
                    newer.accept(epoch);
                  }
                })
            .onFailure(e -> log.warn("'{}': its epochs are not watched", collection, e))
            .otherwiseEmpty();
  }

  /** Tells {@code newer} of each epoch, once, until it is closed. */
  public static EpochWatch of(Bus bus, String collection, LongConsumer newer) {
    return new EpochWatch(bus, collection, newer);
  }

  private static long epoch(@Nullable Object body) {
    return body instanceof JsonObject json && json.getValue("epoch") instanceof Number epoch
        ? epoch.longValue()
        : 0;
  }

  /** Completes once everything that is published from then on is heard. */
  public Future<Void> listening() {
    return registered.mapEmpty();
  }

  /** Tells nobody any more. */
  public Future<Void> close() {
    closed = true;
    return registered.compose(
        registration ->
            registration == null ? Future.succeededFuture() : registration.unregister());
  }
}
