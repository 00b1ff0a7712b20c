package io.tidemark.catalog;

import io.tidemark.environment.Environment;
import io.tidemark.environment.Retry;
import io.tidemark.location.Consensus;
import io.tidemark.location.Consensus.Version;
import io.tidemark.location.ExternalException;
import io.tidemark.persist.Cbor;
import io.tidemark.persist.ShardId;
import io.tidemark.protocol.FailureCode;
import io.tidemark.protocol.Mode;
import io.tidemark.protocol.RefusedException;
import io.tidemark.row.Schema;
import io.vertx.core.Future;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * The list of collections: one key of the consensus store, whose versions are the whole list.
 * Belongs to one context.
 */
public final class Catalog {

  /** The most collections. */
  public static final int MAX_COLLECTIONS = 4096;

  static final String KEY = "catalog";

  private final Consensus consensus;
  private final Environment environment;
  private final Retry.Policy retry;

  public Catalog(Consensus consensus, Environment environment, Retry.Policy retry) {
    this.consensus = consensus;
    this.environment = environment;
    this.retry = retry;
  }

  /** All collections, by name, as of consensus. */
  public Future<Map<String, CollectionSpec>> read() {
    return again(() -> consensus.head(KEY).map(head -> decode(head).collections()));
  }

  /**
   * Creates a collection.
   *
   * @throws RefusedException (in the future) if the name or number of partitions is wrong, the name
   *     is taken, or there are too many collections
   */
  public Future<CollectionSpec> create(
      String name, Schema schema, Mode mode, int partitions, Retention retention) {
    try {
      CollectionSpec.check(name, mode, partitions);
    } catch (RefusedException e) {
      return Future.failedFuture(e);
    }
    CollectionSpec created =
        new CollectionSpec(
            name, schema, mode, partitions, ShardId.random(environment.entropy()), retention);
    return change(collections -> added(collections, created)).map(created);
  }

  /**
   * Changes a collection; whoever uses it learns that when they read the list again.
   *
   * @param change makes the new one of the present one, maybe more than once; name and shard stay
   * @return the changed one
   * @throws RefusedException (in the future) if there is none of that name, or {@code change}
   *     refuses
   */
  public Future<CollectionSpec> alter(String name, UnaryOperator<CollectionSpec> change) {
    return change(collections -> replaced(collections, change.apply(found(collections, name))))
        .map(changed -> found(changed, name));
  }

  private static Map<String, CollectionSpec> replaced(
      Map<String, CollectionSpec> collections, CollectionSpec changed) {
    Map<String, CollectionSpec> others = new TreeMap<>(collections);
    others.put(changed.name(), changed);
    return others;
  }

  /**
   * The collection of that name.
   *
   * @throws RefusedException with {@link FailureCode#UNKNOWN_COLLECTION} if there is none
   */
  public static CollectionSpec found(Map<String, CollectionSpec> collections, String name) {
    CollectionSpec collection = collections.get(name);
    if (collection == null) {
      throw new RefusedException(
          FailureCode.UNKNOWN_COLLECTION,
          "there is no collection '" + name + "': create it, or look at the list");
    }
    return collection;
  }

  private static Map<String, CollectionSpec> added(
      Map<String, CollectionSpec> collections, CollectionSpec created) {
    CollectionSpec existing = collections.get(created.name());
    if (created.equals(existing)) {
      return collections; // an earlier try of this very call, which was not answered
    }
    if (existing != null) {
      throw new RefusedException(
          FailureCode.COLLECTION_EXISTS,
          "collection '"
              + created.name()
              + "' exists already: use it, alter it, or choose another name");
    }
    if (collections.size() >= MAX_COLLECTIONS) {
      throw new RefusedException(
          FailureCode.OVERLOADED, "there are " + MAX_COLLECTIONS + " collections: drop one first");
    }
    return replaced(collections, created);
  }

  /** Yields the changed list. */
  private Future<Map<String, CollectionSpec>> change(
      UnaryOperator<Map<String, CollectionSpec>> change) {
    return again(
        () ->
            consensus
                .head(KEY)
                .compose(
                    head -> {
                      Map<String, CollectionSpec> changed =
                          change.apply(decode(head).collections());
                      return commit(head, changed).map(changed);
                    }));
  }

  private Future<Void> commit(Optional<Version> head, Map<String, CollectionSpec> collections) {
    long seqno = head.map(version -> version.seqno() + 1).orElse(0L);
    byte[] encoded = encode(new Stored(Stored.FORMAT, collections));
    if (encoded.length > Consensus.MAX_VALUE_BYTES) {
      return Future.failedFuture(
          new RefusedException(
              FailureCode.OVERLOADED,
              "the list of collections would take "
                  + encoded.length
                  + " bytes, and "
                  + Consensus.MAX_VALUE_BYTES
                  + " is the limit: drop one first, or give this one fewer columns"));
    }
    return consensus
        .compareAndSet(KEY, new Version(seqno, encoded))
        .compose(
            won -> won ? forgetBefore(seqno) : Future.<Void>failedFuture(new LostRaceException()));
  }

  /** Only the newest list is of use. That old ones stay a while does no harm. */
  private Future<Void> forgetBefore(long seqno) {
    return consensus.truncate(KEY, seqno).<Void>mapEmpty().otherwiseEmpty();
  }

  private <T> Future<T> again(Supplier<Future<T>> call) {
    return Retry.of(
        environment,
        retry,
        e -> e instanceof ExternalException || e instanceof LostRaceException,
        call);
  }

  private static Stored decode(Optional<Version> head) {
    if (head.isEmpty()) {
      return new Stored(Stored.FORMAT, Map.of());
    }
    try {
      Stored stored = Cbor.mapper().readValue(head.get().data(), Stored.class);
      if (stored.format() > Stored.FORMAT) {
        throw new IllegalStateException(
            "the list of collections has format "
                + stored.format()
                + ", and this version of Tidemark reads up to "
                + Stored.FORMAT
                + ": use the newer version");
      }
      return stored;
    } catch (IOException e) {
      throw new IllegalStateException("the list of collections does not decode", e);
    }
  }

  private static byte[] encode(Stored stored) {
    try {
      return Cbor.mapper().writeValueAsBytes(stored);
    } catch (IOException e) {
      throw new IllegalStateException("the list of collections does not encode", e);
    }
  }

  /**
   * The list as it is stored.
   *
   * @param format 1: collections have no retention
   */
  private record Stored(int format, Map<String, CollectionSpec> collections) {
    static final int FORMAT = 2;
  }

  /** Somebody else changed the list first. */
  private static final class LostRaceException extends RuntimeException {
    private static final long serialVersionUID = 1;

    LostRaceException() {
      super("the list of collections changed meanwhile", null, false, false);
    }
  }
}
