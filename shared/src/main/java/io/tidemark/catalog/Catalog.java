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
    return list().map(Listing::collections);
  }

  /** The whole list, as of consensus. */
  public Future<Listing> list() {
    return again(() -> consensus.head(KEY).map(Catalog::decode));
  }

  /**
   * Creates a collection.
   *
   * @throws RefusedException (in the future) if the name or number of partitions is wrong, the name
   *     is taken or still {@linkplain #ended being dropped}, or there are too many collections
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
            name, schema, mode, partitions, ShardId.random(environment.entropy()), retention, 0L);
    return change(listing -> listing.with(created)).map(listing -> listing.find(name));
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
    return change(listing -> listing.altered(name, change)).map(listing -> listing.find(name));
  }

  /**
   * Takes a collection off the list, and remembers that what it holds has to be deleted. Whoever
   * uses it learns that when they read the list again.
   *
   * @throws RefusedException (in the future) if there is none of that name
   */
  public Future<DroppedCollection> drop(String name) {
    return list()
        .map(listing -> listing.find(name))
        .compose(
            going ->
                change(listing -> listing.without(going))
                    .map(done -> new DroppedCollection(going, null)));
  }

  /** The shard of a dropped collection has ended: another one may have its name. */
  Future<Void> ended(ShardId shard, long lastEpoch) {
    return change(listing -> listing.ended(shard, lastEpoch)).mapEmpty();
  }

  /** Nothing is left of a dropped collection. */
  Future<Void> forget(ShardId shard) {
    return change(listing -> listing.forgotten(shard)).mapEmpty();
  }

  /** Yields the changed list. */
  private Future<Listing> change(UnaryOperator<Listing> change) {
    return again(
        () ->
            consensus
                .head(KEY)
                .compose(
                    head -> {
                      Listing before = decode(head);
                      Listing after = change.apply(before);
                      return after.equals(before)
                          ? Future.succeededFuture(after)
                          : commit(head, after).map(after);
                    }));
  }

  private Future<Void> commit(Optional<Version> head, Listing listing) {
    long seqno = head.map(version -> version.seqno() + 1).orElse(0L);
    byte[] encoded = encode(listing);
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

  private static Listing decode(Optional<Version> head) {
    if (head.isEmpty()) {
      return Listing.NONE;
    }
    try {
      Listing stored = Cbor.mapper().readValue(head.get().data(), Listing.class);
      if (stored.format() > Listing.FORMAT) {
        throw new IllegalStateException(
            "the list of collections has format "
                + stored.format()
                + ", and this version of Tidemark reads up to "
                + Listing.FORMAT
                + ": use the newer version");
      }
      return stored;
    } catch (IOException e) {
      throw new IllegalStateException("the list of collections does not decode", e);
    }
  }

  private static byte[] encode(Listing listing) {
    try {
      return Cbor.mapper().writeValueAsBytes(listing);
    } catch (IOException e) {
      throw new IllegalStateException("the list of collections does not encode", e);
    }
  }

  /** Somebody else changed the list first. */
  private static final class LostRaceException extends RuntimeException {
    private static final long serialVersionUID = 1;

    LostRaceException() {
      super("the list of collections changed meanwhile", null, false, false);
    }
  }
}
