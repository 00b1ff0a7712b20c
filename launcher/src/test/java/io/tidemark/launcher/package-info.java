/** Tests of the process. */
@NullUnmarked
package io.tidemark.launcher;

import org.jspecify.annotations.NullUnmarked;
