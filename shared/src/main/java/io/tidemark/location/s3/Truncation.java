package io.tidemark.location.s3;

import io.tidemark.location.DeterminateException;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.s3.model.DeleteObjectRequest;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;

/**
 * One truncation of a key. It may end after any of its requests, and any of them may arrive late:
 *
 * <ol>
 *   <li>the head is looked up, since the floor must not pass it;
 *   <li>the floor is written. From here on it is done, for everybody;
 *   <li>floors below the greatest are deleted, which never count again;
 *   <li>versions far enough below the greatest floor are deleted, among them what others left
 *       behind and what landed too late.
 * </ol>
 */
final class Truncation {

  /**
   * How many versions below the floor are kept. Whoever is late by no more than this finds its
   * number taken, and need not be told that nobody knows.
   */
  static final int KEPT_VERSIONS = 100;

  /** How many objects one truncation deletes, at most; the next goes on. */
  static final int MAX_DELETED = 10_000;

  private static final int PARALLEL_DELETES = 8;

  private static final Logger log = LoggerFactory.getLogger(Truncation.class);

  private final S3Bucket bucket;
  private final VersionObjects objects;
  private final String key;

  Truncation(S3Bucket bucket, VersionObjects objects, String key) {
    this.bucket = bucket;
    this.objects = objects;
    this.key = key;
  }

  /** Returns how many versions it has put below the floor. */
  Future<Long> run(long seqno) {
    return objects
        .newest(key)
        .compose(
            head ->
                seqno > head ? Future.failedFuture(pastTheHead(seqno, head)) : objects.floor(key))
        .compose(floor -> raise(floor, seqno).compose(done -> sweep()).map(removed(floor, seqno)));
  }

  private static long removed(long floor, long seqno) {
    return Math.max(0, seqno - floor);
  }

  private DeterminateException pastTheHead(long seqno, long head) {
    return new DeterminateException(
        head < 0
            ? "cannot truncate '" + key + "': it has no version"
            : "cannot truncate '" + key + "' to " + seqno + ": its head is " + head);
  }

  private Future<Void> raise(long floor, long seqno) {
    return seqno <= floor
        ? Future.succeededFuture()
        : bucket.put(
            PutObjectRequest.builder().key(objects.names().floor(key, seqno)), new byte[0]);
  }

  private Future<Void> sweep() {
    return objects
        .floor(key)
        .compose(floor -> floor == 0 ? Future.succeededFuture() : sweepBelow(floor))
        .recover(
            e -> {
              log.warn("'{}' is truncated, but not all is deleted; the next will", key, e);
              return Future.succeededFuture();
            });
  }

  private Future<Void> sweepBelow(long floor) {
    ConsensusNames names = objects.names();
    List<String> garbage = new ArrayList<>();
    return collect(names.floors(key), names.floor(key, floor), garbage)
        .compose(
            done ->
                floor <= KEPT_VERSIONS
                    ? Future.succeededFuture()
                    : collect(
                        names.versions(key), names.version(key, floor - KEPT_VERSIONS), garbage))
        .compose(done -> Lanes.run(garbage.size(), PARALLEL_DELETES, i -> delete(garbage.get(i))));
  }

  /** The names after {@code last}, which is the least that stays. */
  private Future<Void> collect(String prefix, String last, List<String> garbage) {
    return ObjectPages.each(
        bucket,
        ListObjectsV2Request.builder().prefix(prefix).startAfter(last),
        page -> {
          objects.ours(key, page).forEach(garbage::add);
          return garbage.size() + ObjectPages.MAX_NAMES <= MAX_DELETED;
        });
  }

  private Future<Void> delete(String name) {
    DeleteObjectRequest request =
        DeleteObjectRequest.builder().bucket(bucket.name()).key(name).build();
    return bucket.write("delete '" + name + "'", client -> client.deleteObject(request)).mapEmpty();
  }
}
