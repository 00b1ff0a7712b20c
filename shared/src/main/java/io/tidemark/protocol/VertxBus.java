package io.tidemark.protocol;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageConsumer;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The event bus of a Vert.x instance. */
public final class VertxBus implements Bus {

  private final EventBus bus;

  public VertxBus(Vertx vertx) {
    this.bus = vertx.eventBus();
    WireCodec.registerAll(vertx);
  }

  @Override
  public Future<Object> request(
      String address, Object body, Map<String, String> headers, long millis) {
    DeliveryOptions options = options(body).setSendTimeout(millis);
    headers.forEach(options::addHeader);
    return bus.request(address, body, options)
        .map(Message::body)
        .recover(failure -> Future.failedFuture(RefusedException.of(failure)));
  }

  @Override
  public void send(String address, Object body) {
    bus.send(address, body, options(body));
  }

  @Override
  public void publish(String address, Object body) {
    bus.publish(address, body, options(body));
  }

  @Override
  public Future<Registration> consume(String address, Consumer<Delivery> handler) {
    MessageConsumer<Object> consumer =
        bus.consumer(address, message -> handler.accept(new VertxDelivery(message)));
    return consumer.completion().map(done -> consumer::unregister);
  }

  private static DeliveryOptions options(Object body) {
    DeliveryOptions options = new DeliveryOptions();
    WireCodec<Object> codec = WireCodec.forMessage(body);
    return codec == null ? options : options.setCodecName(codec.name());
  }

  private record VertxDelivery(Message<Object> message) implements Delivery {

    @Override
    public @Nullable Object body() {
      return message.body();
    }

    @Override
    public @Nullable String header(String name) {
      return message.headers().get(name);
    }

    @Override
    public void reply(Object body) {
      message.reply(body, options(body));
    }

    @Override
    public void refuse(RefusedException refusal) {
      message.fail(refusal.code().status(), refusal.replyText());
    }
  }
}
