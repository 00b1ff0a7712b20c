package io.tidemark.location.s3;

import io.tidemark.location.DeterminateException;
import software.amazon.awssdk.core.async.AsyncRequestBody;
import software.amazon.awssdk.services.s3.model.DeleteObjectRequest;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;

/**
 * Tries whether a server refuses to write an object that is there. Some take the condition and
 * ignore it. That a server heeds it for two writes at one time cannot be tried: the documentation
 * names those that were seen to.
 */
final class ConditionProbe {

  private ConditionProbe() {}

  /**
   * Writes an object twice, and removes it. Blocks.
   *
   * @throws DeterminateException if it cannot be written, or the second write is not refused
   */
  static void run(S3Bucket bucket, String id) {
    S3Location location = bucket.location();
    String name = new ConsensusNames(location.prefix()).probe(id);
    write(bucket, name);
    try {
      write(bucket, name);
    } catch (DeterminateException e) {
      if (S3Failure.status(e) == S3Failure.PRECONDITION_FAILED) {
        return;
      }
      throw e;
    } finally {
      var unused =
          bucket.await(
              "delete '" + name + "'",
              client ->
                  client.deleteObject(
                      DeleteObjectRequest.builder().bucket(location.bucket()).key(name).build()));
    }
    throw new DeterminateException(
        "the server of "
            + location.shown()
            + " ignores If-None-Match, so it cannot keep consensus: use another server, or keep"
            + " consensus in PostgreSQL");
  }

  private static void write(S3Bucket bucket, String name) {
    PutObjectRequest request =
        PutObjectRequest.builder()
            .bucket(bucket.name())
            .key(name)
            .ifNoneMatch("*")
            .contentMD5(Md5.base64(new byte[0], 0, 0))
            .build();
    var unused =
        bucket.await(
            "put '" + name + "' into " + bucket.location().shown(),
            client -> client.putObject(request, AsyncRequestBody.empty()));
  }
}
