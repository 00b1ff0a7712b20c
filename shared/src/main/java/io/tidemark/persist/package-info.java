/**
 * The shard: a durable, definite collection over one blob store and one consensus store. Knows
 * nothing of the event bus.
 */
@NullMarked
package io.tidemark.persist;

import org.jspecify.annotations.NullMarked;
