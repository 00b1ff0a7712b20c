@NullUnmarked
package io.tidemark.persist;

import org.jspecify.annotations.NullUnmarked;
