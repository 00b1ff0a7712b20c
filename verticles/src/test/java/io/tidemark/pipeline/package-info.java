/** The whole pipeline on a real event bus, with SQLite and files. */
@NullUnmarked
package io.tidemark.pipeline;

import org.jspecify.annotations.NullUnmarked;
