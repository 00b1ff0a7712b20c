package io.tidemark.protocol;

import io.vertx.core.Future;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What Tidemark uses of the event bus. Nothing is believed because it was sent: a message may be
 * lost, come late, twice, or after a later one. Handlers and futures run on the caller's context.
 */
public interface Bus {

  /**
   * Sends to one consumer of the address and waits for its reply.
   *
   * @return the reply's body; fails with a {@link RefusedException}
   */
  Future<Object> request(String address, Object body, Map<String, String> headers, long millis);

  /** {@link #request} without headers. */
  default Future<Object> request(String address, Object body, long millis) {
    return request(address, body, Map.of(), millis);
  }

  /** Sends to one consumer of the address, if there is one. */
  void send(String address, Object body);

  /** Sends to every consumer of the address. */
  void publish(String address, Object body);

  /**
   * Consumes an address.
   *
   * @return completes when messages can arrive, wherever they come from
   */
  Future<Registration> consume(String address, Consumer<Delivery> handler);

  /** A consumer that can be taken back. */
  interface Registration {

    /** Completes when no message arrives any more. */
    Future<Void> unregister();
  }

  /** A message that has arrived. */
  interface Delivery {

    /** Null if the sender sent none. */
    @Nullable Object body();

    @Nullable String header(String name);

    /** Answers a request; does nothing if the sender does not wait. */
    void reply(Object body);

    /** Answers a request with a refusal. */
    void refuse(RefusedException refusal);
  }
}
