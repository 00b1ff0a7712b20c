package io.tidemark.protocol;

/**
 * The addresses of the event bus. Those of a collection and {@link #ADMIN} are public and stable;
 * what is under {@code tidemark.internal.} may change.
 */
public final class Addresses {

  /** Create, describe, list and drop collections. */
  public static final String ADMIN = "tidemark.admin";

  /** Published when the list of collections has changed. */
  public static final String CATALOG = "tidemark.internal.catalog";

  /** Published by each node when it learns that a collection was dropped: its name and shard. */
  public static final String DROPPED = "tidemark.internal.dropped";

  private static final String PUBLIC = "tidemark.";
  private static final String INTERNAL = "tidemark.internal.";

  private Addresses() {}

  /** Where rows of a collection are sent. */
  public static String rows(String collection) {
    return PUBLIC + collection;
  }

  /** Where a producer opens a session, and a source claims a partition. */
  public static String open(String collection) {
    return PUBLIC + collection + ".open";
  }

  /** Where each advance of a collection's upper is published. */
  public static String upper(String collection) {
    return PUBLIC + collection + ".upper";
  }

  /** Where each committed batch of a collection is published. */
  public static String changes(String collection) {
    return PUBLIC + collection + ".changes";
  }

  /** Where a reading of a collection is begun. */
  public static String read(String collection) {
    return PUBLIC + collection + ".read";
  }

  /** Where one instance of the read verticle is asked for what its readings give. */
  public static String reader(String reader) {
    return INTERNAL + "read." + reader;
  }

  /** Where one instance of the write verticle receives from clients and coordinators. */
  public static String writer(String writer) {
    return INTERNAL + "write." + writer;
  }

  /** Where whoever coordinates a collection is asked to compact it, or to collect garbage. */
  public static String upkeep(String collection) {
    return INTERNAL + "upkeep." + collection;
  }

  /** Where batch descriptions of a collection are published by one coordination of it. */
  public static String descriptions(String coordination) {
    return INTERNAL + "descriptions." + coordination;
  }

  /** Where one coordination's minter receives. */
  public static String mint(String coordination) {
    return INTERNAL + "mint." + coordination;
  }

  /** Where one coordination's appender receives. */
  public static String append(String coordination) {
    return INTERNAL + "append." + coordination;
  }
}
