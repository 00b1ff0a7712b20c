package io.tidemark.location.s3;

import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;

/** Follows a list from page to page, one request after the other, on the caller's context. */
final class ObjectPages {

  /** The most names that a page has, by the protocol. */
  static final int MAX_NAMES = 1000;

  private final S3Bucket bucket;
  private final ListObjectsV2Request request;
  private final Predicate<ListObjectsV2Response> more;
  private final Promise<Void> done = Promise.promise();

  private ObjectPages(
      S3Bucket bucket, ListObjectsV2Request request, Predicate<ListObjectsV2Response> more) {
    this.bucket = bucket;
    this.request = request;
    this.more = more;
  }

  /** Lists until the end, or until {@code more} says of a page that no other is wanted. */
  static Future<Void> each(
      S3Bucket bucket,
      ListObjectsV2Request.Builder request,
      Predicate<ListObjectsV2Response> more) {
    ListObjectsV2Request first = request.bucket(bucket.name()).build();
    ObjectPages pages = new ObjectPages(bucket, first, more);
    pages.page(null);
    return pages.done.future();
  }

  private void page(@Nullable String token) {
    ListObjectsV2Request next =
        token == null
            ? request
            : request.toBuilder().continuationToken(token).maxKeys(MAX_NAMES).build();
    bucket
        .read("list '" + request.prefix() + "'", client -> client.listObjectsV2(next))
        .onComplete(this::listed);
  }

  private void listed(AsyncResult<ListObjectsV2Response> outcome) {
    if (outcome.failed()) {
      done.fail(outcome.cause());
      return;
    }
    ListObjectsV2Response page = outcome.result();
    boolean goOn;
    try {
      goOn = more.test(page);
    } catch (RuntimeException e) {
      done.fail(e);
      return;
    }
    if (goOn && Boolean.TRUE.equals(page.isTruncated())) {
      page(page.nextContinuationToken());
    } else {
      done.complete();
    }
  }
}
