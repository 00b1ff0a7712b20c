package io.tidemark.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.client.Publisher;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Test;

/** Writers come and go while rows are published in every way: no request fails. */
class MembershipPipelineTest extends PipelineTest {

  private static final NodeOptions OPTIONS =
      NodeOptions.DEFAULTS
          .withMint(Settings.impatientMint())
          .withWriter(Settings.impatientWriter());

  private volatile boolean stopping;
  private final AtomicReference<Throwable> failure = new AtomicReference<>();

  /** Publishes one row after the other, each once. */
  private final class Traffic {
    private static final int PAUSE_MILLIS = 3;
    private final String who;
    private final LongFunction<Future<?>> publish;
    private final AtomicLong begun = new AtomicLong();
    private final AtomicLong durable = new AtomicLong();

    Traffic(String who, LongFunction<Future<?>> publish) {
      this.who = who;
      this.publish = publish;
      node()
          .on(
              () -> {
                next();
                return Future.<Void>succeededFuture();
              });
    }

    private void next() {
      if (stopping) {
        return;
      }
      publish
          .apply(begun.getAndIncrement())
          .onFailure(e -> failure.compareAndSet(null, e))
          .onSuccess(
              done -> {
                long unused = durable.incrementAndGet();
                node().environment().timers().after(PAUSE_MILLIS, this::next);
              });
    }

    void flows() {
      long before = durable.get();
      Until.holds(() -> durable.get() >= before + 5 || failure.get() != null);
    }

    void addTo(Map<Object, Long> rows) {
      Until.holds(() -> durable.get() == begun.get() || failure.get() != null);
      for (long id = 0; id < begun.get(); id++) {
        rows.put(Orders.values(id, who), 1L);
      }
    }
  }

  @Test
  void shouldFailNoRequestWhileWritersComeAndGo() {
    start(OPTIONS);
    node().admin("create", Orders.ingest("orders"));
    Publisher publisher = node().publisher("orders", "till");
    Traffic[] all = {
      new Traffic("published", id -> publisher.append(Orders.binary(id, "published"))),
      new Traffic("anonymous", id -> send(id, "anonymous")),
      new Traffic(
          "numbered",
          id -> send(id, "numbered", "producer", "numbered", "seq", String.valueOf(id + 1)))
    };
    for (int change = 0; change < 4; change++) {
      double planned = node().counted("tidemark.epochs.planned");
      if (change % 2 == 0) {
        node().gainsWriter(OPTIONS);
      } else {
        node().losesWriter(change / 2);
      }
      Until.holds(
          () -> node().counted("tidemark.epochs.planned") > planned || failure.get() != null);
      for (Traffic each : all) {
        each.flows();
      }
    }
    stopping = true;
    Map<Object, Long> rows = new HashMap<>();
    for (Traffic each : all) {
      each.addTo(rows);
    }
    assertEquals(null, failure.get());
    assertEquals(rows, contents().of("orders"));
    assertTrue(node().counted("tidemark.epochs.planned") >= 4);
    assertEquals(0, node().counted("tidemark.fenced"));
  }

  private Future<JsonObject> send(long id, String who, String... headers) {
    return node().ask("tidemark.orders", Orders.row(id, who), headers);
  }

  @Test
  void shouldChangeOnceForSeveralThatComeTogether() {
    start(OPTIONS);
    node().admin("create", Orders.ingest("orders"));
    node().reply("tidemark.orders", Orders.row(1, "ann"));
    double epochs = node().counted("tidemark.epochs");
    for (int i = 0; i < 3; i++) {
      node().gainsWriter(OPTIONS);
    }
    node().awaitReady("orders");
    Until.holds(() -> node().counted("tidemark.epochs.planned") > 0);
    assertTrue(node().counted("tidemark.epochs") <= epochs + 3);
    node().reply("tidemark.orders", Orders.row(2, "ann"));
    assertEquals(2, contents().of("orders").size());
  }
}
