/** Parts: blocks of updates as immutable Parquet files in memory, written and read. */
@NullMarked
package io.tidemark.persist.part;

import org.jspecify.annotations.NullMarked;
