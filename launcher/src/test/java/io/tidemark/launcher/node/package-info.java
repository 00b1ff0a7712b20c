/** Tests of a whole node. */
@NullUnmarked
package io.tidemark.launcher.node;

import org.jspecify.annotations.NullUnmarked;
