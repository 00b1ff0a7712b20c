/** The two stores that a shard leans on, blob and consensus, and how their calls may fail. */
@NullMarked
package io.tidemark.location;

import org.jspecify.annotations.NullMarked;
