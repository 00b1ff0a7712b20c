package io.tidemark.persist;

/**
 * The contents of a collection at one time, and what changes after it. Both must be closed.
 *
 * @param snapshot the contents at {@link Snapshot#asOf()}
 * @param listen the updates at later times
 */
public record Subscription(Snapshot snapshot, Listen listen) {}
