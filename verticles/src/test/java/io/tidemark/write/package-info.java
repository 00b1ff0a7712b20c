@NullUnmarked
package io.tidemark.write;

import org.jspecify.annotations.NullUnmarked;
