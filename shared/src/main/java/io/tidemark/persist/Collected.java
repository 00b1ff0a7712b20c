package io.tidemark.persist;

/**
 * What garbage collection has removed.
 *
 * @param parts objects that held parts
 * @param rollups objects that held rollups
 * @param versions versions of the shard in consensus
 */
public record Collected(long parts, long rollups, long versions) {

  /** Nothing was removed. */
  static final Collected NOTHING = new Collected(0, 0, 0);

  /** This and more. */
  Collected plus(Collected more) {
    return new Collected(parts + more.parts, rollups + more.rollups, versions + more.versions);
  }
}
