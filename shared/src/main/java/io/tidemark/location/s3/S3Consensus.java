package io.tidemark.location.s3;

import io.tidemark.environment.Environment;
import io.tidemark.environment.Retry;
import io.tidemark.location.Arguments;
import io.tidemark.location.Consensus;
import io.tidemark.location.DeterminateException;
import io.tidemark.location.IndeterminateException;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;

/**
 * Consensus in a bucket alone, by writes that the server refuses if the object is there already
 * ({@code If-None-Match: *}), which many processes may share:
 *
 * <pre>
 * s3://bucket/prefix/consensus/
 *   KEY/v/7ffffffffffffffa        version 5: its bytes; '!' stands for each slash of KEY
 *   KEY/f/7ffffffffffffffc        floor 3, empty: every version below 3 is truncated
 * </pre>
 *
 * <p>Numbers count down in the names, so the first name of a list is the newest. A truncation
 * writes its floor before it deletes anything; the greatest floor counts. Versions below it are not
 * there for anybody, though their objects may be: the last {@link Truncation#KEPT_VERSIONS} stay,
 * so that who comes late with their number is refused as long as possible.
 *
 * <p>Why one number is never won twice, and no reader sees what did not win:
 *
 * <ol>
 *   <li>A floor is written only up to a version that is there, and the head is never deleted. So
 *       the greatest version is always live, and the greatest floor never falls: an older one is
 *       deleted only while a greater one is there, and one that lands late is less than that.
 *   <li>Version n is deleted only after a floor greater than n was written. So if the floor is at
 *       most n when it is looked up after a write of n that the server took, n had never been there
 *       before: no other write of n was taken, nor will be, since n is deleted only once it is
 *       below the floor. Then the answer is true. Else the write may have landed long after n was
 *       truncated: the answer is that nobody knows, and the object is below the floor for ever.
 *   <li>A write of n is sent only if n-1 is known to have been committed, so numbers have no gap;
 *       and it is sent once, so that a refusal means that another has n.
 *   <li>A reader looks up the floor after it has read: what is at or above it was never deleted
 *       before, so it is what won. If something it has read is below, it begins again.
 * </ol>
 *
 * <p>A commit to a key whose head this process has committed or read takes a write and a list; the
 * list of the head comes before them otherwise. May be used by several threads.
 */
public final class S3Consensus implements Consensus, AutoCloseable {

  private static final String FOLDER = "consensus";

  /** A conflict is with another write that is under way, and soon is not. */
  private static final Retry.Policy CONFLICT = new Retry.Policy(20, 500, 5_000);

  /** A reader loses to a truncation seldom, and hardly twice. */
  private static final Retry.Policy OVERTAKEN = new Retry.Policy(5, 200, 10_000);

  private final S3Bucket bucket;
  private final VersionObjects objects;
  private final Environment environment;
  private final KnownHeads known = new KnownHeads();

  private S3Consensus(S3Bucket bucket, Environment environment) {
    this.bucket = bucket;
    this.objects = new VersionObjects(bucket);
    this.environment = environment;
  }

  /**
   * Opens the store, with the credentials of the environment, and tries that the server refuses a
   * second write. Blocks: not for an event loop.
   *
   * @throws DeterminateException if there are no credentials, the bucket cannot be listed or
   *     written, or the server ignores the condition
   */
  public static S3Consensus open(S3Location location, Environment environment) {
    return probed(S3Bucket.open(location.below(FOLDER)), environment);
  }

  static S3Consensus open(
      S3Location location,
      Environment environment,
      S3Timing timing,
      AwsCredentialsProvider credentials) {
    return probed(S3Bucket.open(location.below(FOLDER), timing, credentials), environment);
  }

  private static S3Consensus probed(S3Bucket bucket, Environment environment) {
    try {
      ConditionProbe.run(bucket, environment.entropy().nextId());
    } catch (RuntimeException e) {
      bucket.close();
      throw e;
    }
    return new S3Consensus(bucket, environment);
  }

  @Override
  public Future<Optional<Version>> head(String key) {
    Arguments.key(key);
    return again(() -> objects.newest(key).compose(newest -> read(key, newest)))
        .onSuccess(head -> head.ifPresent(version -> known.committed(key, version.seqno())));
  }

  private Future<Optional<Version>> read(String key, long newest) {
    return newest < 0
        ? Future.succeededFuture(Optional.empty())
        : objects.versions(key, List.of(newest)).map(versions -> Optional.of(versions.get(0)));
  }

  @Override
  public Future<Boolean> compareAndSet(String key, Version next) {
    Arguments.key(key);
    long head = known.of(key);
    if (head >= 0 && next.seqno() == head + 1) {
      return append(key, next);
    }
    return objects
        .newest(key)
        .compose(
            newest ->
                next.seqno() == newest + 1 ? append(key, next) : Future.succeededFuture(false));
  }

  private Future<Boolean> append(String key, Version next) {
    return Retry.of(
            environment,
            CONFLICT,
            e -> S3Failure.status(e) == S3Failure.CONFLICT,
            () -> objects.create(key, next))
        .compose(created -> created ? confirm(key, next.seqno()) : Future.succeededFuture(false))
        .onSuccess(any -> known.committed(key, next.seqno()));
  }

  /** The object is there now; was it for the first time? */
  private Future<Boolean> confirm(String key, long seqno) {
    return objects
        .floor(key)
        .recover(
            e ->
                Future.failedFuture(
                    new IndeterminateException(
                        "version "
                            + seqno
                            + " of '"
                            + key
                            + "' was written, but not seen to count: "
                            + e.getMessage(),
                        e)))
        .map(
            floor -> {
              if (floor > seqno) {
                throw new IndeterminateException(
                    "version "
                        + seqno
                        + " of '"
                        + key
                        + "' was written, but all below "
                        + floor
                        + " are truncated by now: nobody knows whether it came in time");
              }
              return true;
            });
  }

  @Override
  public Future<List<Version>> scan(String key, long from, int limit) {
    Arguments.key(key);
    Arguments.seqno(from);
    Arguments.limit(limit);
    return again(
            () ->
                objects
                    .numbers(key, from, limit)
                    .compose(numbers -> objects.versions(key, numbers)))
        .onSuccess(
            versions -> {
              if (!versions.isEmpty()) {
                known.committed(key, versions.get(versions.size() - 1).seqno());
              }
            });
  }

  /**
   * {@inheritDoc}
   *
   * <p>Done once its floor is there. What cannot be deleted then is left to the next truncation. Of
   * two truncations at one time, both may count what they have in common.
   */
  @Override
  public Future<Long> truncate(String key, long seqno) {
    Arguments.key(key);
    Arguments.seqno(seqno);
    return new Truncation(bucket, objects, key).run(seqno);
  }

  @Override
  public Future<Void> listKeys(Consumer<String> keys) {
    return objects.keys(keys);
  }

  private static <T> Future<T> overtaken(Throwable e) {
    return Future.failedFuture(
        e instanceof VersionObjects.OvertakenException
            ? new DeterminateException("cannot read: " + e.getMessage() + ", time and again", e)
            : e);
  }

  private <T> Future<T> again(Supplier<Future<T>> read) {
    return Retry.of(
            environment, OVERTAKEN, VersionObjects.OvertakenException.class::isInstance, read)
        .recover(S3Consensus::overtaken);
  }

  /** Refuses calls from now on; those under way fail. */
  @Override
  public void close() {
    bucket.close();
  }
}
