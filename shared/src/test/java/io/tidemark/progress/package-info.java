/** Tests of the algebra of time. */
@NullUnmarked
package io.tidemark.progress;

import org.jspecify.annotations.NullUnmarked;
