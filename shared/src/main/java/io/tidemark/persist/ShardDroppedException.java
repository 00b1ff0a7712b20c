package io.tidemark.persist;

/** A shard was dropped: it holds nothing any more, and nobody can write it again. */
public final class ShardDroppedException extends RuntimeException {

  private static final long serialVersionUID = 1;

  public ShardDroppedException(ShardId shard) {
    super("shard " + shard + " was dropped: create another collection in its place");
  }
}
