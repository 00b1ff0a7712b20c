package io.tidemark.location.s3;

import io.tidemark.location.Arguments;
import io.tidemark.location.Blob;
import io.tidemark.location.DeterminateException;
import io.vertx.core.Future;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.services.s3.model.DeleteObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.HeadObjectRequest;
import software.amazon.awssdk.services.s3.model.ListObjectVersionsRequest;
import software.amazon.awssdk.services.s3.model.ListObjectVersionsResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * Blobs as the objects of a bucket, which many processes may share:
 *
 * <pre>
 * s3://bucket/prefix/parts/shard/writer/part      the object of key shard/writer/part
 * </pre>
 *
 * <p>An object of up to {@link #MAX_PUT_BYTES} is one PUT, a larger one an upload in parts that
 * becomes visible at its end. The server checks the MD5 of all that is sent. The servers that it is
 * made for list and read what was written before, so this is linearizable; but of several deletes
 * at one time more than one may find the object. Deleted objects can be restored if the bucket
 * keeps versions. May be used by several threads.
 */
public final class S3Blob implements Blob, AutoCloseable {

  /** The largest object that is sent in one request. */
  public static final int MAX_PUT_BYTES = 8 << 20;

  private static final String FOLDER = "parts";

  private final S3Bucket bucket;
  private final String prefix;

  private S3Blob(S3Bucket bucket) {
    this.bucket = bucket;
    this.prefix = bucket.location().prefix();
  }

  /**
   * Opens the store, with the credentials of the environment. Blocks: not for an event loop.
   *
   * @throws DeterminateException if there are no credentials, or the bucket cannot be listed
   */
  public static S3Blob open(S3Location location) {
    return new S3Blob(S3Bucket.open(location.below(FOLDER)));
  }

  static S3Blob open(S3Location location, S3Timing timing, AwsCredentialsProvider credentials) {
    return new S3Blob(S3Bucket.open(location.below(FOLDER), timing, credentials));
  }

  @Override
  public Future<Optional<byte[]>> get(String key) {
    Arguments.key(key);
    GetObjectRequest request =
        GetObjectRequest.builder().bucket(bucket.name()).key(prefix + key).build();
    return bucket
        .read(
            "get '" + key + "'",
            client -> client.getObject(request, new WholeObject(key, MAX_VALUE_BYTES)))
        .map(Optional::of)
        .recover(e -> absent(e, Optional.empty()));
  }

  @Override
  public Future<Void> set(String key, byte[] value) {
    Arguments.key(key);
    Arguments.object(value);
    return value.length <= MAX_PUT_BYTES
        ? bucket.put(PutObjectRequest.builder().key(prefix + key), value)
        : new MultipartUpload(bucket, prefix + key, value).run();
  }

  @Override
  public Future<OptionalLong> delete(String key) {
    Arguments.key(key);
    return size(key)
        .compose(
            size -> size.isEmpty() ? Future.succeededFuture(size) : delete(key, null).map(size));
  }

  @Override
  public Future<Void> list(String prefix, Consumer<Entry> objects) {
    Arguments.prefix(prefix);
    return ObjectPages.each(
        bucket,
        ListObjectsV2Request.builder().prefix(this.prefix + prefix),
        page -> {
          page.contents().forEach(object -> pass(object, prefix, objects));
          return true;
        });
  }

  private void pass(S3Object object, String wanted, Consumer<Entry> objects) {
    if (object.key().startsWith(prefix + wanted)) {
      String key = object.key().substring(prefix.length());
      if (isKey(key)) {
        objects.accept(new Entry(key, object.size()));
      }
    }
  }

  /** Not the "folders" that some tools put into buckets, nor what a server makes of "../". */
  private static boolean isKey(String name) {
    try {
      Arguments.key(name);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /**
   * Takes back the newest deletion, if the object is not there and its bucket keeps versions.
   * Without versions a deleted object is gone.
   */
  @Override
  public Future<Void> restore(String key) {
    Arguments.key(key);
    return size(key)
        .compose(
            size ->
                size.isPresent()
                    ? Future.succeededFuture()
                    : versions(key).compose(found -> undelete(key, found)));
  }

  private Future<ListObjectVersionsResponse> versions(String key) {
    ListObjectVersionsRequest request =
        ListObjectVersionsRequest.builder().bucket(bucket.name()).prefix(prefix + key).build();
    return bucket.read(
        "list the versions of '" + key + "'", client -> client.listObjectVersions(request));
  }

  private Future<Void> undelete(String key, ListObjectVersionsResponse found) {
    return found.deleteMarkers().stream()
        .filter(marker -> marker.key().equals(prefix + key) && marker.isLatest())
        .findFirst()
        .map(marker -> delete(key, marker.versionId()))
        .orElseGet(Future::succeededFuture)
        .compose(done -> size(key))
        .compose(
            size ->
                size.isPresent()
                    ? Future.<Void>succeededFuture()
                    : Future.failedFuture(
                        new DeterminateException(
                            "cannot restore '"
                                + key
                                + "': the bucket has no version of it below its newest deletion")));
  }

  private Future<OptionalLong> size(String key) {
    HeadObjectRequest request =
        HeadObjectRequest.builder().bucket(bucket.name()).key(prefix + key).build();
    return bucket
        .read("look for '" + key + "'", client -> client.headObject(request))
        .map(object -> OptionalLong.of(object.contentLength()))
        .recover(e -> absent(e, OptionalLong.empty()));
  }

  private Future<Void> delete(String key, @Nullable String versionId) {
    DeleteObjectRequest request =
        DeleteObjectRequest.builder()
            .bucket(bucket.name())
            .key(prefix + key)
            .versionId(versionId)
            .build();
    return bucket.write("delete '" + key + "'", client -> client.deleteObject(request)).mapEmpty();
  }

  private static <T> Future<T> absent(Throwable e, T none) {
    return S3Failure.isMissing(e) ? Future.succeededFuture(none) : Future.failedFuture(e);
  }

  /** Refuses calls from now on; those under way fail. */
  @Override
  public void close() {
    bucket.close();
  }
}
