/** Tests of consolidation. */
@NullUnmarked
package io.tidemark.persist.consolidate;

import org.jspecify.annotations.NullUnmarked;
