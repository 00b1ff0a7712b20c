package io.tidemark.persist;

import java.util.Objects;

/**
 * How far a producer has been committed. Changed only in the same step as the updates that it
 * speaks of, which is what makes a retry exactly-once.
 *
 * @param sequence the number of its last committed message
 * @param updates how many updates all its messages had, together
 * @param time a time at which a snapshot holds the last one's updates
 * @param instance who sent the last one, as it named itself; empty if it did not
 * @param touchedMillis the wall clock when it was last committed; only decides when it is forgotten
 */
public record Position(
    long sequence, long updates, long time, String instance, long touchedMillis) {

  /** Where a producer stands that was never heard of. */
  public static final Position NONE = new Position(0, 0, 0, "", 0);

  public Position {
    Objects.requireNonNull(instance, "a position has no instance");
  }
}
