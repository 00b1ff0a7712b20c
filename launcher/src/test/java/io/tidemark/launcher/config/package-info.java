/** Tests of the configuration. */
@NullUnmarked
package io.tidemark.launcher.config;

import org.jspecify.annotations.NullUnmarked;
