/** Tests of the demo, in this process and in real ones. */
@NullUnmarked
package io.tidemark.launcher.demo;

import org.jspecify.annotations.NullUnmarked;
