/** Real clusters of several nodes, in one process. */
@NullUnmarked
package io.tidemark.launcher.cluster;

import org.jspecify.annotations.NullUnmarked;
