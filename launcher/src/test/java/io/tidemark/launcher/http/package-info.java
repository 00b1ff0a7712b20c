/** Tests of the HTTP face. */
@NullUnmarked
package io.tidemark.launcher.http;

import org.jspecify.annotations.NullUnmarked;
