package io.tidemark.client;

import io.tidemark.protocol.Addresses;
import io.tidemark.protocol.Bus;
import io.tidemark.protocol.FailureCode;
import io.tidemark.protocol.RefusedException;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;

/** The first request to a collection: where nobody answers, there may be nothing to wait for. */
final class Opening {

  /**
   * How long one may take before another writer is asked: the one that was asked may be gone, and
   * its address not forgotten yet.
   */
  static final long MAX_MILLIS = 2_000;

  private Opening() {}

  /**
   * Sends a request to the address where collections are opened.
   *
   * @return its answer; fails with {@link FailureCode#UNKNOWN_COLLECTION} if it is unavailable
   *     because there is no such collection
   */
  static Future<Object> request(Bus bus, String collection, Object body, long millis) {
    return request(bus, Addresses.open(collection), collection, body, millis);
  }

  /** As {@link #request(Bus, String, Object, long)}, at another address of the collection. */
  static Future<Object> request(
      Bus bus, String address, String collection, Object body, long millis) {
    return bus.request(address, body, millis)
        .recover(failure -> explained(bus, collection, RefusedException.of(failure), millis));
  }

  private static Future<Object> explained(
      Bus bus, String collection, RefusedException refused, long millis) {
    if (refused.code() != FailureCode.UNAVAILABLE) {
      return Future.failedFuture(refused);
    }
    JsonObject question = new JsonObject().put("action", "describe").put("name", collection);
    return bus.request(Addresses.ADMIN, question, millis)
        .transform(
            described -> {
              boolean unknown =
                  described.failed()
                      && RefusedException.of(described.cause()).code()
                          == FailureCode.UNKNOWN_COLLECTION;
              return Future.failedFuture(unknown ? described.cause() : refused);
            });
  }
}
