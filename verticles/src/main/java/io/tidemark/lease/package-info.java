/** Who coordinates a collection: a hint for liveness, never for safety. */
@NullMarked
package io.tidemark.lease;

import org.jspecify.annotations.NullMarked;
