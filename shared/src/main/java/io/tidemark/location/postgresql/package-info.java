/** Consensus in a PostgreSQL database that many nodes share. */
@NullMarked
package io.tidemark.location.postgresql;

import org.jspecify.annotations.NullMarked;
