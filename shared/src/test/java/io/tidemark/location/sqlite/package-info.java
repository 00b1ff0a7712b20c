/** Tests of consensus in SQLite. */
@NullUnmarked
package io.tidemark.location.sqlite;

import org.jspecify.annotations.NullUnmarked;
