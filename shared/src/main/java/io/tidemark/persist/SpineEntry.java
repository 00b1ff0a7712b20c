package io.tidemark.persist;

/**
 * A batch of the spine as it is stored, and the numbers of the pushed batches that it stands for.
 */
record SpineEntry(IdRange ids, Batch batch) {}
