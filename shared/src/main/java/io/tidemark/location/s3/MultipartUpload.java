package io.tidemark.location.s3;

import io.tidemark.location.DeterminateException;
import io.vertx.core.Future;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.async.AsyncRequestBody;
import software.amazon.awssdk.services.s3.model.AbortMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.CompleteMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.CreateMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.UploadPartRequest;

/**
 * Sends one object in parts, some at a time. It becomes visible, whole, when the upload is
 * completed. An upload that fails is aborted once none of its parts is under way any more, so that
 * nothing of it is left and paid for; if that fails too, a rule of the bucket has to remove it.
 */
final class MultipartUpload {

  /** What one part has; the last has less. */
  static final int PART_BYTES = 8 << 20;

  /** How many parts of one object are sent at once. */
  static final int PARALLEL_PARTS = 4;

  private static final Logger log = LoggerFactory.getLogger(MultipartUpload.class);

  private final S3Bucket bucket;
  private final String key;
  private final byte[] value;
  private final int count;
  private final AtomicReferenceArray<CompletedPart> parts;

  MultipartUpload(S3Bucket bucket, String key, byte[] value) {
    this.bucket = bucket;
    this.key = key;
    this.value = value;
    this.count = (value.length + PART_BYTES - 1) / PART_BYTES;
    this.parts = new AtomicReferenceArray<>(count);
  }

  Future<Void> run() {
    CreateMultipartUploadRequest request =
        CreateMultipartUploadRequest.builder().bucket(bucket.name()).key(key).build();
    return bucket
        .write("begin the upload of '" + key + "'", client -> client.createMultipartUpload(request))
        .recover(e -> Future.failedFuture(invisible(e)))
        .compose(created -> send(created.uploadId()));
  }

  private Future<Void> send(String uploadId) {
    return Lanes.run(count, PARALLEL_PARTS, part -> part(uploadId, part))
        .recover(e -> Future.failedFuture(invisible(e)))
        .compose(sent -> complete(uploadId))
        .recover(e -> abort(uploadId).transform(aborted -> Future.failedFuture(e)));
  }

  /** Nothing is visible before the upload is completed, which was not asked for yet. */
  private DeterminateException invisible(Throwable e) {
    return e instanceof DeterminateException known
        ? known
        : new DeterminateException("the upload of '" + key + "' was not completed: " + e, e);
  }

  private Future<Void> part(String uploadId, int part) {
    int offset = part * PART_BYTES;
    int length = Math.min(PART_BYTES, value.length - offset);
    return bucket
        .write(
            "put part " + (part + 1) + " of '" + key + "'",
            client ->
                client.uploadPart(
                    UploadPartRequest.builder()
                        .bucket(bucket.name())
                        .key(key)
                        .uploadId(uploadId)
                        .partNumber(part + 1)
                        .contentMD5(Md5.base64(value, offset, length))
                        .build(),
                    AsyncRequestBody.fromRemainingByteBufferUnsafe(
                        ByteBuffer.wrap(value, offset, length))))
        .map(
            sent -> {
              parts.set(
                  part, CompletedPart.builder().partNumber(part + 1).eTag(sent.eTag()).build());
              return null;
            });
  }

  private Future<Void> complete(String uploadId) {
    CompletedPart[] sent =
        IntStream.range(0, count).mapToObj(parts::get).toArray(CompletedPart[]::new);
    CompleteMultipartUploadRequest request =
        CompleteMultipartUploadRequest.builder()
            .bucket(bucket.name())
            .key(key)
            .uploadId(uploadId)
            .multipartUpload(upload -> upload.parts(Arrays.asList(sent)))
            .build();
    return bucket
        .write(
            "complete the upload of '" + key + "'",
            client -> client.completeMultipartUpload(request))
        .mapEmpty();
  }

  private Future<Void> abort(String uploadId) {
    AbortMultipartUploadRequest request =
        AbortMultipartUploadRequest.builder()
            .bucket(bucket.name())
            .key(key)
            .uploadId(uploadId)
            .build();
    return bucket
        .write("abort the upload of '" + key + "'", client -> client.abortMultipartUpload(request))
        .<Void>mapEmpty()
        .onFailure(e -> log.warn("an upload is left to the bucket's own rules", e));
  }
}
