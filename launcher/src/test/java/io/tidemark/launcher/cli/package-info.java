/** Tests of the command line, in this process and in real ones. */
@NullUnmarked
package io.tidemark.launcher.cli;

import org.jspecify.annotations.NullUnmarked;
