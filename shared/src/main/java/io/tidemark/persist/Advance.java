package io.tidemark.persist;

/**
 * A producer's messages in one append.
 *
 * @param first the number of the first of them: the committed one plus 1
 * @param last the number of the last of them
 * @param updates how many updates they have, together
 * @param time a time at which a snapshot holds their updates
 * @param instance who sent the last of them, as it named itself; empty if it did not
 */
public record Advance(long first, long last, long updates, long time, String instance) {

  public Advance {
    if (first < 1 || last < first) {
      throw new IllegalArgumentException("messages " + first + " to " + last + " are no range");
    }
  }

  /** This and the messages that follow it, as one. */
  public Advance then(Advance next) {
    if (next.first != last + 1) {
      throw new IllegalArgumentException(
          "message " + next.first + " does not follow message " + last);
    }
    return new Advance(first, next.last, updates + next.updates, next.time, next.instance);
  }

  /** The same messages, at {@code newTime}. */
  public Advance at(long newTime) {
    return new Advance(first, last, updates, newTime, instance);
  }
}
