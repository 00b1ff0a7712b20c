/** Sums the updates of a collection row by row, in bounded memory: the core of a snapshot. */
@NullMarked
package io.tidemark.persist.consolidate;

import org.jspecify.annotations.NullMarked;
