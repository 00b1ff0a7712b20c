package io.tidemark.append;

import io.tidemark.persist.FencedException;

/**
 * Somebody else coordinates a collection.
 *
 * @param own the last epoch that was begun here; 0 if none was
 * @param by the epoch that ended it, or kept it from beginning
 */
public record Fencing(long own, FencedException by) {}
