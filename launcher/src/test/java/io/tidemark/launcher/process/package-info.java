/** Tests of the jar: real processes, killed at random moments. */
@NullUnmarked
package io.tidemark.launcher.process;

import org.jspecify.annotations.NullUnmarked;
