package io.tidemark.location.s3;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.tidemark.S3Server;
import io.tidemark.location.Await;
import io.tidemark.location.Consensus.Version;
import io.tidemark.location.DeterminateException;
import io.tidemark.location.ExternalException;
import io.tidemark.location.IndeterminateException;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/** A server that dies, hangs, refuses or lies. */
class S3ServerFaultTest {

  private final String bucket = S3Fixture.freshBucket();

  private static S3Consensus consensus(S3Location location) {
    return S3Consensus.open(
        location, S3Fixture.environment(), S3Fixture.HASTY, S3Fixture.CREDENTIALS);
  }

  private static S3Blob blob(S3Location location, AwsCredentialsProvider credentials) {
    return S3Blob.open(location, S3Fixture.HASTY, credentials);
  }

  @Test
  void shouldOutliveAServerThatDiesAndOneThatHangs(@TempDir Path folder) {
    try (S3Server server = S3Server.start(folder)) {
      S3Location location = S3Location.parse(server.uri(bucket, "p"));
      try (S3Consensus consensus = consensus(location);
          S3Blob blob = blob(location, S3Fixture.CREDENTIALS)) {
        assertTrue(Await.result(consensus.compareAndSet("k", new Version(0, new byte[1]))));
        Await.result(blob.set("a/b", new byte[3]));

        server.kill();
        Await.failure(
            ExternalException.class, consensus.compareAndSet("k", new Version(1, new byte[1])));
        // Connections that were open are known to be gone by now.
        Await.failure(
            DeterminateException.class, consensus.compareAndSet("k", new Version(1, new byte[1])));
        Await.failure(DeterminateException.class, blob.set("a/c", new byte[1]));
        server.restart();

        assertEquals(3, Await.result(blob.get("a/b")).orElseThrow().length);
        assertEquals(0, Await.result(consensus.head("k")).orElseThrow().seqno());
        assertTrue(Await.result(consensus.compareAndSet("k", new Version(1, new byte[1]))));

        server.pauseProcess();
        Await.failure(
            IndeterminateException.class,
            consensus.compareAndSet("k", new Version(2, new byte[1])));
        Await.failure(DeterminateException.class, blob.get("a/b"));
        server.resumeProcess();

        long head = Await.result(consensus.head("k")).orElseThrow().seqno();
        assertTrue(
            Await.result(consensus.compareAndSet("k", new Version(head + 1, new byte[1])))
                || Await.result(consensus.head("k")).orElseThrow().seqno() > head);
      }
    }
  }

  @Test
  void shouldSayAtOpenThatTheBucketIsMissing() {
    S3Location location = S3Fixture.location(bucket, "p");
    S3Location missing =
        S3Location.parse(
            "s3://no-such-bucket/p?pathStyle=true&endpoint=" + location.endpoint().orElseThrow());

    for (var open :
        List.<Runnable>of(
            () -> consensus(missing).close(), () -> blob(missing, S3Fixture.CREDENTIALS).close())) {
      DeterminateException e = assertThrows(DeterminateException.class, open::run);
      assertTrue(e.getMessage().contains("no-such-bucket"), e.getMessage());
      assertTrue(e.getMessage().contains("404 NoSuchBucket: make the bucket"), e.getMessage());
    }
  }

  @Test
  void shouldSayAtOpenThatTheCredentialsAreWrong() {
    S3Location location = S3Fixture.location(bucket, "p");
    AwsCredentialsProvider wrong =
        StaticCredentialsProvider.create(AwsBasicCredentials.create(S3Server.ACCESS_KEY, "wrong"));

    DeterminateException e = assertThrows(DeterminateException.class, () -> blob(location, wrong));

    assertTrue(e.getMessage().contains("check the credentials"), e.getMessage());
    assertFalse(e.getMessage().contains("\n"), e.getMessage());
  }

  @Test
  void shouldRefuseAServerThatIgnoresTheCondition() {
    HttpServer bad =
        Await.result(
            S3Fixture.vertx()
                .createHttpServer()
                .requestHandler(
                    request ->
                        request
                            .body()
                            .compose(body -> request.response().end("<ListBucketResult/>"))
                            .onFailure(e -> fail(e)))
                .listen(0, "127.0.0.1"));
    S3Location location =
        S3Location.parse(
            "s3://bucket?pathStyle=true&endpoint=http://127.0.0.1:" + bad.actualPort());

    DeterminateException e = assertThrows(DeterminateException.class, () -> consensus(location));

    assertTrue(e.getMessage().contains("ignores If-None-Match"), e.getMessage());
    assertTrue(e.getMessage().contains("127.0.0.1:" + bad.actualPort()), e.getMessage());
    Await.result(bad.close());
  }

  @Test
  void shouldRefuseRequestsPastThoseThatMayWait() {
    CountDownLatch found = new CountDownLatch(1);
    S3Location location = S3Fixture.location(bucket, "p");
    List<Future<?>> waiting = new ArrayList<>();
    boolean[] opened = new boolean[1];
    AwsCredentialsProvider slow =
        () -> {
          if (opened[0]) {
            await(found);
          }
          return S3Fixture.CREDENTIALS.resolveCredentials();
        };
    try (S3Blob blob = S3Blob.open(location, S3Timing.DEFAULT, slow)) {
      opened[0] = true;
      for (int i = 0; i < S3Bucket.CALL_THREADS + S3Bucket.MAX_WAITING_CALLS; i++) {
        waiting.add(blob.get("k"));
      }

      DeterminateException full = Await.failure(DeterminateException.class, blob.get("k"));

      assertTrue(full.getMessage().contains("try again later"), full.getMessage());
      found.countDown();
      waiting.forEach(Await::result);
      assertTrue(Await.result(blob.get("k")).isEmpty());
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
