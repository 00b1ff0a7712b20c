/** Tests of consensus in PostgreSQL, against a server that they start. */
@NullUnmarked
package io.tidemark.location.postgresql;

import org.jspecify.annotations.NullUnmarked;
