/** Tests of the commands that work at the stores: real ones, really damaged. */
@NullUnmarked
package io.tidemark.launcher.tools;

import org.jspecify.annotations.NullUnmarked;
