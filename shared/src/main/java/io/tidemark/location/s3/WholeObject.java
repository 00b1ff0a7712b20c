package io.tidemark.location.s3;

import io.tidemark.location.DeterminateException;
import java.io.EOFException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import software.amazon.awssdk.core.async.AsyncResponseTransformer;
import software.amazon.awssdk.core.async.SdkPublisher;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/** Takes an object into one array of just its size, or refuses it if that is past a limit. */
final class WholeObject implements AsyncResponseTransformer<GetObjectResponse, byte[]> {

  private final String key;
  private final int maxBytes;
  private CompletableFuture<byte[]> whole = new CompletableFuture<>();
  private byte[] bytes = new byte[0];

  WholeObject(String key, int maxBytes) {
    this.key = key;
    this.maxBytes = maxBytes;
  }

  @Override
  public CompletableFuture<byte[]> prepare() {
    whole = new CompletableFuture<>();
    return whole;
  }

  @Override
  public void onResponse(GetObjectResponse response) {
    Long length = response.contentLength();
    if (length == null || length > maxBytes) {
      exceptionOccurred(
          new DeterminateException(
              "object '" + key + "' has " + length + " bytes, past the limit of " + maxBytes));
    } else {
      bytes = new byte[length.intValue()];
    }
  }

  @Override
  public void onStream(SdkPublisher<ByteBuffer> publisher) {
    publisher.subscribe(new Copying(whole, bytes));
  }

  @Override
  public void exceptionOccurred(Throwable error) {
    whole.completeExceptionally(error);
  }

  /** Copies what comes; the array is there already, so there is no reason to hold it back. */
  private static final class Copying implements Subscriber<ByteBuffer> {
    private final CompletableFuture<byte[]> whole;
    private final ByteBuffer into;

    Copying(CompletableFuture<byte[]> whole, byte[] bytes) {
      this.whole = whole;
      this.into = ByteBuffer.wrap(bytes);
    }

    @Override
    public void onSubscribe(Subscription subscription) {
      if (whole.isDone()) {
        subscription.cancel();
      } else {
        subscription.request(Long.MAX_VALUE);
      }
    }

    @Override
    public void onNext(ByteBuffer next) {
      if (next.remaining() > into.remaining()) {
        whole.completeExceptionally(new EOFException("more bytes came than were announced"));
      } else {
        into.put(next);
      }
    }

    @Override
    public void onError(Throwable error) {
      whole.completeExceptionally(error);
    }

    @Override
    public void onComplete() {
      if (into.hasRemaining()) {
        whole.completeExceptionally(new EOFException("fewer bytes came than were announced"));
      } else {
        whole.complete(into.array());
      }
    }
  }
}
