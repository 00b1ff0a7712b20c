package io.tidemark.catalog;

import io.tidemark.persist.ShardId;
import io.tidemark.protocol.FailureCode;
import io.tidemark.protocol.RefusedException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * The list of collections as it is stored: one value, and what may become of it. Immutable.
 *
 * @param format 1: there is no retention, and nothing is being dropped
 * @param collections by name
 * @param dropped those of which something may be left, by the name of their shard
 * @param lastEpoch none of those that were dropped has had a later epoch. Collections that are
 *     created begin after it, so that what was meant for one of the same name before is told apart
 */
public record Listing(
    int format,
    Map<String, CollectionSpec> collections,
    Map<String, DroppedCollection> dropped,
    Long lastEpoch) {

  static final int FORMAT = 2;

  static final Listing NONE = new Listing(FORMAT, Map.of(), Map.of(), 0L);

  public Listing {
    dropped = dropped == null ? Map.of() : dropped;
    lastEpoch = lastEpoch == null ? 0L : lastEpoch;
  }

  /**
   * The collection of that name.
   *
   * @throws RefusedException with {@link FailureCode#UNKNOWN_COLLECTION} if there is none
   */
  public CollectionSpec find(String name) {
    CollectionSpec collection = collections.get(name);
    if (collection == null) {
      throw new RefusedException(
          FailureCode.UNKNOWN_COLLECTION,
          droppedAs(name).isEmpty()
              ? "there is no collection '" + name + "': create it, or look at the list"
              : "there is no collection '" + name + "' any more: it was dropped");
    }
    return collection;
  }

  /** Those of that name of which something may be left. */
  public Collection<DroppedCollection> droppedAs(String name) {
    return dropped.values().stream().filter(each -> each.collection().name().equals(name)).toList();
  }

  Listing with(CollectionSpec created) {
    CollectionSpec existing = collections.get(created.name());
    if (existing != null && existing.shard().equals(created.shard())) {
      return this; // an earlier try of this very call, which was not answered
    }
    if (existing != null) {
      throw new RefusedException(
          FailureCode.COLLECTION_EXISTS,
          "collection '"
              + created.name()
              + "' exists already: use it, alter it, or choose another name");
    }
    if (!droppedAs(created.name()).stream().allMatch(DroppedCollection::hasEnded)) {
      throw new RefusedException(
          FailureCode.UNAVAILABLE,
          "'" + created.name() + "' is being dropped: create it again in a moment");
    }
    if (collections.size() + dropped.size() >= Catalog.MAX_COLLECTIONS) {
      throw new RefusedException(
          FailureCode.OVERLOADED,
          "there are "
              + Catalog.MAX_COLLECTIONS
              + " collections, "
              + dropped.size()
              + " of which are being dropped: drop one first, or wait until they are gone");
    }
    return replaced(created.after(lastEpoch));
  }

  Listing altered(String name, UnaryOperator<CollectionSpec> change) {
    return replaced(change.apply(find(name)));
  }

  private Listing replaced(CollectionSpec changed) {
    Map<String, CollectionSpec> all = new TreeMap<>(collections);
    all.put(changed.name(), changed);
    return new Listing(FORMAT, all, dropped, lastEpoch);
  }

  /** Without a collection, unless another one has its name by now. */
  Listing without(CollectionSpec going) {
    if (dropped.containsKey(going.shard().text())) {
      return this; // an earlier try, or somebody else
    }
    if (!find(going.name()).shard().equals(going.shard())) {
      throw new RefusedException(
          FailureCode.UNKNOWN_COLLECTION,
          "'" + going.name() + "' was dropped and created again meanwhile: look at the list");
    }
    Map<String, CollectionSpec> others = new TreeMap<>(collections);
    CollectionSpec unused = others.remove(going.name());
    return withDropped(others, new DroppedCollection(going, null), lastEpoch);
  }

  /** Nothing can be written any more to a shard that was dropped. */
  Listing ended(ShardId shard, long epoch) {
    DroppedCollection going = dropped.get(shard.text());
    if (going == null || going.hasEnded()) {
      return this;
    }
    DroppedCollection ended = new DroppedCollection(going.collection(), epoch);
    return withDropped(collections, ended, Math.max(lastEpoch, epoch));
  }

  private Listing withDropped(
      Map<String, CollectionSpec> left, DroppedCollection going, long epoch) {
    Map<String, DroppedCollection> all = new TreeMap<>(dropped);
    all.put(going.collection().shard().text(), going);
    return new Listing(FORMAT, left, all, epoch);
  }

  /** Nothing is left of a shard that was dropped. */
  Listing forgotten(ShardId shard) {
    if (!dropped.containsKey(shard.text())) {
      return this;
    }
    Map<String, DroppedCollection> others = new TreeMap<>(dropped);
    List<String> gone = List.of(shard.text());
    others.keySet().removeAll(gone);
    return new Listing(FORMAT, collections, others, lastEpoch);
  }
}
