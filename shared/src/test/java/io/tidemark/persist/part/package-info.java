/** Tests of parts, with DuckDB and parquet-java as witnesses. */
@NullUnmarked
package io.tidemark.persist.part;

import org.jspecify.annotations.NullUnmarked;
