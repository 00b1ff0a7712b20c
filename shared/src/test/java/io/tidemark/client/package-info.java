/** Tests of {@code io.tidemark.client}. */
@NullUnmarked
package io.tidemark.client;

import org.jspecify.annotations.NullUnmarked;
