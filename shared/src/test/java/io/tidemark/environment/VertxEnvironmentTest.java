package io.tidemark.environment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.location.Await;
import io.vertx.core.Context;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class VertxEnvironmentTest {

  private final Vertx vertx = Vertx.vertx();
  private final Environment environment =
      VertxEnvironment.of(vertx, vertx.createSharedWorkerExecutor("test-workers", 2));

  @AfterEach
  void close() {
    Await.result(vertx.close());
  }

  @Test
  void shouldRunTimersOnTheContextThatSetThemAndInOrder() {
    Context context = vertx.getOrCreateContext();
    List<String> ran =
        Await.resultOn(
            context,
            () -> {
              Promise<List<String>> promise = Promise.promise();
              List<String> order = new ArrayList<>();
              environment.timers().after(0, () -> order.add("next turn"));
              environment.timers().after(0, () -> order.add("cancelled")).cancel();
              environment.timers().after(1, () -> order.add("cancelled")).cancel();
              environment
                  .timers()
                  .after(
                      5,
                      () -> {
                        order.add(Vertx.currentContext() == context ? "here" : "elsewhere");
                        promise.complete(order);
                      });
              order.add("now");
              return promise.future();
            });

    assertEquals(List.of("now", "next turn", "here"), ran);
  }

  @Test
  void shouldWorkElsewhereAndAnswerOnTheContext() {
    Context context = vertx.getOrCreateContext();
    Await.resultOn(
        context,
        () ->
            environment
                .offload()
                .call(() -> Thread.currentThread().getName())
                .map(
                    worker -> {
                      assertTrue(worker.startsWith("test-workers"), worker);
                      assertSame(context, Vertx.currentContext());
                      return worker;
                    }));
    Await.failure(
        IllegalStateException.class,
        environment
            .offload()
            .call(
                () -> {
                  throw new IllegalStateException("work");
                }));
  }

  @Test
  void shouldFailWorkThatComesWhenTheProcessIsStopping() {
    WorkerExecutor ended = vertx.createSharedWorkerExecutor("ended-workers", 1);
    Environment late = VertxEnvironment.of(vertx, ended);
    Await.result(ended.close());

    Await.failure(RejectedExecutionException.class, late.offload().call(() -> "work"));
  }

  @Test
  void shouldMakeIdsThatDiffer() {
    Entropy entropy = VertxEnvironment.entropy();
    assertTrue(entropy.nextId().matches("[0-9a-f]{32}"));
    assertNotEquals(entropy.nextId(), environment.entropy().nextId());
    for (int i = 0; i < 1000; i++) {
      double unit = entropy.nextUnit();
      assertTrue(unit >= 0 && unit < 1);
    }
    Entropy small = () -> 10;
    assertEquals("000000000000000a000000000000000a", small.nextId());
  }

  @Test
  void shouldTellTheTime() {
    Clock clock = environment.clock();
    long nanos = clock.monotonicNanos();
    assertTrue(clock.monotonicMillis() >= nanos / 1_000_000);
    assertTrue(clock.wallMillis() > 1_600_000_000_000L);
  }
}
