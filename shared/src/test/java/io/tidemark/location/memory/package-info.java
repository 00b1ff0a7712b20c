/** Tests of the stores in memory. */
@NullUnmarked
package io.tidemark.location.memory;

import org.jspecify.annotations.NullUnmarked;
