package io.tidemark.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.tidemark.protocol.Bus;
import io.tidemark.protocol.FailureCode;
import io.tidemark.protocol.RefusedException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** A bus at whose other end the test sits: it sees each request, and answers when it wants. */
final class ScriptedBus implements Bus {

  private final List<Request> unseen = new ArrayList<>();
  private final List<Consumer<Delivery>> watches = new ArrayList<>();

  /** A request that waits for its answer. */
  record Request(String address, Object body, Promise<Object> promise) {
    void answer(Object reply) {
      promise.complete(reply);
    }

    void refuse(FailureCode code) {
      promise.fail(new RefusedException(code, "scripted"));
    }
  }

  /** The oldest request that the test has not looked at; it must have this type. */
  @CanIgnoreReturnValue
  <T> Request next(Class<T> type) {
    assertFalse(unseen.isEmpty(), "no request was sent");
    Request next = unseen.remove(0);
    assertEquals(type, next.body().getClass());
    return next;
  }

  /** How many requests the test has not looked at. */
  int unseen() {
    return unseen.size();
  }

  @Override
  public Future<Object> request(
      String address, Object body, Map<String, String> headers, long millis) {
    Promise<Object> promise = Promise.promise();
    unseen.add(new Request(address, body, promise));
    return promise.future();
  }

  @Override
  public void send(String address, Object body) {
    throw new AssertionError("a client only makes requests");
  }

  @Override
  public void publish(String address, Object body) {
    throw new AssertionError("a client only makes requests");
  }

  @Override
  public Future<Registration> consume(String address, Consumer<Delivery> handler) {
    assertTrue(address.endsWith(".upper"), "a client only hears of uppers");
    watches.add(handler);
    return Future.succeededFuture(
        () -> {
          watches.remove(handler);
          return Future.succeededFuture();
        });
  }

  /** How many hear of uppers. */
  int watches() {
    return watches.size();
  }

  /** Publishes an advance of the upper. */
  void upper(long epoch) {
    List.copyOf(watches).forEach(watch -> watch.accept(new Published(epoch)));
  }

  private record Published(long epoch) implements Delivery {
    @Override
    public Object body() {
      return new JsonObject().put("epoch", epoch).put("upper", 1);
    }

    @Override
    public String header(String name) {
      return null;
    }

    @Override
    public void reply(Object body) {}

    @Override
    public void refuse(RefusedException refusal) {}
  }
}
