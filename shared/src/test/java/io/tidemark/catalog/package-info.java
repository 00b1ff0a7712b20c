/** Tests of {@code io.tidemark.catalog}. */
@NullUnmarked
package io.tidemark.catalog;

import org.jspecify.annotations.NullUnmarked;
