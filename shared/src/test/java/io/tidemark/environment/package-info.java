/** Tests of {@code io.tidemark.environment}. */
@NullUnmarked
package io.tidemark.environment;

import org.jspecify.annotations.NullUnmarked;
