package io.tidemark.persist;

import java.util.Set;

/**
 * What needs an object of a shard.
 *
 * @param state the newest one, read after the object was listed
 * @param current the parts that it names
 * @param live the parts that it or any version that is still there names
 * @param base the rollup that the oldest version names, which the state may not know
 */
record References(ShardState state, Set<String> current, Set<String> live, String base) {

  /** Why an object is there. */
  enum Kind {
    /** A part that the newest state names. */
    CURRENT,
    /** A part that only older versions name: somebody may still be reading it. */
    HISTORY,
    /** The state as of some version. */
    ROLLUP,
    /** Nothing names it yet, and whoever wrote it may still have it named. */
    IN_FLIGHT,
    /** Nothing names it, and nothing ever will. */
    GARBAGE
  }

  /**
   * Why this one is there. A writer that is not registered any more never will be again, and a
   * rollup is refused once there is a newer one.
   */
  Kind kind(ObjectName object) {
    if (object.writer() == null) {
      return rollupKind(object);
    }
    if (current.contains(object.key())) {
      return Kind.CURRENT;
    }
    if (live.contains(object.key())) {
      return Kind.HISTORY;
    }
    return state.writer(object.writer()) == null ? Kind.GARBAGE : Kind.IN_FLIGHT;
  }

  private Kind rollupKind(ObjectName object) {
    Rollup known = state.rollups().get(object.rollupSeqno());
    if (object.key().equals(base) || (known != null && known.key().equals(object.key()))) {
      return Kind.ROLLUP;
    }
    return object.rollupSeqno() > state.rollup().seqno() ? Kind.IN_FLIGHT : Kind.GARBAGE;
  }
}
