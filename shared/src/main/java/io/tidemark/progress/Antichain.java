package io.tidemark.progress;

import java.util.Objects;

/**
 * A frontier of a totally ordered, never negative time: one time, or empty.
 *
 * <p>A time {@code t} is <em>still possible</em> under a frontier {@code f} iff {@code
 * f.lessEqual(t)}. The empty frontier allows no time any more: it is the greatest. The order is
 * {@code {0} < {1} < … < {}}.
 */
public final class Antichain implements Comparable<Antichain> {

  /** The greatest time an update can carry: its successor must still be a frontier. */
  public static final long MAX_TIME = Long.MAX_VALUE - 1;

  private static final Antichain EMPTY = new Antichain(0, true);
  private static final Antichain MINIMUM = new Antichain(0, false);

  private final long time;
  private final boolean empty;

  private Antichain(long time, boolean empty) {
    this.time = time;
    this.empty = empty;
  }

  /**
   * The frontier {@code {time}}.
   *
   * @throws IllegalArgumentException if {@code time} is negative
   */
  public static Antichain of(long time) {
    if (time < 0) {
      throw new IllegalArgumentException("time " + time + " is negative");
    }
    return time == 0 ? MINIMUM : new Antichain(time, false);
  }

  /** The frontier after which nothing more can come. */
  public static Antichain empty() {
    return EMPTY;
  }

  /** The frontier {@code {0}}, under which every time is possible. */
  public static Antichain minimum() {
    return MINIMUM;
  }

  /** True iff no time is possible any more. */
  public boolean isEmpty() {
    return empty;
  }

  /**
   * The one time of this frontier.
   *
   * @throws IllegalStateException if this is the empty frontier
   */
  public long time() {
    if (empty) {
      throw new IllegalStateException("the empty frontier has no time");
    }
    return time;
  }

  /** True iff {@code t} is still possible under this frontier. */
  public boolean lessEqual(long t) {
    return !empty && time <= t;
  }

  /** True iff this frontier is at or before {@code other}. */
  public boolean lessEqual(Antichain other) {
    return compareTo(other) <= 0;
  }

  /** True iff this frontier is strictly before {@code other}. */
  public boolean lessThan(Antichain other) {
    return compareTo(other) < 0;
  }

  /** The later of two frontiers. */
  public static Antichain join(Antichain a, Antichain b) {
    return a.compareTo(b) >= 0 ? a : b;
  }

  /** The earlier of two frontiers. */
  public static Antichain meet(Antichain a, Antichain b) {
    return a.compareTo(b) <= 0 ? a : b;
  }

  @Override
  public int compareTo(Antichain other) {
    if (empty || other.empty) {
      return Boolean.compare(empty, other.empty);
    }
    return Long.compare(time, other.time);
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof Antichain other && time == other.time && empty == other.empty;
  }

  @Override
  public int hashCode() {
    return Objects.hash(time, empty);
  }

  /** {@code {5}} or {@code {}}. */
  @Override
  public String toString() {
    return empty ? "{}" : "{" + time + "}";
  }
}
