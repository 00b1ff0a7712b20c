@NullUnmarked
package io.tidemark.protocol;

import org.jspecify.annotations.NullUnmarked;
