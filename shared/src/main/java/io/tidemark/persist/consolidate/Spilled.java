package io.tidemark.persist.consolidate;

/**
 * What a consolidation has written to disk so far.
 *
 * @param bytes how many bytes, over all levels
 * @param files how many partitions, over all levels
 * @param depth how many times the most divided row was written
 */
public record Spilled(long bytes, int files, int depth) {}
