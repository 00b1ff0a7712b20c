/** Consensus in one SQLite database: the embedded default. */
@NullMarked
package io.tidemark.location.sqlite;

import org.jspecify.annotations.NullMarked;
