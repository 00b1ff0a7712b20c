package io.tidemark.location.s3;

import io.tidemark.location.Consensus;
import io.tidemark.location.Consensus.Version;
import io.vertx.core.Future;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import java.util.stream.Stream;
import software.amazon.awssdk.services.s3.model.CommonPrefix;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Object;

/** The requests that {@link S3Consensus} is made of. */
final class VersionObjects {

  /** How many versions are read at once. */
  static final int PARALLEL_READS = 16;

  /** What the first page of a list has room for: most readers have seen all but the last. */
  private static final int FIRST_NAMES = 50;

  /** What a list has room for of which only the first name is wanted, if others are in the way. */
  private static final int FEW_NAMES = 3;

  private static final String ONLY_IF_ABSENT = "*";

  private final S3Bucket bucket;
  private final ConsensusNames names;

  VersionObjects(S3Bucket bucket) {
    this.bucket = bucket;
    this.names = new ConsensusNames(bucket.location().prefix());
  }

  /** A truncation passed what was being read: to be read anew. */
  static final class OvertakenException extends RuntimeException {
    private static final long serialVersionUID = 1;

    OvertakenException(String key) {
      super("'" + key + "' was truncated while it was read");
    }
  }

  ConsensusNames names() {
    return names;
  }

  /** The greatest number of a key, or -1 if it has none. It is live: the head is never deleted. */
  Future<Long> newest(String key) {
    return first(key, names.versions(key), -1);
  }

  /** The greatest floor of a key, or 0 if it was never truncated. */
  Future<Long> floor(String key) {
    return first(key, names.floors(key), 0);
  }

  private Future<Long> first(String key, String prefix, long none) {
    AtomicLong first = new AtomicLong(none);
    return ObjectPages.each(
            bucket,
            ListObjectsV2Request.builder().prefix(prefix).maxKeys(FEW_NAMES),
            page -> {
              Optional<String> found = ours(key, page).findFirst();
              found.ifPresent(name -> first.set(ConsensusNames.seqno(name)));
              return found.isEmpty();
            })
        .map(listed -> first.get());
  }

  /** Without what others put there: some servers show what is being written, by another name. */
  Stream<String> ours(String key, ListObjectsV2Response page) {
    return page.contents().stream().map(S3Object::key).filter(name -> names.isOurs(key, name));
  }

  /** Writes a version. Returns whether it was not there; then it is now, though maybe too late. */
  Future<Boolean> create(String key, Version version) {
    return bucket
        .put(
            PutObjectRequest.builder()
                .key(names.version(key, version.seqno()))
                .ifNoneMatch(ONLY_IF_ABSENT),
            version.data())
        .map(true)
        .recover(
            e ->
                S3Failure.status(e) == S3Failure.PRECONDITION_FAILED
                    ? Future.succeededFuture(false)
                    : Future.failedFuture(e));
  }

  /**
   * The least {@code limit} live numbers from {@code from} on, ascending.
   *
   * @throws OvertakenException (in the future) if the list does not fit together
   */
  Future<List<Long>> numbers(String key, long from, int limit) {
    Collected collected = new Collected(key, from, limit);
    return ObjectPages.each(
            bucket,
            ListObjectsV2Request.builder().prefix(names.of(key)).maxKeys(FIRST_NAMES),
            collected::page)
        .map(listed -> collected.ascending());
  }

  /** Floors come first, the greatest before all; then versions, from the head downwards. */
  private final class Collected {
    private final String key;
    private final int limit;
    private final ArrayDeque<Long> least = new ArrayDeque<>();
    private long lowest;
    private boolean floorSeen;

    Collected(String key, long from, int limit) {
      this.key = key;
      this.lowest = from;
      this.limit = limit;
    }

    boolean page(ListObjectsV2Response page) {
      for (String name : ours(key, page).toList()) {
        long seqno = ConsensusNames.seqno(name);
        if (names.isFloor(key, name)) {
          lowest = floorSeen ? lowest : Math.max(lowest, seqno);
          floorSeen = true;
        } else if (seqno < lowest) {
          return false;
        } else {
          add(seqno);
        }
      }
      return true;
    }

    private void add(long seqno) {
      if (!least.isEmpty() && least.getLast() != seqno + 1) {
        throw new OvertakenException(key);
      }
      least.addLast(seqno);
      if (least.size() > limit) {
        var unused = least.removeFirst();
      }
    }

    List<Long> ascending() {
      if (!least.isEmpty() && least.getLast() != lowest) {
        throw new OvertakenException(key);
      }
      List<Long> numbers = new ArrayList<>(least.size());
      least.descendingIterator().forEachRemaining(numbers::add);
      return numbers;
    }
  }

  /**
   * Versions by their numbers, which are ascending and were live.
   *
   * @throws OvertakenException (in the future) if they may not be what was committed, since they
   *     are truncated by now
   */
  Future<List<Version>> versions(String key, List<Long> numbers) {
    if (numbers.isEmpty()) {
      return Future.succeededFuture(List.of());
    }
    AtomicReferenceArray<Version> read = new AtomicReferenceArray<>(numbers.size());
    return Lanes.run(
            numbers.size(),
            PARALLEL_READS,
            i -> get(key, numbers.get(i)).onSuccess(version -> read.set(i, version)).mapEmpty())
        .compose(done -> floor(key))
        .map(
            floor -> {
              if (floor > numbers.get(0)) {
                throw new OvertakenException(key);
              }
              Version[] versions = new Version[numbers.size()];
              Arrays.setAll(versions, read::get);
              return List.of(versions);
            });
  }

  private Future<Version> get(String key, long seqno) {
    String name = names.version(key, seqno);
    GetObjectRequest request = GetObjectRequest.builder().bucket(bucket.name()).key(name).build();
    return bucket
        .read(
            "get '" + name + "'",
            client -> client.getObject(request, new WholeObject(name, Consensus.MAX_VALUE_BYTES)))
        .map(data -> new Version(seqno, data))
        .recover(
            e -> Future.failedFuture(S3Failure.isMissing(e) ? new OvertakenException(key) : e));
  }

  /** Passes every key on. */
  Future<Void> keys(Consumer<String> keys) {
    return ObjectPages.each(
        bucket,
        ListObjectsV2Request.builder().prefix(names.folder()).delimiter("/"),
        page -> {
          page.commonPrefixes().stream().map(CommonPrefix::prefix).map(names::key).forEach(keys);
          return true;
        });
  }
}
