package io.tidemark.protocol;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.eventbus.ReplyException;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The event bus of a Vert.x instance. */
public final class VertxBus implements Bus {

  /** How long a consumer that was taken back takes what others have sent before they knew. */
  private static final long LINGER_MILLIS = 250;

  private static final Logger log = LoggerFactory.getLogger(VertxBus.class);

  private final Vertx vertx;
  private final EventBus bus;

  public VertxBus(Vertx vertx) {
    this.vertx = vertx;
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
    MessageConsumer<Object> consumer = bus.consumer(address, message -> received(message, handler));
    return consumer.completion().map(done -> () -> unregister(address, consumer, handler));
  }

  /**
   * In a cluster others learn a moment later that the consumer is gone, and what they send until
   * then would be dropped without a word: so this node goes on taking it for that moment.
   */
  private Future<Void> unregister(
      String address, MessageConsumer<Object> consumer, Consumer<Delivery> handler) {
    if (!vertx.isClustered()) {
      return consumer.unregister();
    }
    MessageConsumer<Object> lingering =
        bus.localConsumer(address, message -> received(message, handler));
    return consumer
        .unregister()
        .eventually(() -> vertx.timer(LINGER_MILLIS, TimeUnit.MILLISECONDS))
        .eventually(lingering::unregister);
  }

  /** What cannot be decoded is refused here, whatever it was meant for. */
  private static void received(Message<Object> message, Consumer<Delivery> handler) {
    if (message.body() instanceof ReplyException failure) {
      log.warn("a message to {} was refused: {}", message.address(), failure.getMessage());
      refuse(message, RefusedException.of(failure));
    } else {
      handler.accept(new VertxDelivery(message));
    }
  }

  private static void refuse(Message<Object> message, RefusedException refusal) {
    message.fail(refusal.code().status(), refusal.replyText());
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
      VertxBus.refuse(message, refusal);
    }
  }
}
