package io.tidemark.location;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class CompletionTest {

  @Test
  void shouldAnswerOnTheContextThatWasCurrent() {
    Vertx vertx = Vertx.vertx();
    try {
      Context context = vertx.getOrCreateContext();
      Completion<String> completion =
          Await.resultOn(context, () -> Future.succeededFuture(new Completion<>()));
      Future<Context> seen = completion.future().map(answer -> Vertx.currentContext());
      completion.succeed("answer");

      assertSame(context, Await.result(seen));
      assertEquals("answer", completion.future().result());
    } finally {
      Await.result(vertx.close());
    }
  }

  @Test
  void shouldAnswerOnTheStoresThreadWithoutAContext() {
    Completion<String> completion = new Completion<>();
    AtomicReference<Thread> seen = new AtomicReference<>();
    Future<String> answer =
        completion.future().onComplete(done -> seen.set(Thread.currentThread()));
    completion.succeed(null);

    assertSame(Thread.currentThread(), seen.get());
    assertNull(answer.result());
  }

  @Test
  void shouldAnswerEvenIfTheContextIsGone() {
    Vertx vertx = Vertx.vertx();
    Context context = vertx.getOrCreateContext();
    Completion<String> completion =
        Await.resultOn(context, () -> Future.succeededFuture(new Completion<>()));
    Await.result(vertx.close());
    completion.fail(new IllegalStateException());

    Await.failure(IllegalStateException.class, completion.future());
  }

  @Test
  void shouldOutliveListenersThatFail() {
    Completion<String> completion = new Completion<>();
    Future<String> unused =
        completion
            .future()
            .onSuccess(
                answer -> {
                  throw new IllegalStateException("a listener that fails on purpose");
                });

    completion.succeed("answer");
    assertEquals("answer", Await.result(completion.future()));
  }
}
