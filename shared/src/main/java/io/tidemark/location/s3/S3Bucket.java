package io.tidemark.location.s3;

import io.tidemark.location.Completion;
import io.tidemark.location.DeterminateException;
import io.tidemark.location.ExternalException;
import io.vertx.core.Future;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Function;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.core.async.AsyncRequestBody;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;

/**
 * Requests to one bucket. A read is sent again by the client if it fails for the moment; a write is
 * sent once and never again, since only its caller knows whether it may be: the answer to a second
 * copy says nothing about the first, which may even arrive after it.
 *
 * <p>Requests are made on threads of their own, since the client blocks while it looks for
 * credentials, and signs and sums up what is sent. Answers go to the caller's context.
 */
final class S3Bucket implements AutoCloseable {

  /** How many requests are signed at once. */
  static final int CALL_THREADS = 2;

  /** How many requests may wait to be signed. They hold what they send. */
  static final int MAX_WAITING_CALLS = 1024;

  private static final long IDLE_THREAD_MILLIS = 10_000;

  private final S3Location location;
  private final S3Clients clients;
  private final ThreadPoolExecutor calls;
  private volatile boolean closed;

  private S3Bucket(S3Location location, S3Clients clients) {
    this.location = location;
    this.clients = clients;
    this.calls =
        new ThreadPoolExecutor(
            CALL_THREADS,
            CALL_THREADS,
            IDLE_THREAD_MILLIS,
            TimeUnit.MILLISECONDS,
            new ArrayBlockingQueue<>(MAX_WAITING_CALLS),
            S3Bucket::thread);
    calls.allowCoreThreadTimeOut(true);
  }

  /**
   * Connects, with the credentials of the environment. Blocks.
   *
   * @throws DeterminateException if there are no credentials, or the bucket cannot be listed
   */
  static S3Bucket open(S3Location location) {
    return open(
        location,
        S3Timing.DEFAULT,
        DefaultCredentialsProvider.builder().asyncCredentialUpdateEnabled(true).build());
  }

  static S3Bucket open(S3Location location, S3Timing timing, AwsCredentialsProvider credentials) {
    try {
      var unused = credentials.resolveCredentials();
    } catch (SdkException e) {
      throw new DeterminateException(
          "found no credentials for "
              + location.shown()
              + ": set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile, or give the"
              + " machine a role",
          e);
    }
    S3Bucket bucket = new S3Bucket(location, S3Clients.connect(location, timing, credentials));
    try {
      bucket.requireListing();
    } catch (RuntimeException e) {
      bucket.close();
      throw e;
    }
    return bucket;
  }

  private static Thread thread(Runnable work) {
    Thread thread = new Thread(work, "tidemark-s3");
    thread.setDaemon(true);
    return thread;
  }

  private void requireListing() {
    ListObjectsV2Request request =
        ListObjectsV2Request.builder()
            .bucket(location.bucket())
            .prefix(location.prefix())
            .maxKeys(1)
            .build();
    var unused = await("list " + location.shown(), client -> client.listObjectsV2(request));
  }

  S3Location location() {
    return location;
  }

  String name() {
    return location.bucket();
  }

  /** A request that changes nothing. */
  <T> Future<T> read(String what, Function<S3AsyncClient, CompletableFuture<T>> request) {
    return call(what, () -> request.apply(clients.reading()), S3Failure::ofRead);
  }

  /** A request that changes something. */
  <T> Future<T> write(String what, Function<S3AsyncClient, CompletableFuture<T>> request) {
    return call(what, () -> request.apply(clients.writing()), S3Failure::ofWrite);
  }

  /** Stores an object with one request, which the server checks against its MD5. */
  Future<Void> put(PutObjectRequest.Builder request, byte[] value) {
    String key = request.build().key();
    return this.<Object>write(
            "put '" + key + "'",
            client ->
                client
                    .putObject(
                        request
                            .bucket(name())
                            .contentMD5(Md5.base64(value, 0, value.length))
                            .build(),
                        AsyncRequestBody.fromBytesUnsafe(value))
                    .thenApply(done -> done))
        .mapEmpty();
  }

  /** A request at open, waited for. Sent once. */
  <T> T await(String what, Function<S3AsyncClient, CompletableFuture<T>> request) {
    try {
      return request.apply(clients.writing()).get();
    } catch (ExecutionException e) {
      throw S3Failure.ofRead(what, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DeterminateException("cannot " + what + ": interrupted", e);
    }
  }

  private interface Request<T> {
    CompletableFuture<T> make();
  }

  private <T> Future<T> call(
      String what, Request<T> request, BiFunction<String, Throwable, ExternalException> failure) {
    if (closed) {
      return Future.failedFuture(
          new DeterminateException("cannot " + what + ": the store is closed"));
    }
    Completion<T> completion = new Completion<>();
    try {
      calls.execute(() -> make(what, request, failure, completion));
    } catch (RejectedExecutionException e) {
      completion.fail(
          new DeterminateException(
              "cannot " + what + ": " + MAX_WAITING_CALLS + " requests wait, try again later", e));
    }
    return completion.future();
  }

  private static <T> void make(
      String what,
      Request<T> request,
      BiFunction<String, Throwable, ExternalException> failure,
      Completion<T> completion) {
    try {
      var unused =
          request
              .make()
              .whenComplete(
                  (answer, e) -> {
                    if (e == null) {
                      completion.succeed(answer);
                    } else {
                      completion.fail(failure.apply(what, e));
                    }
                  });
    } catch (RuntimeException e) {
      completion.fail(failure.apply(what, e));
    }
  }

  /** Refuses requests from now on; those under way fail. Does not wait for them. */
  @Override
  public void close() {
    closed = true;
    calls.shutdown();
    clients.close();
  }
}
