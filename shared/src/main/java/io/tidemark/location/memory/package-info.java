/** Stores in memory: deterministic, on no thread of their own, gone with the process. */
@NullMarked
package io.tidemark.location.memory;

import org.jspecify.annotations.NullMarked;
