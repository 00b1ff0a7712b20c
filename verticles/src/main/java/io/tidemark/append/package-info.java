/** Commits batches to the shard, in order, and tells the world. */
@NullMarked
package io.tidemark.append;

import org.jspecify.annotations.NullMarked;
