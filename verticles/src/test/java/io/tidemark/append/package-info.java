/** Tests of what is appended, and what becomes of it. */
@NullUnmarked
package io.tidemark.append;

import org.jspecify.annotations.NullUnmarked;
